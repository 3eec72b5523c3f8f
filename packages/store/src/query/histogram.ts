/**
 * How events lie in time, by their makers' clocks. Counted from the rows below the
 * published size: a table of sums would know rows that no checkpoint covers yet.
 */
import { EVENT_KINDS, type Vantage } from '@vitrine/schema';
import type { Histogram, HistogramBucket } from '@vitrine/schema/api';
import type { Connection } from '../client/connection.ts';
import type { HistogramQuery } from '../row.ts';
import { conditionOf } from './filter.ts';

interface Counted {
  n: string;
  vantage: Vantage | '';
  label: string;
  events: string;
}

/** First labels of kinds. Those that nobody knows are one: a source may invent any number. */
const LABELS = [...new Set([...EVENT_KINDS].map((kind) => kind.split('.', 1)[0]!))];

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
  const rows = await connection.rows<Counted>(
    `SELECT intDiv(t - {low:Int64}, {width:Int64}) AS n, vantage,
       if(has({labels:Array(String)}, substringIndex(kind, '.', 1)),
         substringIndex(kind, '.', 1), 'other') AS label, count() AS events
     FROM records WHERE ${where} GROUP BY n, vantage, label ORDER BY n, vantage, label`,
    { ...where.params, low, width: String(width), labels: LABELS },
  );
  const found = bucketsOf(rows, BigInt(low), width);
  const events = found.reduce((sum, bucket) => sum + bucket.events, 0);
  return { from: low, to: high, width_ns: String(width), events, buckets: found };
}

/** So that the last nanosecond falls into the last bucket. */
function widthOf(span: bigint, buckets: bigint): bigint {
  return (span + buckets - 1n) / buckets;
}

function bucketsOf(rows: readonly Counted[], low: bigint, width: bigint): HistogramBucket[] {
  const buckets = new Map<string, HistogramBucket>();
  for (const { n, vantage, label, events } of rows) {
    const t = String(low + BigInt(n) * width);
    const bucket = buckets.get(n) ?? { n: Number(n), t, events: 0, vantages: {}, kinds: {} };
    const { vantages, kinds } = bucket;
    const count = Number(events);
    bucket.events += count;
    if (vantage !== '') vantages[vantage] = (vantages[vantage] ?? 0) + count;
    kinds[label] = (kinds[label] ?? 0) + count;
    buckets.set(n, bucket);
  }
  return [...buckets.values()];
}
