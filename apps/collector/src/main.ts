/**
 * Puts the collector together and takes it apart again; does nothing else. The order of the start
 * is the order of trust: the log is whole before anything is accepted.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openStore, type Store } from '@vitrine/store';
import { LoginCodes } from './access/login-codes.ts';
import { Tokens } from './access/tokens.ts';
import { Repeats } from './admit/repeats.ts';
import { Hosts } from './api/hosts.ts';
import { RuleCounts } from './api/rule-counts.ts';
import { startApi } from './api/server.ts';
import type { System } from './api/system.ts';
import { BackupHold } from './backup/hold.ts';
import {
  backupKeepMs,
  type Config,
  configuredSandboxes,
  loadConfig,
  pullTls,
  storeConfig,
} from './config.ts';
import { withDashboardPort } from './dashboard-port.ts';
import { systemCode, unwritable } from './error.ts';
import { replaceFile } from './files.ts';
import { startLive } from './live.ts';
import { lockData } from './lock.ts';
import { Figures } from './metrics/figures.ts';
import { registerGauges } from './metrics/gauges.ts';
import { Discovery } from './pull/discovery.ts';
import { EdrIdentity } from './pull/edr.ts';
import { Fleet, type FleetOptions, pullerName } from './pull/fleet.ts';
import { Journal } from './queue/journal.ts';
import { startReceivers } from './receive/receivers.ts';
import { openAdminToken, type RunFile, removeRunFile, writeRunFile } from './runfile.ts';
import { type LogIdentity, openFingerprintKey, openIdentity } from './sequence/identity.ts';
import { IntentStore } from './sequence/intents.ts';
import { type Recovered, recoverLog } from './sequence/recover.ts';
import { type Clock, hostClock } from './sequence/sequencer.ts';
import { Snapshots } from './sequence/snapshot.ts';
import { Pulls } from './serve/pulls.ts';
import { tracesTo } from './telemetry.ts';
import { Triage } from './triage/triage.ts';

export interface StartOptions {
  dataDir: string;
  configFile?: string;
  log: (line: string) => void;
  /** The log cannot go on: another writer took over, or its state is not ours. */
  onFatal: (error: unknown) => void;
  /** Other than the host's. */
  clock?: Clock;
}

export interface Collector {
  api: string;
  otlp: string;
  otlpGrpc: string;
  adminTokenFile: string;
  identity: LogIdentity;
  stop(): Promise<void>;
}

/** Throws CollectorError and StoreError; DATA_UNWRITABLE where a disk is full or read-only. */
export async function startCollector(options: StartOptions): Promise<Collector> {
  try {
    return await start(options);
  } catch (error) {
    if (!DISK_REFUSALS.has(systemCode(error) ?? '')) throw error;
    throw unwritable('DATA_UNWRITABLE', resolve(options.dataDir), error, NOT_STARTED);
  }
}

/** On a disk that is full, over its quota, or mounted for reading only. */
const DISK_REFUSALS = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);
const NOT_STARTED = {
  outcome: 'the collector cannot start, and nothing was lost',
  meanwhile: 'then start it again',
};

async function start(options: StartOptions): Promise<Collector> {
  const config = await withDashboardPort(loadConfig(options.dataDir, options.configFile));
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const lock = await lockData(config.dataDir);
  const closers: Closers = [() => void lock.close()];
  const undo = (): Promise<void> => closeAll(closers);
  try {
    const store = await openStore(storeConfig(config), options.log);
    closers.push(() => store.close());
    const collector = await startOn(config, store, options, closers);
    return { ...collector, stop: undo };
  } catch (error) {
    await undo();
    throw error;
  }
}

type Closers = (() => Promise<void> | void)[];

