/** Settings of the Elastic connector: Elasticsearch, or OpenSearch with a user and a password. */
import { z } from 'zod';
import { httpSettings, plainUrl } from '../kit/config.ts';
import { secretReference } from '../kit/secret.ts';

/** Last part of a data stream's name: no hyphen, nothing that index names forbid. */
const NAMESPACE = /^[a-z0-9][a-z0-9_.]{0,99}$/;
const CREDENTIALS_MISTAKE = 'set api_key, or username and password; not both';

export const elasticConfig = z
  .strictObject({
    ...httpSettings,
    url: plainUrl().describe(
      'address of the cluster, with the path of a proxy before it if there is one',
    ),
    api_key: secretReference()
      .optional()
      .describe('reference to an API key, encoded as Kibana shows it or `id:key`'),
    username: z
      .string()
      .min(1)
      .optional()
      .describe('user of Basic authentication, with `password`'),
    password: secretReference().optional().describe('reference to the password of `username`'),
    namespace: z
      .string()
      .regex(NAMESPACE, 'must be small letters, digits, _ or .')
      .default('default')
      .describe('last part of the data stream: `logs-vitrine.alerts-<namespace>`'),
  })
  .refine(hasOneWay, CREDENTIALS_MISTAKE);

function hasOneWay(config: { api_key?: unknown; username?: unknown; password?: unknown }): boolean {
  const { api_key, username, password } = config;
  if (api_key !== undefined) return username === undefined && password === undefined;
  return username !== undefined && password !== undefined;
}
