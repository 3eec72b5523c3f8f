/**
 * One relay: takes custody of what shims say, beside or in the sandbox, and keeps it until the host
 * has pulled it. Puts the parts together in the order in which each relies on the one before.
 */
import { randomBytes } from 'node:crypto';
import type { Server as HttpServer, RequestListener } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Server } from 'node:net';
import { HEARTBEAT_MS, type Vantage } from '@vitrine/schema';
import manifest from '../package.json' with { type: 'json' };
import { beginChains, greet } from './chain/begin.ts';
import { ShimTable } from './chain/shims.ts';
import type { OppTls, RelayConfig } from './config.ts';
import { Custody } from './custody/custody.ts';
import { RelayError } from './error.ts';
import { startHeartbeat } from './heartbeat.ts';
import { createIntake } from './intake/server.ts';
import { Bell } from './serve/bell.ts';
import { createServe, createTlsServe, type Served, serveRequests } from './serve/server.ts';
import { listenAt, listenOn } from './socket.ts';
import { lockSpool } from './spool/lock.ts';
import { Spool } from './spool/spool.ts';

export { type IntakeConfig, type RelayConfig, readConfig } from './config.ts';
export { RelayError } from './error.ts';

export interface RelayOptions {
  log: (line: string) => void;
  /** Unix nanoseconds. */
  now?: () => bigint;
  heartbeatMs?: number;
}

export interface Relay {
  /** 16 hex digits, new at each start. */
  boot: string;
  /** Where ports were asked for: of the agent's OTLP, and of the pull over TLS. */
  addresses: { otlp?: string[]; opp?: string };
  /** Ends the chains, answers what waits and closes the sockets; what is in the spool stays. */
  stop(): Promise<void>;
}

const BOOT_BYTES = 8;
/** The agent runs under another uid than the relay; the others are the relay's own or root's. */
const INTAKE_MODES: Record<Vantage, number> = {
  agent: 0o666,
  guest: 0o600,
  boundary: 0o600,
  host: 0o600,
};
const OPP_MODE = 0o600;
/** What connections get to take their last answers. */
const LINGER_MS = 500;

/**
 * Resolves when all sockets listen and the first record of every chain is durable. Erases
 * `config.macKey`. Throws RelayError: SPOOL_LOCKED, SPOOL_FULL, SPOOL_UNREADABLE, SPOOL_UNWRITABLE,
 * SOCKET_IN_USE or SOCKET_UNUSABLE.
 */
export async function runRelay(config: RelayConfig, options: RelayOptions): Promise<Relay> {
  const held: (() => Promise<void>)[] = [];
  const release = async (): Promise<void> => {
    for (const step of held.toReversed()) await step();
  };
  try {
    return await start(config, options, { hold: (step) => held.push(step), release });
  } catch (error) {
    await release();
    throw error;
  } finally {
    config.macKey.fill(0);
  }
}

/** What must be closed again, in reverse order. */
interface Held {
  hold(step: () => Promise<void>): void;
  release(): Promise<void>;
}

async function start(config: RelayConfig, options: RelayOptions, held: Held): Promise<Relay> {
  const { session, spoolDir: dir, spoolBytesMax: bytesMax, spoolSyncMs: syncMs, macKey } = config;
  const { log, now = clock, heartbeatMs: everyMs = HEARTBEAT_MS } = options;
  const lock = await lockSpool(dir);
  held.hold(() => closed(lock));
  const spool = new Spool({ dir, bytesMax, log });
  held.hold(async () => spool.close());

  const shims = new ShimTable(spool.recovered.shims);
  spool.followShims(() => shims.all);
  const bell = new Bell();
  spool.onCommit(() => bell.ring());
  const boot = randomBytes(BOOT_BYTES).toString('hex');
  const vantages = new Set(config.intakes.map(({ vantage }) => vantage));
  const beginning = { session, boot, macKey, vantages, versions: versions() };
  const begun = beginChains(spool, beginning);
  const chains = begun.map(({ chain }) => chain);
  const custody = new Custody({ spool, chains, shims, now, syncMs, log });
  await greet(custody, begun, beginning, spool.recovered.tornBytes);

  const addresses: Relay['addresses'] = {};
  for (const at of config.intakes) {
    const { vantage } = at;
    const intake = createIntake({ vantage, custody, log });
    if ('socket' in at) await listenOn(intake.server, at.socket, INTAKE_MODES[vantage]);
    else
      addresses.otlp = [
        ...(addresses.otlp ?? []),
        `http://${await listenAt(intake.server, at.listen)}`,
      ];
    held.hold(() => intake.close(LINGER_MS));
  }
  const served = { session, boot, spool, custody, shims, bell, now, log };
  Object.assign(addresses, await startServe(config, served, held));
  const stopHeartbeat = startHeartbeat({ spool, custody, chains, shims, everyMs });

  const stop = async (): Promise<void> => {
    stopHeartbeat();
    await custody.close('stop').catch((error: unknown) => {
      log(`the last records could not be written: ${String(error)}`);
    });
    bell.close();
    await held.release();
  };
  return { boot, addresses, stop };
}

async function startServe(
  { oppSocket, oppTls }: RelayConfig,
  served: Served,
  held: Held,
): Promise<{ opp?: string }> {
  const requests = serveRequests(served);
  if (oppSocket !== undefined) {
    const serve = createServe(requests);
    await listenOn(serve, oppSocket, OPP_MODE);
    held.hold(() => closed(serve));
  }
  if (oppTls === undefined) return {};
  const serve = secureServe(requests, oppTls);
  const address = await listenAt(serve, oppTls);
  held.hold(() => closed(serve));
  return { opp: `https://${address}` };
}

function secureServe(requests: RequestListener, tls: OppTls): TlsServer {
  try {
    return createTlsServe(requests, tls);
  } catch (cause) {
    const message = 'opp_tls: cert and key do not belong together, or are no certificate and key';
    throw new RelayError('CONFIG_INVALID', message, 'check them with openssl x509', { cause });
  }
}

function closed(server: Server | HttpServer | TlsServer): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      if ('closeAllConnections' in server) server.closeAllConnections();
    }, LINGER_MS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}

function versions(): Record<string, string> {
  return { node: process.versions.node, relay: manifest.version };
}

const MILLISECOND_NS = 1_000_000n;

function clock(): bigint {
  return BigInt(Date.now()) * MILLISECOND_NS;
}