/** The latest first; one that fails, on a disk that became read-only, keeps no other from it. */
async function closeAll(closers: Closers): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers.toReversed()) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function startOn(
  config: Config,
  store: Store,
  { log, onFatal, clock = hostClock(() => Date.now()) }: StartOptions,
  closers: Closers,
): Promise<Omit<Collector, 'stop'>> {
  const identity = openIdentity(config.dataDir, config.name, config.tenant);
  openFingerprintKey(config.dataDir);
  const hold = new BackupHold(join(identity.dir, 'backup'), backupKeepMs(config));
  const intents = new IntentStore(identity.dir, () => hold.size);
  const target = { tenant: config.tenant, origin: identity.origin, key: identity.key };
  const snapshots = new Snapshots(identity.dir, identity.key, log);
  const recovered = await recoverLog(identity, { ...target, store, intents }, { snapshots, log });
  replaceFile(join(config.dataDir, 'trust.txt'), identity.trust);
  const { state } = recovered;
  const repeats = new Repeats();
  const journal = openJournal(config, recovered, repeats, log);
  closers.push(() => journal.close());
  const tokens = new Tokens(config.dataDir);
  const adminTokenFile = openAdminToken(config.dataDir, tokens, config.tenant, new Date());
  const traces = await tracesTo(config.traces.endpoint);
  closers.push(traces.stop);
  const figures = new Figures(traces.tracer);
  const live = { config, store, identity, intents, recovered, snapshots, journal, clock, figures };
  const running = await startLive({ ...live, log, onFatal });
  closers.push(running.stop);
  const { caughtUp } = running;
  const fleet = await startFleet(
    { config, identity, journal, clock, state, caughtUp, log },
    closers,
  );
  const { tail, published } = running.parts;
  const size = (): number => published()?.size ?? 0;
  const triage = new Triage({ store, log: identity.log, journal, tail, clock, size });
  const hosts = new Hosts(state);
  const { dataDir, public_url: publicUrl } = config;
  const reading = { store, hosts, tokens, tail, journal, clock, published, print: log };
  const pulls = new Pulls({ ...reading, dataDir, publicUrl, identity });
  closers.push(() => pulls.stop());
  const own = {
    pulls,
    hosts,
    ruleCounts: new RuleCounts({ store: store.alerts, log: identity.log }),
    triage,
    tokens,
    loginCodes: new LoginCodes(),
    caughtUp,
    hold,
  };
  const parts = { ...own, config, clock, store, journal, fleet, identity, state, figures, log };
  const served = await serve({ ...running.parts, ...parts }, repeats, closers);
  return { ...served, adminTokenFile, identity };
}

/** Pulls on where the last run stopped, then looks for what has come since. */
async function startFleet(
  { config, identity, ...parts }: FleetParts & { config: Config; identity: LogIdentity },
  closers: Closers,
): Promise<Fleet> {
  const { directory } = config.pull;
  const configured = configuredSandboxes(config);
  const fleet = new Fleet({
    ...parts,
    dir: join(config.dataDir, 'sandboxes'),
    edr: new EdrIdentity(config.host.edr),
    puller: pullerName(identity),
    tls: pullTls(config),
  });
  closers.push(() => fleet.stop());
  fleet.resume();
  const discovery = new Discovery({ fleet, directory, configured, log: parts.log });
  closers.push(() => discovery.stop());
  await discovery.start();
  return fleet;
}

type FleetParts = Pick<FleetOptions, 'journal' | 'clock' | 'state' | 'caughtUp' | 'log'>;

/** Opens the ports, last of all, and tells commands where they are. */
async function serve(
  system: System,
  repeats: Repeats,
  closers: Closers,
): Promise<{ api: string; otlp: string; otlpGrpc: string }> {
  const { config, journal, clock, tokens, log, identity, store, figures } = system;
  const { tenant } = config;
  const target = { journal, repeats, clock, tokens, tenant, figures, log };
  registerGauges(figures.registry, system);
  const receivers = await startReceivers(target, config.listen);
  closers.push(() => receivers.close());
  // Whoever is told that the system is ready finds its rules in it.
  await system.rules.loaded;
  const api = await startApi(config.listen.host, config.listen.api, system);
  closers.push(() => api.close());
  const { http: otlp, grpc: otlpGrpc } = receivers;
  writeRunFile(config.dataDir, {
    pid: process.pid,
    api: api.url,
    otlp_http: otlp,
    otlp_grpc: otlpGrpc,
    dashboard_port: config.listen.dashboard,
    public_url: config.public_url,
    store: readerOf(config, store),
    origin: identity.origin,
    log: identity.log,
    started: new Date().toISOString(),
  });
  closers.push(() => removeRunFile(config.dataDir));
  return { api: api.url, otlp, otlpGrpc };
}

/** Never the user that may write: a server without a reader is named without credentials. */
function readerOf({ store: { mode, ...server } }: Config, store: Store): RunFile['store'] {
  const given = mode === 'embedded' || ('reader' in server && server.reader !== undefined);
  return given ? store.endpoint : { url: store.endpoint.url, user: '', password: '' };
}

function openJournal(
  config: Config,
  recovered: Recovered,
  repeats: Repeats,
  log: (line: string) => void,
): Journal {
  const dir = config.journal.dir ?? join(config.dataDir, 'journal');
  const journal = new Journal({ dir, fsync: config.journal.fsync, log });
  journal.open(recovered.state.consumed.journal, (entry) => repeats.remember(entry));
  return journal;
}
