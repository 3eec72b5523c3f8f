/** Settings of the webhook connector. */
import { z } from 'zod';
import { deliverySettings } from '../kit/config.ts';
import { secretReference } from '../kit/secret.ts';

const PROTOCOLS = ['http:', 'https:'];
const URL_MISTAKE =
  'must be an http or https URL without user:password@, or {env: NAME} or {file: PATH}';

export const webhookConfig = z.strictObject({
  ...deliverySettings,
  /** Where to POST to; a secret reference when the address itself is the credential. */
  url: z.union([z.string().refine(isPlainUrl, URL_MISTAKE), secretReference()], URL_MISTAKE),
  /** `whsec_` and base64 of 24 to 64 random bytes (Standard Webhooks). */
  secret: secretReference(),
  /** The secret before a change: both sign until every receiver knows the new one. */
  previous_secret: secretReference().optional(),
});

/** The signature is the credential; one in the URL would be in plain sight and is never sent. */
function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return PROTOCOLS.includes(protocol) && username === '' && password === '';
}
