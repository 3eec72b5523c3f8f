/**
 * The sequencer and those who live on what it publishes: detection, delivery, the live tail.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type JsonObject, PART_SALT_BYTES } from '@vitrine/schema';
import type { Store } from '@vitrine/store';
import type { System } from './api/system.ts';
import { Tail } from './api/tail.ts';
import type { Config } from './config.ts';
import { Deliveries } from './deliver/deliveries.ts';
import { alertSource } from './deliver/source.ts';
import { Detection } from './detect/detection.ts';
import { WordTaker } from './insert/words.ts';
import type { Figures } from './metrics/figures.ts';
import type { Journal } from './queue/journal.ts';
import { JournalRetention } from './queue/retention.ts';
import { Redactor } from './redact/redactor.ts';
import { Retention } from './redact/retention.ts';
import type { LogIdentity } from './sequence/identity.ts';
import type { IntentStore } from './sequence/intents.ts';
import type { Recovered } from './sequence/recover.ts';
import { type Clock, Sequencer } from './sequence/sequencer.ts';
import type { Snapshots } from './sequence/snapshot.ts';
import { subscriptionSource } from './subscribe/source.ts';

const MS_PER_S = 1_000;

export interface LiveOptions {
  config: Config;
  store: Store;
  identity: LogIdentity;
  intents: IntentStore;
  recovered: Recovered;
  snapshots: Snapshots;
  journal: Journal;
  clock: Clock;
  figures: Figures;
  log: (line: string) => void;
  onFatal: (error: unknown) => void;
}

type LiveParts =
  | 'tail'
  | 'published'
  | 'evidence'
  | 'detection'
  | 'rules'
  | 'deliveries'
  | 'redactor'
  | 'journalRetention';

export interface Live {
  parts: Pick<System, LiveParts>;
  caughtUp: (msMax: number) => Promise<void>;
  stop(): Promise<void>;
}

export async function startLive(options: LiveOptions): Promise<Live> {
  const { config, store, identity, intents, recovered, journal, clock, figures, log } = options;
  const { snapshots } = options;
  const tail = new Tail();
  const size = (): number => sequencer.published?.size ?? 0;
  const redactor = new Redactor({ store, log: identity.log, intents, size, print: log });
  const sequencer = new Sequencer(
    {
      state: recovered.state,
      journal,
      target: { tenant: config.tenant, origin: identity.origin, key: identity.key, store, intents },
      clock,
      salt: salts(),
      figures,
      log,
      onPublished: (rows, note) => {
        detection.published(rows, note.size);
        deliveries.wake(rows.some((row) => row.kind === 'alert'));
        tail.publish(rows);
        redactor.published(rows);
      },
      snapshots,
      onFatal: options.onFatal,
    },
    recovered,
  );
  await redactor.repeat();
  const detection = startDetection(options, sequencer);
  const deliveries = await startDeliveries(options, sequencer);
  sequencer.start();
  // Pullers continue where the log stands: what the journal still holds must be in it first.
  await sequencer.caughtUp();
  const kept = startRetention(options, sequencer, redactor);
  const words = new WordTaker({ store, log: identity.log, size, print: log });
  words.start();
  return {
    parts: {
      tail,
      published: () => sequencer.published,
      evidence: () => sequencer.evidence,
      detection: () => detection.status,
      rules: detection,
      deliveries,
      redactor,
      journalRetention: kept.journal,
    },
    caughtUp: (msMax) => sequencer.caughtUp(msMax),
    async stop() {
      await words.stop();
      await kept.stop();
      tail.close();
      await deliveries.stop();
      await detection.stop();
      await sequencer.stop();
      await redactor.stop();
    },
  };
}

function startDetection(options: LiveOptions, sequencer: Sequencer): Detection {
  const { config, store, identity, recovered, journal, clock, log } = options;
  return new Detection({
    log: identity.log,
    dir: join(config.dataDir, 'detect'),
    folders: { builtin: config.rules.builtin, dir: config.rulesDir },
    store,
    from: recovered.state.consumed.detect,
    sessions: () => recovered.state.sessions.values(),
    size: () => sequencer.published?.size ?? 0,
    nowMs: () => performance.now(),
    onAlerts: (alerts, to) => sequencer.detected(alerts, to),
    async onRules(fields: JsonObject) {
      const observed = String(clock.nowNs());
      await journal.append({ kind: 'own', chain: 'audit', record: 'config', observed, fields });
    },
    print: log,
  });
}

function startDeliveries(options: LiveOptions, sequencer: Sequencer): Promise<Deliveries> {
  const { config, store, identity, recovered, journal, clock, log } = options;
  const published = (): ReturnType<System['published']> => sequencer.published;
  const from = { ...identity, store, published, publicUrl: config.public_url };
  return Deliveries.start({
    dir: join(config.dataDir, 'connectors'),
    configured: config.connectors,
    source: alertSource(from),
    subscription: (stream) => subscriptionSource(stream, { ...from, state: recovered.state }),
    journal,
    clock,
    log,
  });
}

/** What goes by its age: segments of the journal, and parts where that is configured. */
function startRetention(
  { config, store, identity, journal, clock, log }: LiveOptions,
  sequencer: Sequencer,
  redactor: Redactor,
): { journal: JournalRetention; stop(): Promise<void> } {
  const sealed = (): number => sequencer.sealed;
  const keepMs = config.journal.keep_seconds * MS_PER_S;
  const journalRetention = new JournalRetention({ journal, keepMs, sealed, log });
  journalRetention.start();
  const published = (): ReturnType<System['published']> => sequencer.published;
  const shared = { config, store, journal, journalRetention, redactor, clock, published };
  const named = { log: identity.log, kept: config.retention, print: log };
  const retention = new Retention({ ...shared, ...named });
  retention.start();
  return {
    journal: journalRetention,
    async stop() {
      journalRetention.stop();
      await retention.stop();
    },
  };
}

/** Salts out of a pool: asking the kernel for each one costs more than the part's hash. */
function salts(): () => Buffer {
  let pool = Buffer.alloc(0);
  return () => {
    if (pool.length === 0) pool = randomBytes(PART_SALT_BYTES * SALTS_POOLED);
    const salt = pool.subarray(0, PART_SALT_BYTES);
    pool = pool.subarray(PART_SALT_BYTES);
    return salt;
  };
}

const SALTS_POOLED = 256;
