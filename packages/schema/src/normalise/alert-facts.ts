/** What an alert says of the records it rests on, for every dialect. */
import { isObject, type Json, type JsonObject } from '../json.ts';
import { type Facts, filled } from './facts.ts';

/** The members the rule shows of the record that fired, as if they stood in a record. */
export function seenBy(facts: Facts): Facts {
  const { entry } = facts;
  const { event } = entry.record;
  const record = isObject(event) ? event : {};
  const kind = typeof record.kind === 'string' ? record.kind : entry.kind;
  return facts.inside('event', { ...entry, kind, record });
}

/** Places of the records that fired. */
export function evidenceOf(facts: Facts): JsonObject[] {
  return facts.objects('evidence').map(({ log, index, leaf }) =>
    filled({
      log: shortText(facts, log),
      index: typeof index === 'number' ? index : undefined,
      leaf: shortText(facts, leaf),
    }),
  );
}

function shortText(facts: Facts, value: Json | undefined): string | undefined {
  return typeof value === 'string' ? facts.short(value, 'evidence') : undefined;
}
