/** How each connector does, by its name and type alone: nothing that somebody else wrote. */
import type { ConnectorItem } from '@vitrine/schema/api';
import { Counter, Gauge, type Registry } from 'prom-client';

const LABELS = ['connector', 'type'] as const;
type Labels = Record<(typeof LABELS)[number], string>;
type Read = (status: ConnectorItem) => number;

const MS_PER_S = 1_000;

const GAUGES: Record<string, [help: string, read: Read]> = {
  lag_alerts: ['Alerts that wait for a connector.', ({ lag }) => lag],
  lag_seconds: ['Age of the oldest of them.', ({ lagMs }) => lagMs / MS_PER_S],
  dead_letters: ['Dead letters that wait for a person.', ({ dead }) => dead],
  in_flight: ['Requests under way.', ({ inFlight }) => inFlight],
  unconfirmed: ['Alerts that were taken and not confirmed yet.', ({ unconfirmed }) => unconfirmed],
  breaker_open: [
    '1 while the destination does not answer, and gets one request at a time.',
    ({ breaker }) => (breaker === 'open' ? 1 : 0),
  ],
  paused: [
    '1 while nothing is sent: by a person, or because settings are wrong.',
    ({ pausedBy }) => (pausedBy === null ? 0 : 1),
  ],
  last_success_timestamp_seconds: [
    'When an alert was last accepted, unix seconds; 0 since the start: never.',
    ({ lastSuccessAt }) => (lastSuccessAt ?? 0) / MS_PER_S,
  ],
};

const COUNTERS: Record<string, [help: string, read: Read]> = {
  sent_total: ['Alerts that were accepted since the start.', ({ delivered }) => delivered],
  retries_total: ['Times that an alert went out again since the start.', ({ retries }) => retries],
};

/** Asked for at each scrape. */
export function registerDeliveries(registry: Registry, ask: () => ConnectorItem[]): void {
  const statuses = oncePerScrape(ask);
  const common = { labelNames: LABELS, registers: [registry] };
  for (const [name, [help, read]] of Object.entries(GAUGES)) {
    const gauge: Gauge<keyof Labels> = new Gauge({
      ...{ ...common, name: `vitrine_delivery_${name}`, help },
      collect() {
        gauge.reset();
        for (const status of statuses()) gauge.set(labelsOf(status), read(status));
      },
    });
  }
  for (const [name, [help, read]] of Object.entries(COUNTERS)) {
    const counter: Counter<keyof Labels> = new Counter({
      ...{ ...common, name: `vitrine_delivery_${name}`, help },
      collect() {
        counter.reset();
        for (const status of statuses()) counter.inc(labelsOf(status), read(status));
      },
    });
  }
  const failed: Counter<keyof Labels | 'class'> = new Counter({
    name: 'vitrine_delivery_failed_total',
    help: 'Requests that brought nothing since the start, by what became of them.',
    labelNames: [...LABELS, 'class'],
    registers: [registry],
    collect() {
      failed.reset();
      for (const status of statuses()) {
        for (const [kind, count] of Object.entries(status.failures)) {
          failed.inc({ ...labelsOf(status), class: kind }, count);
        }
      }
    },
  });
}

/** One scrape collects all metrics in one turn; counting what waits for each would be dear. */
function oncePerScrape<T>(ask: () => T): () => T {
  let known: { is: T } | undefined;
  return () => {
    if (known === undefined) {
      known = { is: ask() };
      setImmediate(() => {
        known = undefined;
      });
    }
    return known.is;
  };
}

function labelsOf({ name, type }: ConnectorItem): Labels {
  return { connector: name, type };
}
