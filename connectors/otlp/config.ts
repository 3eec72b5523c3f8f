/** Settings of the OTLP logs connector. */
import { z } from 'zod';
import { httpSettings, plainUrl } from '../kit/config.ts';
import { JSON_DIALECTS } from '../kit/format.ts';
import { secretReference } from '../kit/secret.ts';

/** RFC 9110 §5.6.2. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What the connector and HTTP itself say. */
const OWN_HEADERS = /^(content-.*|host|transfer-encoding|connection|expect|user-agent)$/i;

const headerName = z
  .string()
  .regex(HEADER_NAME, 'no name of a header')
  .refine((name) => !OWN_HEADERS.test(name), 'this header is not yours to set');

const settings = z.strictObject({
  ...httpSettings,
  url: plainUrl().describe(
    'the receiver: `https://HOST:4318`, to which `/v1/logs` is added, or a whole address',
  ),
  token: secretReference()
    .optional()
    .describe('reference to a token for `Authorization: Bearer`; none is sent when left out'),
  headers: z
    .record(headerName, secretReference())
    .default({})
    .describe('more headers, each value a reference: `{ api-key: { env: NAME } }`'),
  encoding: z.enum(['protobuf', 'json']).default('protobuf').describe('of the request'),
  compression: z.enum(['gzip', 'none']).default('gzip').describe('of the request'),
  dialect: z
    .enum(JSON_DIALECTS)
    .default('ocsf')
    .describe(
      'of the body, which is JSON as text: `ocsf` (OCSF 1.8.0), `ecs` (Elastic Common Schema) or ' +
        '`vitrine` (the record as the log has it)',
    ),
});

/** One of two credentials would be sent, and nobody would know which. */
export const otlpConfig = settings.refine(
  ({ token, headers }) => {
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    const named = token === undefined ? names : [...names, 'authorization'];
    return new Set(named).size === named.length;
  },
  { path: ['headers'], error: 'names a header twice; token is Authorization' },
);
