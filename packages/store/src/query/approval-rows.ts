/**
 * The requests and decisions that the approvals of users are made of, the newest ones, with who the
 * runtime says the user is; and the alerts that came after.
 */
import {
  APPROVAL_ALERTS_MAX,
  APPROVAL_RECORDS_MAX,
  type JsonObject,
  textColumn,
  VIEW_TEXT_CHARS_MAX,
} from '@vitrine/schema';
import type { ApprovedIncident, Looked, UserApprovals } from '@vitrine/schema/api';
import type { Connection } from '../client/connection.ts';
import type { ApprovalQuery } from '../view-query.ts';
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
  namedBy: UserApprovals['named_by'];
  tool: string;
  useId: string;
  value: string;
  source: string;
  /** What the decision states of its own waiting time. */
  stated: number | null;
}

/** How long a tool call waited for its user, told apart from the decision (Claude Code's spans). */
export interface Wait {
  session: string;
  value: string;
  source: string;
  ms: number;
  /** When it was decided. */
  end: bigint;
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
): Promise<{ rows: ApprovalRow[]; waits: Wait[]; looked: Looked }> {
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
       if(${text('tool', 'name')} != '', ${text('tool', 'name')},
         ${text('tool', 'server')}) AS tool,
       ${text('tool', 'use_id')} AS use_id, ${text('decision', 'value')} AS value,
       ${text('decision', 'source')} AS source,
       JSONExtract(record, 'decision', 'latency_ms', 'Nullable(Float64)') AS stated
     FROM records WHERE ${where} ORDER BY session, t, idx LIMIT 1 BY idx`,
    where.params,
  );
  const sessions = [...new Set(raw.map(({ session }) => session))];
  const [users, waits] = await Promise.all([
    usersOf(connection, query, sessions),
    waitsOf(connection, query, sessions, max),
  ]);
  const rows = raw.map(({ idx, t, use_id: useId, user: said, ...row }): ApprovalRow => {
    const host = users.get(row.session);
    const user = host ?? said;
    const namedBy = host !== undefined ? 'host' : said !== '' ? 'agent' : null;
    return { ...row, idx: Number(idx), t: BigInt(t), useId, user, namedBy };
  });
  return { rows, waits, looked: bound.looked };
}

async function waitsOf(
  connection: Connection,
  { log, size }: ApprovalQuery,
  sessions: readonly string[],
  max: number,
): Promise<Wait[]> {
  const where = conditionOf({ log, size, kinds: ['other'] }, 0, size);
  const rows = await connection.rowsOfList<
    Pick<Raw, 'session' | 't' | 'value' | 'source'> & { ms: number }
  >(
    `SELECT session, t, ${text('decision', 'value')} AS value,
       ${text('decision', 'source')} AS source,
       JSONExtractFloat(record, 'decision', 'latency_ms') AS ms
     FROM records WHERE ${where} AND session IN {sessions:Array(String)}
       AND position(record, '"latency_ms":') > 0 AND JSONHas(record, 'decision', 'latency_ms')
     ORDER BY idx DESC LIMIT 1 BY idx LIMIT {max:UInt64}`,
    { ...where.params, max },
    'sessions',
    sessions,
  );
  return rows.map(({ t, ms, ...wait }) => {
    return { ...wait, ms, end: BigInt(t) + BigInt(Math.round(ms)) * NS_PER_MS };
  });
}

const NS_PER_MS = 1_000_000n;

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
  /** Of the newest record it rests on. */
  t: bigint;
  session: string;
  rule: string;
  title: string;
  severity: ApprovedIncident['alert']['severity'];
}

/** Alerts of high and critical about these sessions that are not themselves about approvals. */
export async function gravesOf(
  connection: Connection,
  { log, size }: ApprovalQuery,
  sessions: readonly string[],
): Promise<AlertAfter[]> {
  const where = conditionOf({ log, size, session: 'log', kinds: ['alert'] }, 0, size);
  const rows = await connection.rowsOfList<Raised>(
    `SELECT idx, t, subject AS about, ${text('rule')} AS rule, ${text('title')} AS title,
       JSONExtractString(record, 'severity') AS severity,
       arrayMap(one -> toString(one.index), arraySort(one -> one.index,
         JSONExtract(record, 'evidence', 'Array(Tuple(index UInt64))'))) AS leaves
     FROM records WHERE ${where} AND subject IN {sessions:Array(String)}
       AND severity IN ('high', 'critical')
       AND NOT startsWith(JSONExtractString(record, 'event', 'kind'), 'approval.')
     ORDER BY idx DESC LIMIT 1 BY idx LIMIT {limit:UInt64}`,
    { ...where.params, limit: APPROVAL_ALERTS_MAX },
    'sessions',
    sessions,
  );
  const newest = rows.flatMap(({ leaves }) => leaves.slice(-1).map(Number));
  const times = await timesOf(connection, { log, size }, [...new Set(newest)]);
  return rows.map(({ idx, t, about, leaves, ...said }) => {
    // By the clock of whoever told of it, as the approval's: the log's own may be another.
    const when = BigInt(times.get(leaves.at(-1) ?? '') ?? t);
    return { ...said, session: about, idx: Number(idx), t: when };
  });
}

type Raised = Record<'idx' | 't' | 'about' | 'rule' | 'title', string> & {
  severity: AlertAfter['severity'];
  /** In order of index. */
  leaves: string[];
};

async function timesOf(
  connection: Connection,
  { log, size }: ApprovalQuery,
  leaves: readonly number[],
): Promise<Map<string, string>> {
  const where = Condition.below(log, size);
  const rows = await connection.rowsOfList<{ idx: string; t: string }>(
    `SELECT idx, t FROM records WHERE ${where} AND idx IN {leaves:Array(UInt64)}`,
    where.params,
    'leaves',
    leaves,
  );
  return new Map(rows.map(({ idx, t }) => [idx, t]));
}
