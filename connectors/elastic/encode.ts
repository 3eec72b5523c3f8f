/**
 * An alert as two lines of a `_bulk` body: `create` with the alert's id, and a document of the
 * Elastic Common Schema with its proof under `vitrine`. At most `ALERT_BYTES_MAX` bytes.
 */
import { isObject } from '@vitrine/schema';
import type { DeliverableAlert } from '../kit/contract.ts';
import { fitAlert } from '../kit/fit.ts';
import { alertJson } from '../kit/format.ts';

/** Of the data stream; the index template's constant fields hold the same. */
export const DATASET = 'vitrine.alerts';

/** Without the last newline. Throws ALERT_TOO_LARGE. */
export function encodeElastic(
  alert: DeliverableAlert,
  { namespace }: { namespace: string },
): Buffer {
  const action = JSON.stringify({ create: { _id: alert.id } });
  return fitAlert(alert, (shorter, trimmed) => {
    const document = alertJson(shorter, 'ecs', trimmed);
    const event = isObject(document.event) ? document.event : {};
    const stream = { type: 'logs', dataset: DATASET, namespace };
    const whole = { ...document, event: { ...event, dataset: DATASET }, data_stream: stream };
    return Buffer.from(`${action}\n${JSON.stringify(whole)}`, 'utf8');
  });
}
