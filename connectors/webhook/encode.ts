/**
 * An alert as the body of a webhook, at most `ALERT_BYTES_MAX` bytes. An untrimmed body holds every
 * member of the record, so a receiver can rebuild its bytes and check the leaf; a long alert is
 * trimmed in a fixed order, and the body says at which steps.
 */
import type { JsonObject } from '@vitrine/schema';
import type { DeliverableAlert } from '../kit/contract.ts';
import { fitAlert } from '../kit/fit.ts';

/** UTF-8 JSON `{type, timestamp, data}`. Throws ALERT_TOO_LARGE. */
export function encodeWebhook(alert: DeliverableAlert): Buffer {
  const timestamp = new Date(Number(BigInt(alert.t) / 1_000_000n)).toISOString();
  return fitAlert(alert, ({ record, id, log, index, leaf, proof, link, test }, trimmed) => {
    const place = { id, log, index, leaf, proof, link, ...(test && { test }) };
    const data: JsonObject = { ...record, ...place, ...(trimmed.length > 0 && { trimmed }) };
    return Buffer.from(JSON.stringify({ type: 'alert.created', timestamp, data }), 'utf8');
  });
}
