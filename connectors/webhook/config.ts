/** Settings of the webhook connector. */
import { z } from 'zod';
import { httpSettings, isPlainUrl } from '../kit/config.ts';
import { secretReference } from '../kit/secret.ts';

const URL_MISTAKE =
  'must be an http or https URL without user:password@, or {env: NAME} or {file: PATH}';

export const webhookConfig = z.strictObject({
  ...httpSettings,
  url: z
    .union([z.string().refine(isPlainUrl, URL_MISTAKE), secretReference()], URL_MISTAKE)
    .describe('where to POST to; or a secret reference when the address itself is the credential'),
  secret: secretReference().describe(
    'reference to `whsec_` and base64 of 24 to 64 random bytes, as Standard Webhooks says',
  ),
  previous_secret: secretReference()
    .optional()
    .describe('reference to the secret before a change; both sign until it is taken out'),
});
