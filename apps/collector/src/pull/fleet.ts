/**
 * All sandboxes whose relay is pulled. Owns the files below `sandboxes/`: a registration is durable
 * before the runtime hears its session, and is removed when the session's end is.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { sessionName, sha256 } from '@vitrine/chain';
import { SANDBOX_CHECK_MS, SANDBOXES_MAX, SESSION_SEALED_MS_MAX } from '@vitrine/schema';
import type { SandboxItem } from '@vitrine/schema/api';
import { CollectorError } from '../error.ts';
import { replaceFile, syncDirectory } from '../files.ts';
import type { Journal } from '../queue/journal.ts';
import type { LogIdentity } from '../sequence/identity.ts';
import type { Clock } from '../sequence/sequencer.ts';
import { chainName, type LogState, PUSHED_SHIM } from '../sequence/state.ts';
import { AnswerRoom } from './answers.ts';
import type { KnownChain } from './chains.ts';
import type { PullTls } from './dial.ts';
import type { EdrIdentity } from './edr.ts';
import { isAlive } from './process.ts';
import { Puller } from './puller.ts';
import type { SandboxRequest } from './registration.ts';
import type { Heard } from './succession.ts';

export interface FleetOptions {
  dir: string;
  journal: Journal;
  clock: Clock;
  /** Read only: which sessions are open, and where their chains stand. */
  state: LogState;
  /** What this host is called by its EDR. */
  edr: EdrIdentity;
  /** Name of this collector among those that could pull a relay. */
  puller: string;
  /** What it shows to relays over TLS. */
  tls?: PullTls | undefined;
  /** Resolves when what is in the queue can be read, or after a bound. */
  caughtUp: (msMax: number) => Promise<void>;
  sandboxesMax?: number;
  log: (line: string) => void;
}

/** What is kept on disk of a sandbox. */
type Kept = SandboxRequest & { origin?: string; heard?: Heard };

interface Sandbox {
  session: string;
  request: Kept;
  puller: Puller;
  ending: Promise<boolean> | undefined;
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #room = new AnswerRoom();
  /** Registrations on their way: they count, or many at once would pass the bound. */
  #opening = 0;
  #check: NodeJS.Timeout | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  }

