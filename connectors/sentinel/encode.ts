/**
 * An alert as one row of the table, at most `ALERT_BYTES_MAX` bytes of JSON with its proof, so that
 * no value is near the 64 KiB at which Azure Monitor cuts.
 */
import type { Json, JsonObject } from '@vitrine/schema';
import { alertEntry, severityOf } from '@vitrine/schema/normalise';
import type { DeliverableAlert } from '../kit/contract.ts';
import { fitAlert } from '../kit/fit.ts';
import { alertJson } from '../kit/format.ts';
import { COLUMNS } from './columns.ts';

/** One JSON object without the brackets of the request. Throws ALERT_TOO_LARGE. */
export function encodeSentinel(alert: DeliverableAlert): Buffer {
  return fitAlert(alert, (shorter, trimmed) => {
    return Buffer.from(JSON.stringify(rowOf(shorter, trimmed)), 'utf8');
  });
}

function rowOf(alert: DeliverableAlert, trimmed: string[]): JsonObject {
  const document = alertJson(alert, 'ecs');
  const severity = severityOf(alertEntry(alert));
  const row = { document, severity, trimmed, test: alert.test === true };
  const values = COLUMNS.map(({ name, read }) => [name, read(row)] as const);
  return Object.fromEntries(values.filter((value): value is [string, Json] => holds(value[1])));
}

/** An empty list says no more than a column that is left out. */
function holds(value: Json | undefined): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}
