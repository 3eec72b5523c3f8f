/**
 * The requests and decisions that the approvals of users are made of, the newest ones, with who the
 * runtime says the user is; and the alerts that came after.
 */
import {
  APPROVAL_RECORDS_MAX,
  type JsonObject,
  textColumn,
  VIEW_TEXT_CHARS_MAX,
} from '@vitrine/schema';
import type { ApprovalQuery } from '../approval-row.ts';
import type { Connection } from '../client/connection.ts';
import type { Looked } from '../view-row.ts';
import { Condition } from './condition.ts';
import { conditionOf } from './filter.ts';
import { boundOf } from './looked.ts';

export const REQUEST = 'approval.request';
export const DECISION = 'approval.decision';

export interface ApprovalRow {
  idx: number;
  session: string;
  t: bigint;
  kind: string;
  vantage: string;
  user: string;
  namedBy: 'host' | 'agent' | null;
  tool: string;
  useId: string;
  value: string;
  source: string;
  /** What the decision states of its own waiting time. */
  stated: number | null;
}

type Raw = Record<'idx' | 'session' | 't' | 'kind' | 'vantage' | 'user', string> &
  Record<'tool' | 'use_id' | 'value' | 'source', string> & { stated: number | null };

const text = (...path: string[]): string => {
  const names = path.map((name) => `'${name}'`).join(', ');
  return `leftUTF8(JSONExtractString(record, ${names}), ${VIEW_TEXT_CHARS_MAX / 4})`;
};

export async function approvalRows(
  connection: Connection,
  query: ApprovalQuery,
  max = APPROVAL_RECORDS_MAX,
): Promise<{ rows: ApprovalRow[]; looked: Looked }> {
  const { from, to, ...filter } = query;
  const { size } = query;
  const condition = (first: number, end: number): Condition => {
    const where = conditionOf({ ...filter, kinds: [REQUEST, DECISION] }, first, end);
    if (from !== undefined) where.and('t >= {from:Int64}', { from });
    if (to !== undefined) where.and('t <= {to:Int64}', { to });
    return where;
  };
  const bound = await boundOf(connection, condition(0, size), size, { newest: true, max });
  const where = condition(bound.first, bound.end);
  const raw = await connection.rows<Raw>(
    `SELECT idx, session, t, kind, vantage,
       multiIf(${text('user', 'email')} != '', ${text('user', 'email')},
         ${text('user', 'name')} != '', ${text('user', 'name')}, ${text('user', 'id')}) AS user,
       if(${text('tool', 'name')} != '', ${text('tool', 'name')}, ${text('tool', 'server')}) AS tool,
       ${text('tool', 'use_id')} AS use_id, ${text('decision', 'value')} AS value,
       ${text('decision', 'source')} AS source,
       JSONExtract(record, 'decision', 'latency_ms', 'Nullable(Float64)') AS stated
     FROM records WHERE ${where} ORDER BY session, t, idx LIMIT 1 BY idx`,
    where.params,
  );
  const users = await usersOf(connection, query, [...new Set(raw.map(({ session }) => session))]);
  const rows = raw.map(({ idx, t, use_id: useId, user: said, ...row }): ApprovalRow => {
    const host = users.get(row.session);
    const user = host ?? said;
    const namedBy = host !== undefined ? 'host' : said !== '' ? 'agent' : null;
    return { ...row, idx: Number(idx), t: BigInt(t), useId, user, namedBy };
  });
  return { rows, looked: bound.looked };
}

/** The user that `open` names: the runtime knows better than the agent whose session it is. */
async function usersOf(
  connection: Connection,
  { log, size }: ApprovalQuery,
  sessions: readonly string[],
): Promise<Map<string, string>> {
  const where = Condition.inLog(log, size).and("kind = 'open' AND seq = 0");
  const opens = await connection.rowsOfList<{ session: string; record: string }>(
    `SELECT session, record FROM supervision
     WHERE ${where} AND session IN {sessions:Array(String)} LIMIT 1 BY session`,
    where.params,
    'sessions',
    sessions,
  );
  const named = opens.map(({ session, record }): [string, string] => {
    const user = textColumn(JSON.parse(record) as JsonObject, 'user');
    return [session, user.slice(0, VIEW_TEXT_CHARS_MAX / 4).toWellFormed()];
  });
  return new Map(named.filter(([, user]) => user !== ''));
}

export interface AlertAfter {
  idx: number;
  t: bigint;
  session: string;
  rule: string;
  title: string;
  severity: string;
}

/** Alerts of high and critical about these sessions that are not themselves about approvals. */
export async function gravesOf(
  connection: Connection,
  { log, size }: ApprovalQuery,
  sessions: readonly string[],
): Promise<AlertAfter[]> {
  const where = conditionOf({ log, size, session: 'log', kinds: ['alert'] }, 0, size);
  const rows = await connection.rowsOfList<Record<'idx' | 't' | 'about' | Said, string>>(
    `SELECT idx, t, subject AS about, ${text('rule')} AS rule, ${text('title')} AS title,
       JSONExtractString(record, 'severity') AS severity
     FROM records WHERE ${where} AND subject IN {sessions:Array(String)}
       AND severity IN ('high', 'critical')
       AND NOT startsWith(JSONExtractString(record, 'event', 'kind'), 'approval.')
     ORDER BY idx DESC LIMIT 1 BY idx LIMIT {limit:UInt64}`,
    { ...where.params, limit: APPROVAL_RECORDS_MAX },
    'sessions',
    sessions,
  );
  return rows.map(({ idx, t, about, ...said }) => {
    return { ...said, session: about, idx: Number(idx), t: BigInt(t) };
  });
}

type Said = 'rule' | 'title' | 'severity';
