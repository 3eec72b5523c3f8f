/** Alerts at a steady rate for a delivery under measure, and what it does with them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { DeliverableAlert, Delivery } from '@vitrine/connectors';
import { sampleAlerts } from '../../../connectors/kit/conformance/sample-log.ts';

const SESSIONS = 200;
const STEP_MS = 20;
const SETTLE_MS = 500;
const MIB = 2 ** 20;
const TEMPLATE = sampleAlerts([{}])[0]!;
const collect = makeCollect();

/** Alerts that are made when they are read: none is kept, so memory is the delivery's own. */
export class Tap {
  /** Alerts that may be read. */
  open = 0;

  readonly source = {
    read: async (after: number, limit: number): Promise<DeliverableAlert[]> => {
      const count = Math.max(0, Math.min(limit, this.open - after - 1));
      return Array.from({ length: count }, (_, i) => alertAt(after + 1 + i));
    },
    tip: async (): Promise<number> => this.open - 1,
  };
}

function alertAt(index: number): DeliverableAlert {
  const id = `alr_${index.toString(16).padStart(32, '0')}`;
  const record = { ...TEMPLATE.record, id, subject: `session-${index % SESSIONS}` };
  return { ...TEMPLATE, id, index, record, t: `${Date.now()}000000` };
}

/** So many more, so many a second, until all are settled; ages in milliseconds. */
export async function pour(
  delivery: Delivery,
  tap: Tap,
  { count, rate }: { count: number; rate: number },
): Promise<{ ms: number; p99: number }> {
  const first = tap.open;
  const ages = new Float64Array(count);
  const started = performance.now();
  for (let seen = 0; seen < count; ) {
    const elapsed = performance.now() - started;
    tap.open = first + Math.min(count, Math.floor((elapsed * rate) / 1_000));
    delivery.wake();
    await sleep(STEP_MS);
    const now = performance.now() - started;
    const { cursor } = delivery.status();
    for (; seen <= cursor - first; seen++) ages[seen] = now - (seen * 1_000) / rate;
  }
  const ms = performance.now() - started;
  return { ms, p99: ages.sort()[Math.floor(count * 0.99)]! };
}

/** So many at once: alerts a second. */
export async function flood(delivery: Delivery, tap: Tap, count: number): Promise<number> {
  const started = performance.now();
  const last = tap.open + count - 1;
  tap.open += count;
  while (delivery.status().cursor < last) {
    delivery.wake();
    await sleep(STEP_MS);
  }
  return (count * 1_000) / (performance.now() - started);
}

/** MiB of heap and buffers, once all is settled and what is dead is gone. */
export async function aliveMib(): Promise<number> {
  await sleep(SETTLE_MS);
  collect();
  await sleep(STEP_MS);
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MIB;
}

function makeCollect(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
