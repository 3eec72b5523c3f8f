/**
 * Decisions on what an agent asked to do: how many, how fast, by whom. What makers say, counted;
 * how long somebody waited is what the decision states, or else the time since the request that
 * stands right before it in its session.
 */
import { APPROVAL_GROUPS_MAX } from '@vitrine/schema';
import type { ApprovalGroup, Approvals } from '@vitrine/schema/api';
import type { Connection } from '../client/connection.ts';
import type { ApprovalQuery } from '../view-query.ts';
import { conditionOf } from './filter.ts';

const REQUEST = 'approval.request';
const DECISION = 'approval.decision';
const MINUTE_NS = 60_000_000_000;
const NAME_CHARS_MAX = 128;

interface RawGroup {
  value: string;
  source: string;
  decisions: string;
  known: string;
  fastest: number | null;
  p50: number | null;
  p95: number | null;
}

export async function approvals(connection: Connection, query: ApprovalQuery): Promise<Approvals> {
  const { from, to, ...filter } = query;
  const where = conditionOf({ ...filter, kinds: [REQUEST, DECISION] }, 0, filter.size);
  if (from !== undefined) where.and('t >= {from:Int64}', { from });
  if (to !== undefined) where.and('t <= {to:Int64}', { to });
  const [totals, groups] = await Promise.all([
    totalsOf(connection, String(where), where.params),
    groupsOf(connection, String(where), where.params),
  ]);
  return { ...totals, groups };
}

async function totalsOf(
  connection: Connection,
  where: string,
  params: Record<string, unknown>,
): Promise<Omit<Approvals, 'groups'>> {
  const rows = await connection.rows<Record<'requests' | 'decisions' | 'first' | 'last', string>>(
    `SELECT countIf(kind = '${REQUEST}') AS requests, countIf(kind = '${DECISION}') AS decisions,
       minIf(t, kind = '${DECISION}') AS first, maxIf(t, kind = '${DECISION}') AS last
     FROM records WHERE ${where}`,
    params,
  );
  const [busiest] = await connection.rows<{ minute: string; decisions: string }>(
    `SELECT intDiv(t, ${MINUTE_NS}) AS minute, count() AS decisions
     FROM records WHERE ${where} AND kind = '${DECISION}'
     GROUP BY minute ORDER BY decisions DESC, minute LIMIT 1`,
    params,
  );
  const { requests, decisions, first, last } = rows[0]!;
  const none = busiest === undefined;
  return {
    requests: Number(requests),
    decisions: Number(decisions),
    first_t: none ? null : first,
    last_t: none ? null : last,
    busiest_minute: none
      ? null
      : {
          t: String(BigInt(busiest.minute) * BigInt(MINUTE_NS)),
          decisions: Number(busiest.decisions),
        },
  };
}

async function groupsOf(
  connection: Connection,
  where: string,
  params: Record<string, unknown>,
): Promise<ApprovalGroup[]> {
  const rows = await connection.rows<RawGroup>(
    `WITH asked AS (
       SELECT session, idx, t, kind,
         leftUTF8(JSONExtractString(record, 'decision', 'value'), ${NAME_CHARS_MAX}) AS value,
         leftUTF8(JSONExtractString(record, 'decision', 'source'), ${NAME_CHARS_MAX}) AS source,
         JSONExtract(record, 'decision', 'latency_ms', 'Nullable(Float64)') AS stated
       FROM records WHERE ${where}),
     paired AS (
       SELECT *, lagInFrame(kind) OVER before AS kind_before, lagInFrame(t) OVER before AS t_before,
         if(kind_before = '${REQUEST}', (t - t_before) / 1e6, NULL) AS paired_ms,
         coalesce(stated, paired_ms) AS waited
       FROM asked WINDOW before AS (PARTITION BY session ORDER BY t, idx
         ROWS BETWEEN 1 PRECEDING AND CURRENT ROW))
     SELECT value, source, count() AS decisions, count(waited) AS known,
       min(waited) AS fastest, quantileExact(0.5)(waited) AS p50, quantileExact(0.95)(waited) AS p95
     FROM paired WHERE kind = '${DECISION}'
     GROUP BY value, source ORDER BY decisions DESC, value, source LIMIT {groups:UInt64}`,
    { ...params, groups: APPROVAL_GROUPS_MAX },
  );
  return rows.map(({ value, source, decisions, known, fastest, p50, p95 }) => ({
    value,
    source,
    decisions: Number(decisions),
    waited_ms: known === '0' ? null : { known: Number(known), min: fastest!, p50: p50!, p95: p95! },
  }));
}
