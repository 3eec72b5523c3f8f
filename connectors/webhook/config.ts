/** Settings of the webhook connector. */
import { z } from 'zod';
import { httpSettings, urlOrSecret } from '../kit/config.ts';
import { secretReference } from '../kit/secret.ts';

export const webhookConfig = z.strictObject({
  ...httpSettings,
  url: urlOrSecret().describe(
    'where to POST to; or a secret reference when the address itself is the credential',
  ),
  secret: secretReference().describe(
    'reference to `whsec_` and base64 of 24 to 64 random bytes, as Standard Webhooks says',
  ),
  previous_secret: secretReference()
    .optional()
    .describe('reference to the secret before a change; both sign until it is taken out'),
});