  /**
   * Pulls on where the last run of the collector stopped. `state` has come to the queue's end: what
   * is not open there was killed before its session was, or between its session's end and its own.
   */
  resume(): void {
    const { state, log } = this.#options;
    for (const name of readdirSync(this.#options.dir)) {
      if (!name.endsWith(SUFFIX)) continue;
      const session = name.slice(0, -SUFFIX.length).replaceAll(COLON, ':');
      if (!state.sessions.has(session)) {
        log(`pull: ${session} is not open in the log; its registration is dropped`);
        unlinkSync(this.#path(session));
        continue;
      }
      const kept = JSON.parse(readFileSync(this.#path(session), 'utf8')) as Kept;
      this.#begin(session, kept, this.#pullerOf(session, kept));
    }
    this.#check = setInterval(() => this.#endDead(), SANDBOX_CHECK_MS);
    this.#check.unref();
  }

  /**
   * Opens the session; resolves with its name when that is durable. `origin`: what it was found by;
   * then the relay has its name already, and the session gets that or is refused.
   */
  async register(given: SandboxRequest, origin?: string): Promise<string> {
    const { sandboxesMax = SANDBOXES_MAX } = this.#options;
    if (this.#sandboxes.size + this.#opening >= sandboxesMax) {
      const hint = 'end sessions whose sandbox is gone, or run another collector';
      throw new CollectorError('SANDBOX_LIMIT', `${sandboxesMax} sandboxes are open`, hint);
    }
    this.#opening++;
    try {
      return await this.#open(given, origin);
    } finally {
      this.#opening--;
    }
  }

  async #open(given: SandboxRequest, origin: string | undefined): Promise<string> {
    const description = await this.#options.edr.addTo(given.description);
    const request = { ...given, description, ...(origin !== undefined && { origin }) };
    const { session, original } = this.#nameFor(request.session ?? randomUUID());
    if (origin !== undefined && session !== request.session) {
      const message = `${request.session} cannot be the name of a new session`;
      const hint = 'give the relay and its registration one that was never used';
      throw new CollectorError('SESSION_EXISTS', message, hint);
    }
    // Before anything is kept: what cannot be dialled would stop the next start as well.
    const puller = this.#pullerOf(session, request);
    replaceFile(this.#path(session), keptText(request));
    const { journal, clock } = this.#options;
    const observed = String(clock.nowNs());
    const named = original === undefined ? {} : { original };
    try {
      await journal.append({ kind: 'open', session, observed, description, ...named });
    } catch (error) {
      unlinkSync(this.#path(session));
      throw error;
    }
    this.#begin(session, request, puller);
    return session;
  }

  /**
   * Drains the relay, ends its chains and closes the session; resolves when that is durable. `true`
   * when every chain was taken to its end.
   */
  async end(session: string): Promise<boolean> {
    const sandbox = this.#sandboxes.get(session);
    if (sandbox === undefined) {
      const hint = 'GET /v1/sandboxes lists what is open';
      throw new CollectorError('SESSION_UNKNOWN', `there is no open sandbox ${session}`, hint);
    }
    sandbox.ending ??= this.#end(sandbox).catch((error: unknown) => {
      sandbox.ending = undefined;
      throw error;
    });
    return sandbox.ending;
  }

  /** Open sandboxes by what they were found by; those that a runtime registered are none. */
  found(): Map<string, { session: string; socket: string | undefined }> {
    const all = [...this.#sandboxes.values()];
    return new Map(
      all.flatMap(({ session, request: { origin, relay } }) =>
        origin === undefined ? [] : [[origin, { session, socket: relay.socket }] as const],
      ),
    );
  }

  list(): SandboxItem[] {
    return [...this.#sandboxes.values()].map(({ session, request, puller }) => ({
      session,
      runtime: request.description.runtime,
      user: request.description.user ?? '',
      origin: request.origin ?? 'api',
      ...puller.status,
    }));
  }

  async stop(): Promise<void> {
    clearInterval(this.#check);
    await Promise.all([...this.#sandboxes.values()].map(({ puller }) => puller.stop()));
  }

  /** Throws SANDBOX_INVALID. */
  #pullerOf(session: string, { heard, ...request }: Kept): Puller {
    const { journal, clock, state, puller: name, tls, log } = this.#options;
    return new Puller({
      session,
      relay: request.relay,
      journal,
      clock,
      known: knownChains(state, session),
      lookUp: (chain) => knownChain(state, session, chain),
      heard,
      keep: (all) => replaceFile(this.#path(session), keptText({ ...request, heard: all })),
      isAlone: () => this.#sandboxes.size === 1,
      tls,
      puller: name,
      room: this.#room,
      log,
    });
  }

  #begin(session: string, request: Kept, puller: Puller): void {
    this.#sandboxes.set(session, { session, request, puller, ending: undefined });
    puller.start();
  }

  async #end({ session, puller }: Sandbox): Promise<boolean> {
    const whole = await puller.drain();
    const { journal, clock } = this.#options;
    const observed = String(clock.nowNs());
    await journal.append({ kind: 'close', session, reason: 'runtime', observed });
    unlinkSync(this.#path(session));
    syncDirectory(this.#options.dir);
    this.#sandboxes.delete(session);
    // Whoever ended the session looks at it next, and exports it.
    await this.#options.caughtUp(SESSION_SEALED_MS_MAX);
    return whole;
  }

  /** A sandbox whose runner died without a word is over: the host can see that itself. */
  #endDead(): void {
    for (const { session, request } of this.#sandboxes.values()) {
      const runner = request.description.host.process;
      if (runner === undefined || isAlive(runner.pid, runner.start)) continue;
      this.#options.log(`pull: the process that ran ${session} is gone; closing the session`);
      this.end(session).catch((error: unknown) => {
        this.#options.log(`pull: ${session}: ${String(error)}`);
      });
    }
  }

  /** A name that was used before becomes the next life of it (LOG.md §2). */
  #nameFor(wanted: string): { session: string; original?: string } {
    const { session: base, original } = sessionName(wanted);
    const { state } = this.#options;
    const lives = state.lives.get(base) ?? 0;
    const session = lives === 0 ? base : `${base}:${lives + 1}`;
    const taken = [base, session].some(
      (name) =>
        this.#sandboxes.has(name) || state.sessions.has(name) || existsSync(this.#path(name)),
    );
    if (taken) {
      throw new CollectorError('SESSION_EXISTS', `session ${base} is open`, 'choose another id');
    }
    return original === undefined ? { session } : { session, original };
  }

  #path(session: string): string {
    return join(this.#options.dir, `${session.replaceAll(':', COLON)}${SUFFIX}`);
  }
}

/**
 * Of a collector, for leases: its log and a digest of the log's key, so that two that only have the
 * same name are told apart.
 */
export function pullerName({ log, trust }: Pick<LogIdentity, 'log' | 'trust'>): string {
  return `${log}:${sha256(Buffer.from(trust)).toString('hex', 0, PULLER_DIGEST_BYTES)}`;
}

const PULLER_DIGEST_BYTES = 8;

function keptText(kept: Kept): string {
  return JSON.stringify(kept);
}

const SUFFIX = '.json';
/** Not in the alphabet of session names, and one byte: a colon would be no file name everywhere. */
const COLON = '~';

/** Chains of a relay that the log has: not those that the sequencer itself writes. */
function knownChains(state: LogState, session: string): KnownChain[] {
  const joined = state.sessions.get(session)?.joined;
  return [...(joined?.keys() ?? [])].flatMap((chain) => knownChain(state, session, chain) ?? []);
}

function knownChain(state: LogState, session: string, chain: string): KnownChain | undefined {
  const joined = state.sessions.get(session)?.joined.get(chain);
  const tip = state.tips.get(chain);
  if (joined === undefined || tip === undefined) return undefined;
  return chain === chainName(session, PUSHED_SHIM)
    ? undefined
    : { chain, tip, ended: joined.ended };
}
