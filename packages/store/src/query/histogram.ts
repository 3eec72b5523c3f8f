/**
 * How the events of a session lie in time, by their makers' clocks. Counted from the rows below the
 * published size: a table of sums would know rows that no checkpoint covers yet.
 */
import type { Connection } from '../client/connection.ts';
import type { Histogram, HistogramBucket, HistogramQuery } from '../row.ts';
import { conditionOf } from './filter.ts';

const EMPTY: Histogram = { from: '0', to: '0', width_ns: '1', events: 0, buckets: [] };

export async function histogram(connection: Connection, query: HistogramQuery): Promise<Histogram> {
  const { from, to, buckets, ...filter } = query;
  const where = conditionOf(filter, 0, filter.size);
  if (from !== undefined) where.and('t >= {from:Int64}', { from });
  if (to !== undefined) where.and('t <= {to:Int64}', { to });
  const [ends] = await connection.rows<{ low: string; high: string; events: string }>(
    `SELECT min(t) AS low, max(t) AS high, count() AS events FROM records WHERE ${where}`,
    where.params,
  );
  if (ends === undefined || ends.events === '0') return EMPTY;
  const low = from ?? ends.low;
  const high = to ?? ends.high;
  const width = widthOf(BigInt(high) - BigInt(low) + 1n, BigInt(buckets));
  const rows = await connection.rows<{ n: string; vantage: string; events: string }>(
    `SELECT intDiv(t - {low:Int64}, {width:Int64}) AS n, vantage, count() AS events
     FROM records WHERE ${where} GROUP BY n, vantage ORDER BY n, vantage`,
    { ...where.params, low, width: String(width) },
  );
  const found = bucketsOf(rows, BigInt(low), width);
  const events = found.reduce((sum, bucket) => sum + bucket.events, 0);
  return { from: low, to: high, width_ns: String(width), events, buckets: found };
}

/** So that the last nanosecond falls into the last bucket. */
function widthOf(span: bigint, buckets: bigint): bigint {
  return (span + buckets - 1n) / buckets;
}

function bucketsOf(
  rows: readonly { n: string; vantage: string; events: string }[],
  low: bigint,
  width: bigint,
): HistogramBucket[] {
  const buckets = new Map<string, HistogramBucket>();
  for (const { n, vantage, events } of rows) {
    const t = String(low + BigInt(n) * width);
    const bucket = buckets.get(n) ?? { n: Number(n), t, events: 0, vantages: {} };
    bucket.events += Number(events);
    if (vantage !== '') bucket.vantages[vantage] = Number(events);
    buckets.set(n, bucket);
  }
  return [...buckets.values()];
}
