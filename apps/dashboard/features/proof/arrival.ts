/**
 * How a record came in: its vantage and its way are no part of the record, but of an admit record
 * that stands before it in the same log (LOG.md §2). A row must say of them what that says.
 */
import type { AttachedLeaf } from '@vitrine/chain/verify';
import type { EventItem } from '@vitrine/schema/api';
import { isObject, type Json, type JsonObject, timeColumn } from '@vitrine/schema/record';

const COLUMNS = ['vantage', 'via', 'sandbox', 'peer', 'observed'] as const;
const OWN_SESSION = 'log';
const SUPERVISOR = 'sup';

export type Arrival =
  | { state: 'own' }
  | { state: 'admitted'; admit: number }
  | { state: 'wrong'; sentence: string };

/** `attached` are leaves whose inclusion the verifier has judged. */
export function arrivalOf(item: EventItem, attached: AttachedLeaf[]): Arrival {
  if (item.session === OWN_SESSION || item.shim === SUPERVISOR) return ownArrival(item);
  for (const { index, record } of attached) {
    const run = index < item.index ? runIn(record, item) : undefined;
    if (run === undefined) continue;
    for (const column of COLUMNS) {
      const derived = column === 'observed' ? timeColumn(run.observed) : run[column];
      if (item[column] === derived) continue;
      const said = JSON.stringify(derived ?? null);
      const sentence =
        `The column ${column} was changed: the row says ${JSON.stringify(item[column])}, ` +
        `the admit record at leaf ${index} says ${said}.`;
      return { state: 'wrong', sentence };
    }
    return { state: 'admitted', admit: index };
  }
  const sentence = 'No admit record in the log says how this record came in.';
  return { state: 'wrong', sentence };
}

/** The log's own words were sent by nobody. */
function ownArrival(item: EventItem): Arrival {
  for (const column of COLUMNS) {
    if (item[column] === (column === 'observed' ? '0' : '')) continue;
    const sentence =
      `The column ${column} was changed: the log wrote this record itself, ` +
      `and the row says ${JSON.stringify(item[column])}.`;
    return { state: 'wrong', sentence };
  }
  return { state: 'own' };
}

/** The run of an admit record that covers the item; `undefined` in any other record. */
function runIn(text: string, { session, shim, seq }: EventItem): JsonObject | undefined {
  const record = parsed(text);
  if (!isObject(record) || record.session !== OWN_SESSION || record.shim !== 'admit') {
    return undefined;
  }
  const { runs } = record;
  if (seq === null || !Array.isArray(runs)) return undefined;
  return runs.filter(isObject).find(({ chain, first, last }) => {
    const covers = Number(first) <= seq && seq <= Number(last);
    return chain === `${session}/${shim}` && covers;
  });
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
