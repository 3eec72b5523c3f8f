import { defineConnector } from '../kit/define.ts';
import { webhookConfig } from './config.ts';
import { encodeWebhook } from './encode.ts';
import { signWebhook } from './sign.ts';

export const webhook = defineConnector({
  type: 'webhook',
  config: webhookConfig,
  encode: encodeWebhook,
  request({ items, atMs }, config) {
    const { id, bytes: body } = items[0]!;
    const timestamp = String(Math.floor(atMs / 1_000));
    const secrets = [config.secret, config.previous_secret].filter((s) => s !== undefined);
    const signatures = secrets.map((secret) => signWebhook(secret, id, timestamp, body));
    return {
      method: 'POST',
      url: typeof config.url === 'string' ? config.url : config.url.reveal(),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'vitrine-webhook/1',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signatures.join(' '),
      },
      body,
    };
  },
});
