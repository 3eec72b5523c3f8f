/**
 * Who approved what, how fast, and what came of it: figures for each user and tool, rubber-stamp
 * runs as rule APR-001 counts them, alerts that followed an approval. Made of rows in memory.
 */
import {
  APPROVAL_FAST_MS,
  APPROVAL_INCIDENT_MS_MAX,
  APPROVAL_LIST_MAX,
  APPROVAL_RUN_ACCEPTS_MIN,
  APPROVAL_RUN_MS_MAX,
  APPROVAL_USERS_MAX,
  VIEW_NAMES_MAX,
} from '@vitrine/schema';
import type {
  ApprovalPlace,
  ApprovalViews,
  ApprovedIncident,
  RubberStampRun,
  UserApprovals,
} from '@vitrine/schema/api';
import type { Connection } from '../client/connection.ts';
import type { ApprovalViewQuery } from '../view-query.ts';
import { type Decided, decidedOf, figuresOf, isAccepted, median } from './approval-figures.ts';
import { type AlertAfter, approvalRows, gravesOf } from './approval-rows.ts';

const NS_PER_MS = 1_000_000n;

export async function approvalViews(
  connection: Connection,
  query: ApprovalViewQuery,
  max?: number,
): Promise<ApprovalViews> {
  const { user, tool, ...asked } = query;
  const { rows, waits, looked } = await approvalRows(connection, asked, max);
  const decided = decidedOf(rows, waits).filter(
    (row) => (user === undefined || row.user === user) && (tool === undefined || row.tool === tool),
  );
  const accepts = decided.filter((row) => row.by === 'human' && isAccepted(row));
  const sessions = [...new Set(accepts.map(({ session }) => session))];
  const alerts = sessions.length === 0 ? [] : await gravesOf(connection, asked, sessions);
  const users = usersOf(decided);
  const runs = runsOf(accepts);
  const incidents = incidentsOf(accepts, alerts);
  return {
    users: users.slice(0, APPROVAL_USERS_MAX),
    users_of: users.length,
    runs: runs.slice(0, APPROVAL_LIST_MAX),
    runs_of: runs.length,
    incidents: incidents.slice(0, APPROVAL_LIST_MAX),
    incidents_of: incidents.length,
    looked,
  };
}

/** Most decisions by a person first. */
function usersOf(decided: readonly Decided[]): UserApprovals[] {
  const users = [...Map.groupBy(decided, ({ user, namedBy }) => `${namedBy} ${user}`).values()];
  return users.map(userOf).sort((a, b) => b.human - a.human || b.decisions - a.decisions);
}

function userOf(rows: Decided[]): UserApprovals {
  const tools = [...Map.groupBy(rows, ({ tool }) => tool)]
    .map(([tool, some]) => ({ tool, ...figuresOf(some) }))
    .sort((a, b) => b.human - a.human || b.decisions - a.decisions);
  const { user, namedBy } = rows[0]!;
  return {
    user,
    named_by: namedBy,
    sessions: new Set(rows.map(({ session }) => session)).size,
    ...figuresOf(rows),
    tools: tools.slice(0, APPROVAL_USERS_MAX),
    tools_of: tools.length,
  };
}

/** The newest first. A run is whatever windows of enough fast accepts reach into each other. */
function runsOf(accepts: readonly Decided[]): RubberStampRun[] {
  const fast = accepts.filter(({ waited }) => waited !== null && waited < APPROVAL_FAST_MS);
  const users = Map.groupBy(fast, ({ user, namedBy }) => `${namedBy} ${user}`);
  const runs = [...users.values()].flatMap((rows) => runsOfUser(rows.toSorted(byTime)));
  return runs.sort((a, b) => (BigInt(a.last.t) > BigInt(b.last.t) ? -1 : 1));
}

function runsOfUser(rows: readonly Decided[]): RubberStampRun[] {
  const bound = BigInt(APPROVAL_RUN_MS_MAX) * NS_PER_MS;
  const stretches: { from: number; to: number }[] = [];
  for (let from = 0; from + APPROVAL_RUN_ACCEPTS_MIN <= rows.length; from++) {
    const to = from + APPROVAL_RUN_ACCEPTS_MIN - 1;
    if (rows[to]!.t - rows[from]!.t > bound) continue;
    const last = stretches.at(-1);
    if (last !== undefined && last.to >= from) last.to = to;
    else stretches.push({ from, to });
  }
  return stretches.map(({ from, to }) => runOf(rows.slice(from, to + 1)));
}

function runOf(rows: readonly Decided[]): RubberStampRun {
  const tools = [...new Set(rows.map(({ tool }) => tool))].sort();
  return {
    user: rows[0]!.user,
    accepts: rows.length,
    first: placeOf(rows[0]!),
    last: placeOf(rows.at(-1)!),
    p50_ms: median(rows.map(({ waited }) => waited!)),
    tools: { names: tools.slice(0, VIEW_NAMES_MAX), of: tools.length },
  };
}

/** The newest alert first. */
function incidentsOf(
  accepts: readonly Decided[],
  alerts: readonly AlertAfter[],
): ApprovedIncident[] {
  const bySession = Map.groupBy(accepts.toSorted(byTime), ({ session }) => session);
  const incidents = alerts.flatMap((alert): ApprovedIncident[] => {
    const rows = bySession.get(alert.session) ?? [];
    const earliest = alert.t - BigInt(APPROVAL_INCIDENT_MS_MAX) * NS_PER_MS;
    const end = firstAfter(rows, alert.t);
    const begin = firstAfter(rows, earliest - 1n);
    const approval = rows[end - 1];
    if (approval === undefined || begin >= end) return [];
    const { idx, t, session: _, ...said } = alert;
    return [
      {
        alert: { index: idx, t: String(t), ...said },
        approval: { ...placeOf(approval), user: approval.user },
        accepts: end - begin,
        after_ms: Number((t - approval.t) / NS_PER_MS),
      },
    ];
  });
  return incidents.sort((a, b) => b.alert.index - a.alert.index);
}

/** Place of the first row later than `t`. */
function firstAfter(rows: readonly Decided[], t: bigint): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (rows[middle]!.t > t) high = middle;
    else low = middle + 1;
  }
  return low;
}

function placeOf({ session, idx, t, tool }: Decided): ApprovalPlace {
  return { session, index: idx, t: String(t), tool };
}

function byTime(a: Decided, b: Decided): number {
  if (a.t !== b.t) return a.t < b.t ? -1 : 1;
  return a.idx - b.idx;
}
