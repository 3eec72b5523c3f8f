/** Parts that a record commits to and the store has not: which record of the log says why. */
import { isObject, type JsonObject } from '@vitrine/schema';
import type { GonePart } from '@vitrine/schema/api';
import { type Announced, Coverage, type RecordRow } from '@vitrine/store';
import { chainName } from '../sequence/state.ts';
import { ApiError } from './errors.ts';
import type { System } from './system.ts';

/** Of every part of `row` that is not to be shown. `stored` are the names that the store has. */
export async function goneParts(
  system: System,
  row: RecordRow,
  stored: readonly string[],
): Promise<GonePart[]> {
  const committed = (JSON.parse(row.record) as JsonObject).parts;
  const names = isObject(committed) ? Object.keys(committed) : [];
  if (row.seq === null || names.length === 0) return [];
  const size = system.published()?.size ?? 0;
  const { session } = row;
  const list = await system.store.erasure.announced(row.log, size, { session });
  const coverage = new Coverage(list);
  const gone: GonePart[] = [];
  for (const name of names) {
    const by = coverage.of(row.idx, chainName(session, row.shim), row.seq, name);
    if (by !== undefined) gone.push({ name, ...toldBy(by) });
    else if (!stored.includes(name)) gone.push({ name, by: 'unknown' });
  }
  return gone;
}

function toldBy({ kind, idx, record }: Announced): Omit<GonePart, 'name'> {
  const { reason, t, until } = JSON.parse(record) as JsonObject;
  const text = { reason: String(reason ?? ''), t: String(t), until: String(until ?? '') };
  return { by: kind, index: idx, ...text };
}

/** The refusal to show a part that is gone. */
export function goneError(row: RecordRow, { name, by, index, reason }: GonePart): ApiError {
  const part = `part ${name} of ${row.log}/${row.idx}`;
  if (by === 'unknown') return new ApiError('PART_MISSING', `${part} is not stored`);
  const code = by === 'redact' ? 'PART_REDACTED' : 'PART_EXPIRED';
  const word = by === 'redact' ? 'was redacted' : 'has expired';
  return new ApiError(code, `${part} ${word}: ${row.log}/${index} says why (${reason})`);
}
