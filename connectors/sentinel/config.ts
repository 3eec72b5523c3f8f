/** Settings of the Sentinel connector, and the addresses and scopes of Microsoft's clouds. */
import { z } from 'zod';
import { httpSettings, isPlainUrl } from '../kit/config.ts';
import { secretReference } from '../kit/secret.ts';

/**
 * Where a token is asked for and what it is for: "National clouds" of the Microsoft identity
 * platform, and the endpoints of Azure Monitor in each.
 */
export const CLOUDS = {
  public: { authority: 'https://login.microsoftonline.com', scope: 'https://monitor.azure.com' },
  us: { authority: 'https://login.microsoftonline.us', scope: 'https://monitor.azure.us' },
  china: {
    authority: 'https://login.partner.microsoftonline.cn',
    scope: 'https://monitor.azure.cn',
  },
} as const;

const TENANT = /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const RULE = /^dcr-[0-9a-f]{32}$/;
const STREAM = /^Custom-[A-Za-z][A-Za-z0-9_]{0,62}$/;
const ORIGIN_MISTAKE = 'must be an http or https address without path, query or user:password@';

const origin = () => z.string().refine(isOrigin, ORIGIN_MISTAKE);

export const sentinelConfig = z.strictObject({
  ...httpSettings,
  tenant: z
    .string()
    .regex(TENANT, 'must be a tenant id or its domain')
    .describe('directory (tenant) id of the app registration, or its domain'),
  client_id: z
    .string()
    .regex(UUID, 'must be the application id, a UUID')
    .describe('application (client) id of the app registration'),
  client_secret: secretReference().describe('reference to the value of its client secret'),
  endpoint: origin().describe(
    'logs ingestion address of the data collection rule, or of an endpoint (DCE) before it',
  ),
  rule: z
    .string()
    .regex(RULE, 'must be the immutable id, dcr- and 32 hex digits')
    .describe('immutable id of the data collection rule'),
  stream: z
    .string()
    .regex(STREAM, 'must be Custom- and letters, digits or _')
    .default('Custom-VitrineAlerts_CL')
    .describe('name of the stream that the rule declares'),
  cloud: z
    .enum(Object.keys(CLOUDS) as (keyof typeof CLOUDS)[])
    .default('public')
    .describe('Microsoft cloud of the tenant: `public`, `us` or `china`'),
  authority: origin()
    .optional()
    .describe("where tokens are asked for when that is not the cloud's own address"),
});

function isOrigin(text: string): boolean {
  if (!isPlainUrl(text)) return false;
  const { pathname, search, hash } = new URL(text);
  return pathname === '/' && search === '' && hash === '';
}
