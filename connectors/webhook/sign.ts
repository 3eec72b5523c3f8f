/** Standard Webhooks 1.0, symmetric signatures: github.com/standard-webhooks/standard-webhooks. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { WEBHOOK_KEY_BYTES_MAX, WEBHOOK_KEY_BYTES_MIN } from '@vitrine/schema';
import { ConnectorError } from '../kit/error.ts';
import type { Secret } from '../kit/secret.ts';

const PREFIX = 'whsec_';

/** `v1,` and base64 of the HMAC-SHA-256 over id, seconds and the exact bytes of the body. */
export function signWebhook(
  secret: Secret,
  id: string,
  timestamp: string,
  body: Uint8Array,
): string {
  const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body);
  return `v1,${hmac.digest('base64')}`;
}

/** A secret is the same object until it changes, and a key is dear to make. */
const keys = new WeakMap<Secret, KeyObject>();

/** Throws SECRET_INVALID. */
function keyOf(secret: Secret): KeyObject {
  const known = keys.get(secret) ?? readKey(secret);
  keys.set(secret, known);
  return known;
}

function readKey(secret: Secret): KeyObject {
  const text = secret.reveal();
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : '';
  const key = Buffer.from(encoded, 'base64');
  const strict = key.toString('base64') === encoded;
  if (strict && key.length >= WEBHOOK_KEY_BYTES_MIN && key.length <= WEBHOOK_KEY_BYTES_MAX) {
    return createSecretKey(key);
  }
  const sizes = `${WEBHOOK_KEY_BYTES_MIN} to ${WEBHOOK_KEY_BYTES_MAX}`;
  const message = `the webhook secret is not ${PREFIX} and base64 of ${sizes} bytes`;
  const hint = `make one: printf '${PREFIX}%s' "$(openssl rand -base64 32)"`;
  throw new ConnectorError('SECRET_INVALID', message, hint);
}
