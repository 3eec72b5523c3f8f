/** What is read off the system when somebody asks for its figures. */
import { Gauge, type Registry } from 'prom-client';
import type { System } from '../api/system.ts';
import { registerDeliveries } from './deliveries.ts';

const NS_PER_S = 1e9;
const US_PER_S = 1e6;

type Read = (system: System) => number;

const GAUGES: Record<string, [help: string, read: Read]> = {
  vitrine_log_size: ['Leaves of the published log.', ({ published }) => published()?.size ?? 0],
  vitrine_sealed_age_seconds: [
    'Age of the newest seal.',
    ({ state, clock }) => {
      const last = state.lastSeal;
      return last === null ? 0 : Number(clock.nowNs() - last.tNs) / NS_PER_S;
    },
  ],
  vitrine_open_sessions: ['Sessions that are open.', ({ state }) => state.sessions.size],
  vitrine_queue_entries: ['Admitted and not yet sealed.', ({ journal }) => journal.waitingEntries],
  vitrine_queue_bytes: ['Bytes of them.', ({ journal }) => journal.bytes],
  vitrine_sandboxes: ['Sandboxes that are pulled.', ({ fleet }) => fleet.list().length],
  vitrine_followers: ['Clients of the live tail.', ({ tail }) => tail.size],
  vitrine_detect_lag_rows: [
    'Leaves detection has yet to read.',
    ({ detection }) => detection().lag_rows,
  ],
  vitrine_detect_lag_seconds: [
    'Since the oldest leaf that detection has yet to read could be read.',
    ({ detection }) => detection().lag_seconds,
  ],
  vitrine_detect_up: [
    '1 while the thread of detection runs, 0 while it is dead.',
    ({ detection }) => (detection().state === 'running' ? 1 : 0),
  ],
  vitrine_detect_deaths: [
    'Times that the thread of detection has ended since the start.',
    ({ detection }) => detection().deaths,
  ],
  vitrine_detect_failed_rows: [
    'Leaves that a fault of a rule kept from being judged.',
    ({ detection }) => detection().failed.count,
  ],
  process_resident_memory_bytes: [
    'Memory of the collector, without the engine.',
    () => process.memoryUsage.rss(),
  ],
  process_cpu_seconds_total: [
    'Processor time of the collector, without the engine.',
    () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / US_PER_S;
    },
  ],
  process_start_time_seconds: [
    'When the collector started, unix seconds.',
    () => Date.now() / 1_000 - process.uptime(),
  ],
};

/** Once for each system; the registry asks them at each scrape. */
export function registerGauges(registry: Registry, system: System): void {
  const registers = [registry];
  for (const [name, [help, read]] of Object.entries(GAUGES)) {
    const gauge: Gauge = new Gauge({
      ...{ name, help, registers },
      collect: () => gauge.set(read(system)),
    });
  }
  registerDeliveries(registry, () => system.deliveries.status());
}
