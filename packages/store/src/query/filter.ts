/** What a filter of events asks of a row, as a condition. */
import type { EventFilter } from '../row.ts';
import { andQuery } from './compile.ts';
import { Condition } from './condition.ts';

/** Which records, without how many and from where. */
export interface RecordFilter extends Omit<EventFilter, 'order' | 'limit' | 'after'> {
  /** None but these. */
  sessions?: readonly string[];
}

/** Leaves [first, end) of a filter; `after`, `order` and `limit` are the caller's. */
export function conditionOf(filter: RecordFilter, first: number, end: number): Condition {
  const { log, size, sessions, kinds, vantages, query, subject, severities, rule, leaf } = filter;
  const session = ownSession(filter);
  const shim = filter.chain?.split('/')[1];
  const where = Condition.below(log, size).and('idx >= {first:UInt64} AND idx < {end:UInt64}', {
    first,
    end,
  });
  if (session !== undefined) where.and('session = {session:String}', { session });
  if (sessions !== undefined) where.and('session IN {sessions:Array(String)}', { sessions });
  if (shim !== undefined) where.and('shim = {shim:String}', { shim });
  if (kinds !== undefined) where.and('kind IN {kinds:Array(String)}', { kinds });
  if (vantages !== undefined) where.and('vantage IN {vantages:Array(String)}', { vantages });
  if (subject !== undefined) where.and('subject = {subject:String}', { subject });
  if (severities !== undefined) {
    const named = "JSONExtractString(record, 'severity')";
    where.and(`${named} IN {severities:Array(String)}`, { severities });
  }
  if (rule !== undefined) where.and("JSONExtractString(record, 'rule') = {rule:String}", { rule });
  if (leaf !== undefined) where.and('leaf = tryBase64Decode({leaf:String})', { leaf });
  if (query !== undefined) andQuery(where, query);
  return where;
}

/** The session that leads the table's order, named as such or by a chain. */
export function ownSession({ session, chain }: RecordFilter): string | undefined {
  return session ?? chain?.split('/')[0];
}
