/**
 * What a record that tells of loss means, in words: how much, whose, and why. The record is what a
 * source or the collector said; a member of the wrong type counts as not said.
 */
import { type JsonObject, readPath } from '@vitrine/schema/record';

const DROP_REASONS: Record<string, string> = {
  spool_full: "the relay's spool was full",
  spool_unwritable: "the relay's spool could not be written",
  overload: 'the relay was overloaded',
  malformed: 'the relay could not read them',
  too_large: 'they were too large',
  rejected: 'the relay refused them',
};

/** `undefined` when the record tells of no loss. */
export function lossWords(kind: string, record: JsonObject): string | undefined {
  const say = WORDS[kind];
  if (say !== undefined) return say(record);
  if (record.broken === true) return 'Came after a broken link: kept, without its chain’s word';
  if (kind === 'end' && record.shim === 'sup' && record.state !== 'closed') {
    const chain = textAt(record, 'target.chain') ?? 'a chain';
    return `Chain ${chain} was lost${because(textAt(record, 'reason'))}`;
  }
  return undefined;
}

const WORDS: Record<string, (record: JsonObject) => string> = {
  'telemetry.gap': gapWords,
  gap: gapWords,
  'telemetry.drop': dropWords,
  broken: brokenWords,
  conflict: conflictWords,
};

function gapWords(record: JsonObject): string {
  const from = countAt(record, 'from');
  const to = countAt(record, 'to');
  const count = from === undefined || to === undefined || to < from ? undefined : to - from + 1;
  const range = count === undefined ? '' : count === 1 ? ` (${from})` : ` (${from} to ${to})`;
  const shim = textAt(record, 'source.shim');
  const chain = textAt(record, 'target.chain');
  const reason = textAt(record, 'reason');
  if (reason === 'shim_sequence' && shim !== undefined) {
    return `${events(count)} lost: ${shim} numbered them${range}, the relay never saw them`;
  }
  if (reason === 'spool_damaged' && chain !== undefined) {
    return `${events(count)} lost: in the spool of ${chain}${range}, unreadable now`;
  }
  const whose = shim ?? chain;
  const of = whose === undefined ? '' : ` of ${whose}`;
  return `${events(count)} lost${of}${range}${because(reason)}`;
}

function dropWords(record: JsonObject): string {
  const reason = textAt(record, 'reason');
  const why = because(reason === undefined ? undefined : (DROP_REASONS[reason] ?? reason));
  const lines = countAt(record, 'lines');
  if (lines !== undefined) return `${many(lines, 'line')} of the trace lost${why}`;
  const records = countAt(record, 'records');
  const requests = countAt(record, 'requests');
  if (records === undefined && requests === undefined) return `Sight lost${why}`;
  if (records === undefined || records === 0) {
    return `${many(requests ?? 0, 'request')} dropped${why}; nobody knows how many events`;
  }
  return `${events(records)} dropped${why}`;
}

function brokenWords(record: JsonObject): string {
  const chain = textAt(record, 'target.chain');
  const seq = countAt(record, 'target.seq');
  const place = chain === undefined ? 'A record' : `Chain ${chain}`;
  const at = seq === undefined ? '' : ` at ${seq}`;
  return `${place} is broken${at}${because(textAt(record, 'reason'))}`;
}

function conflictWords(record: JsonObject): string {
  const chain = textAt(record, 'target.chain') ?? 'a chain';
  const seq = countAt(record, 'target.seq');
  const reason = textAt(record, 'reason');
  if (reason !== undefined) return `Conflict in ${chain}: ${reason}`;
  const place = seq === undefined ? chain : `${chain} at ${seq}`;
  return `Conflict: two different records claim one place, ${place}`;
}

function events(count: number | undefined): string {
  return count === undefined ? 'Events' : many(count, 'event');
}

function many(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

function because(reason: string | undefined): string {
  return reason === undefined || reason === '' ? '' : `: ${reason}`;
}

function textAt(record: JsonObject, path: string): string | undefined {
  const value = readPath(record, path);
  return typeof value === 'string' ? value : undefined;
}

function countAt(record: JsonObject, path: string): number | undefined {
  const value = readPath(record, path);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
