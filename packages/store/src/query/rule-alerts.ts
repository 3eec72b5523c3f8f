/** How often each rule has fired, and when last: of the records `alert` of `log/alert`. */
import { RULES_MAX } from '@vitrine/schema';
import type { Connection } from '../client/connection.ts';
import type { RuleAlerts } from '../row.ts';
import { Condition } from './condition.ts';

/** `sinceNs`: what counts as recent, by the time at which the alert was raised. */
export async function ruleAlerts(
  connection: Connection,
  log: string,
  size: number,
  sinceNs: bigint,
): Promise<RuleAlerts[]> {
  const where = Condition.below(log, size).and(
    "session = 'log' AND shim = 'alert' AND kind = 'alert'",
  );
  const rows = await connection.rows<Record<keyof RuleAlerts, string>>(
    `SELECT rule, count() AS total, countIf(t >= {since:Int64}) AS recent, max(t) AS last_t
     FROM (SELECT idx, t, JSONExtractString(record, 'rule') AS rule
       FROM records WHERE ${where} LIMIT 1 BY idx)
     GROUP BY rule ORDER BY total DESC, rule LIMIT {limit:UInt64}`,
    { ...where.params, since: String(sinceNs), limit: 2 * RULES_MAX },
  );
  return rows.map(({ rule, total, recent, last_t }) => {
    return { rule, total: Number(total), recent: Number(recent), last_t: String(last_t) };
  });
}
