/**
 * The sequencer and those who live on what it publishes: detection, delivery, the live tail.
 */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  DEDUPE_WINDOW_MS,
  JOURNAL_TRIM_MS,
  type JsonObject,
  PART_SALT_BYTES,
} from '@vitrine/schema';
import type { Store } from '@vitrine/store';
import type { System } from './api/system.ts';
import { Tail } from './api/tail.ts';
import type { Config } from './config.ts';
import { Deliveries } from './deliver/deliveries.ts';
import { alertSource } from './deliver/source.ts';
import { Detection } from './detect/detection.ts';
import type { Journal } from './queue/journal.ts';
import type { LogIdentity } from './sequence/identity.ts';
import type { IntentStore } from './sequence/intents.ts';
import type { Recovered } from './sequence/recover.ts';
import { type Clock, Sequencer } from './sequence/sequencer.ts';

export interface LiveOptions {
  config: Config;
  store: Store;
  identity: LogIdentity;
  intents: IntentStore;
  recovered: Recovered;
  journal: Journal;
  clock: Clock;
  log: (line: string) => void;
  onFatal: (error: unknown) => void;
}

export interface Live {
  parts: Pick<System, 'tail' | 'published' | 'evidence' | 'detection' | 'deliveries'>;
  caughtUp: (msMax: number) => Promise<void>;
  stop(): Promise<void>;
}

export async function startLive(options: LiveOptions): Promise<Live> {
  const { config, store, identity, intents, recovered, journal, clock, log } = options;
  const tail = new Tail();
  const sequencer = new Sequencer(
    {
      state: recovered.state,
      journal,
      target: { tenant: config.tenant, origin: identity.origin, key: identity.key, store, intents },
      clock,
      salt: salts(),
      log,
      onPublished: (rows, note) => {
        detection.published(rows, note.size);
        if (rows.some((row) => row.kind === 'alert')) deliveries.wake();
        tail.publish(rows);
      },
      onFatal: options.onFatal,
    },
    recovered,
  );
  const detection = startDetection(options, sequencer);
  const deliveries = await startDeliveries(options, sequencer);
  sequencer.start();
  // Pullers continue where the log stands: what the journal still holds must be in it first.
  await sequencer.caughtUp();
  const endTrim = trimJournal(journal, sequencer, log);
  return {
    parts: {
      tail,
      published: () => sequencer.published,
      evidence: () => sequencer.evidence,
      detection: () => detection.status,
      deliveries,
    },
    caughtUp: (msMax) => sequencer.caughtUp(msMax),
    async stop() {
      endTrim();
      tail.close();
      await deliveries.stop();
      await detection.stop();
      await sequencer.stop();
    },
  };
}

function startDetection(options: LiveOptions, sequencer: Sequencer): Detection {
  const { config, store, identity, recovered, journal, clock, log } = options;
  return new Detection({
    log: identity.log,
    folders: { builtin: config.rules.builtin, dir: config.rulesDir },
    store,
    from: recovered.state.consumed.detect,
    sessions: () => recovered.state.sessions.values(),
    size: () => sequencer.published?.size ?? 0,
    onAlerts: (alerts, to) => sequencer.detected(alerts, to),
    onRules: (fields: JsonObject) => {
      const observed = String(clock.nowNs());
      const entry = { kind: 'own', chain: 'audit', record: 'config', observed, fields } as const;
      journal.append(entry).catch((error: unknown) => {
        log(`detect: the log does not name the new rule set: ${String(error)}`);
      });
    },
    print: log,
  });
}

function startDeliveries(options: LiveOptions, sequencer: Sequencer): Promise<Deliveries> {
  const { config, store, identity, journal, clock, log } = options;
  const published = (): ReturnType<System['published']> => sequencer.published;
  return Deliveries.start({
    dir: join(config.dataDir, 'connectors'),
    configured: config.connectors,
    source: alertSource({ ...identity, store, published, publicUrl: config.public_url }),
    journal,
    clock,
    log,
  });
}

/** Deletes segments that the log has whole and the de-duplication window no longer needs. */
function trimJournal(
  journal: Journal,
  sequencer: Sequencer,
  log: (line: string) => void,
): () => void {
  const oldEnough = (path: string): boolean =>
    Date.now() - statSync(path).mtimeMs > DEDUPE_WINDOW_MS;
  const trim = (): void => {
    try {
      journal.trim(sequencer.sealed, oldEnough);
    } catch (error) {
      log(`journal: old segments are still there: ${String(error)}`);
    }
  };
  const timer = setInterval(trim, JOURNAL_TRIM_MS);
  timer.unref();
  return () => clearInterval(timer);
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
