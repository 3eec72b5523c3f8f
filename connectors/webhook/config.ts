/** Settings of the webhook connector. */
import { z } from 'zod';
import { deliverySettings } from '../kit/config.ts';
import { secretReference } from '../kit/secret.ts';

export const webhookConfig = z.strictObject({
  ...deliverySettings,
  /** Where to POST to; a secret reference when the address itself is the credential. */
  url: z.union([z.url({ protocol: /^https?$/ }).refine(hasNoPassword), secretReference()], {
    error: 'must be an http or https URL without user:password@, or {env: NAME} or {file: PATH}',
  }),
  /** `whsec_` and base64 of 24 to 64 random bytes (Standard Webhooks). */
  secret: secretReference(),
  /** The secret before a change: both sign until every receiver knows the new one. */
  previous_secret: secretReference().optional(),
});

/** The signature is the credential; one in the URL would be in plain sight and is never sent. */
function hasNoPassword(url: string): boolean {
  const { username, password } = new URL(url);
  return username === '' && password === '';
}
