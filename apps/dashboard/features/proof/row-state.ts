/**
 * What a row of a list may claim, from the row alone: its record is canonicalised and hashed again,
 * and its columns are derived again, by the functions the store used. No network, no keys: whether
 * the leaf is in the signed log is what the full proof shows.
 */
import { encodeBase64, hashLeaf, lossOf, sha256, writeCanonical } from '@vitrine/chain/verify';
import type { EventItem } from '@vitrine/schema/api';
import { isObject, RECORD_BYTES_MAX, recordColumns } from '@vitrine/schema/record';
import { outcomeOf } from './verdicts.ts';

export const ROW_STATES = ['sealed', 'pending', 'gap', 'broken'] as const;
export type RowState = (typeof ROW_STATES)[number];

export interface RowStanding {
  state: RowState;
  /** One or two sentences. */
  reason: string;
}

/** What a row shows by itself, whatever the size of the log. */
interface RowCheck {
  fault: string | undefined;
  loss: string | undefined;
}

const COLUMNS = ['session', 'shim', 'seq', 'kind', 't', 'agent', 'severity', 'title'] as const;
const checks = new WeakMap<EventItem, RowCheck>();

/**
 * `size` is the published size of the log. Broken outweighs all, and a loss is shown before it is
 * sealed as well: it must not look like a row that only waits.
 */
export function rowStateOf(item: EventItem, size: number): RowStanding {
  const { fault, loss } = checkOf(item);
  if (fault !== undefined) return { state: 'broken', reason: fault };
  const outcome = outcomeOf(item);
  if (outcome?.proven === false) return { state: 'broken', reason: outcome.reason };
  const pending = item.index >= size;
  const waits = `It is leaf ${item.index}; the published log ends before ${size}.`;
  if (loss !== undefined) return { state: 'gap', reason: pending ? `${loss} ${waits}` : loss };
  if (pending) return { state: 'pending', reason: `Not in the published log yet. ${waits}` };
  return { state: 'sealed', reason: outcome === undefined ? SEALED : PROVEN };
}

const SEALED =
  'The record hashes to its leaf and the row says what the record says. ' +
  'The proof checks the leaf against the signed root.';
const PROVEN = 'Proven in this browser, from the leaf to the trusted key.';

/** Why the row cannot be what was sealed; `undefined` if nothing speaks against it. */
export function rowFault(item: EventItem): string | undefined {
  return checkOf(item).fault;
}

function checkOf(item: EventItem): RowCheck {
  const known = checks.get(item);
  if (known !== undefined) return known;
  const fault = leafFault(item) ?? columnFault(item);
  const check = { fault, loss: fault === undefined ? lossText(item) : undefined };
  checks.set(item, check);
  return check;
}

function leafFault({ record, leaf }: EventItem): string | undefined {
  if (!isObject(record)) return 'The row comes without a record that could be hashed.';
  const hash = leafOf(record);
  if (hash === undefined) return 'The record holds what no record of a log may hold.';
  if (hash === leaf) return undefined;
  return (
    'The record does not hash to its leaf: it was changed after it was sealed. ' +
    `Its hash is ${hash}, the leaf is ${leaf}.`
  );
}

/** Base64 of the leaf hash of a record; `undefined` for what LOG.md §1 allows in none. */
export function leafOf(record: EventItem['record']): string | undefined {
  try {
    const bytes = writeCanonical(record);
    if (bytes.length > RECORD_BYTES_MAX) return undefined;
    return encodeBase64(hashLeaf(sha256, bytes));
  } catch {
    return undefined;
  }
}

function columnFault(item: EventItem): string | undefined {
  const derived = recordColumns(item.record);
  for (const column of COLUMNS) {
    if (item[column] === derived[column]) continue;
    return (
      `The column ${column} was changed: the row says ${quoted(item[column])}, ` +
      `the sealed record says ${quoted(derived[column])}.`
    );
  }
  return undefined;
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}

function lossText({ session, shim, seq, kind, record }: EventItem): string | undefined {
  if (seq === null) return undefined;
  const place = { session, shim, chain: `${session}/${shim}` };
  const loss = lossOf(place, { ...record, seq, kind });
  return loss === undefined ? undefined : `Something is missing here: ${loss.what}.`;
}
