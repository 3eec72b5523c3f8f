/** How often each rule has fired, and when last: of the records `alert` of `log/alert`. */
import { RULES_MAX } from '@vitrine/schema';
import type { Connection } from '../client/connection.ts';
import type { RuleAlerts } from '../row.ts';
import { Condition } from './condition.ts';

/** Recent alerts are told by stretches of so many nanoseconds: ten minutes. */
const SLOT_NS = 600_000_000_000n;
/** A day of them. */
const SLOTS_MAX = 145;

/**
 * Of the leaves `first` to `end`. By rule and, from `sinceNs` on, by the stretch in which the alert
 * was raised: slot 0 has all before.
 */
export async function ruleAlerts(
  connection: Connection,
  log: string,
  { first, end }: { first: number; end: number },
  sinceNs: bigint,
): Promise<RuleAlerts[]> {
  const where = Condition.below(log, end)
    .and("session = 'log' AND shim = 'alert' AND kind = 'alert'")
    .and('idx >= {first:UInt64}', { first });
  const rows = await connection.rows<Record<keyof RuleAlerts, string>>(
    `SELECT rule, if(t < {since:Int64}, 0, intDiv(t, {slot:Int64})) AS slot,
       count() AS total, max(t) AS last_t
     FROM (SELECT idx, t, JSONExtractString(record, 'rule') AS rule
       FROM records WHERE ${where} LIMIT 1 BY idx)
     GROUP BY rule, slot ORDER BY rule, slot LIMIT {limit:UInt64}`,
    {
      ...where.params,
      since: String(sinceNs),
      slot: String(SLOT_NS),
      limit: 2 * RULES_MAX * SLOTS_MAX,
    },
  );
  return rows.map(({ rule, slot, total, last_t }) => {
    const sinceSlot = BigInt(slot) * SLOT_NS;
    return { rule, slot: sinceSlot, total: Number(total), last_t: BigInt(last_t) };
  });
}
