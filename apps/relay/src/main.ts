/**
 * One relay: takes custody of what shims say, beside or in the sandbox, and keeps it until the host
 * has pulled it. Puts the parts together in the order in which each relies on the one before.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Server as HttpServer } from 'node:http';
import type { Server } from 'node:net';
import { HEARTBEAT_MS, type Vantage } from '@vitrine/schema';
import { beginChains, greet } from './chain/begin.ts';
import { ShimTable } from './chain/shims.ts';
import type { RelayConfig } from './config.ts';
import { Custody } from './custody/custody.ts';
import { startHeartbeat } from './heartbeat.ts';
import { createIntake } from './intake/server.ts';
import { Bell } from './serve/bell.ts';
import { createServe } from './serve/server.ts';
import { listenOn } from './socket.ts';
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
  const { session, spoolDir: dir, spoolBytesMax: bytesMax, macKey } = config;
  const { log, now = clock, heartbeatMs: everyMs = HEARTBEAT_MS } = options;
  const lock = await lockSpool(dir);
  held.hold(() => closed(lock));
  const spool = new Spool({ dir, bytesMax, log });
  held.hold(() => spool.close());

  const shims = new ShimTable(spool.recovered.shims);
  spool.followShims(() => shims.all);
  const bell = new Bell();
  spool.onCommit(() => bell.ring());
  const boot = randomBytes(BOOT_BYTES).toString('hex');
  const vantages = new Set(config.intakes.map(({ vantage }) => vantage));
  const beginning = { session, boot, macKey, vantages, versions: versions() };
  const begun = beginChains(spool, beginning);
  const chains = begun.map(({ chain }) => chain);
  const custody = new Custody({ spool, chains, shims, now, log });
  await greet(custody, begun, beginning, spool.recovered.tornBytes);

  for (const { socket, vantage } of config.intakes) {
    const intake = createIntake({ vantage, custody, log });
    await listenOn(intake.server, socket, INTAKE_MODES[vantage]);
    held.hold(() => intake.close(LINGER_MS));
  }
  const serve = createServe({ session, boot, spool, custody, shims, bell, now, log });
  await listenOn(serve, config.oppSocket, OPP_MODE);
  held.hold(() => closed(serve));
  const stopHeartbeat = startHeartbeat({ spool, custody, chains, shims, everyMs });

  const stop = async (): Promise<void> => {
    stopHeartbeat();
    await custody.close('stop').catch((error: unknown) => {
      log(`the last records could not be written: ${String(error)}`);
    });
    bell.close();
    await held.release();
  };
  return { boot, stop };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      if (server instanceof HttpServer) server.closeAllConnections();
    }, LINGER_MS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}

function versions(): Record<string, string> {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  return { node: process.versions.node, relay: version };
}

const MILLISECOND_NS = 1_000_000n;

function clock(): bigint {
  return BigInt(Date.now()) * MILLISECOND_NS;
}
