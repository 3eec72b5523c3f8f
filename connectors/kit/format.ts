/**
 * An alert in the dialects of other people's tools, with its proof: what connectors put into a
 * destination's envelope. Relies on `normalise` for what a dialect says.
 */
import { isObject, type JsonObject } from '@vitrine/schema';
import { alertEntry, normalise } from '@vitrine/schema/normalise';
import type { DeliverableAlert } from './contract.ts';

/** Formats with room for the proof: OCSF 1.8.0, ECS, and the record as the log has it. */
export const JSON_DIALECTS = ['ocsf', 'ecs', 'vitrine'] as const;
export type JsonDialect = (typeof JSON_DIALECTS)[number];

/**
 * The proof is `proof` beside log, index, leaf and link: in `unmapped.vitrine` of OCSF, `vitrine`
 * of ECS, and the record itself otherwise; none where `alert.proof` is empty, as that of a test is.
 * A test has `test: true` there. `trimmed` is told there too unless it is empty.
 */
export function alertJson(
  alert: DeliverableAlert,
  dialect: JsonDialect,
  trimmed: string[] = [],
): JsonObject {
  const { id, log, index, leaf, proof, link, test } = alert;
  const extra: JsonObject = {
    ...(proof !== '' && { proof }),
    ...(test && { test }),
    ...(trimmed.length > 0 && { trimmed }),
  };
  if (dialect === 'vitrine') return { ...alert.record, id, log, index, leaf, link, ...extra };
  const made = normalise(alertEntry(alert), dialect) as JsonObject;
  if (dialect === 'ecs') return { ...made, vitrine: { ...objectIn(made, 'vitrine'), ...extra } };
  const unmapped = objectIn(made, 'unmapped');
  const vitrine = { ...objectIn(unmapped, 'vitrine'), ...extra };
  return { ...made, unmapped: { ...unmapped, vitrine } };
}

function objectIn(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isObject(value) ? value : {};
}
