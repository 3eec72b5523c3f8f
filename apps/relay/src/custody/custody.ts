/**
 * Takes events into custody: links them into the chain of their vantage, and answers when they are
 * durable. The only writer of the live chains and the only caller of `Spool.commit`; one commit at
 * a time carries whatever waits, one request of each vantage in turn, so that a flood at one intake
 * does not hold up another.
 */
import { setImmediate } from 'node:timers/promises';
import { ChainError, type EventBody, eventBody } from '@vitrine/chain';
import {
  COMMIT_BYTES_MAX,
  isObject,
  type SandboxEvent,
  SchemaError,
  type Vantage,
} from '@vitrine/schema';
import type { LiveChain } from '../chain/live.ts';
import { byeEvent, shimGapEvent } from '../chain/own.ts';
import type { ShimTable } from '../chain/shims.ts';
import { RelayError } from '../error.ts';
import { FrameWriter } from '../spool/frame.ts';
import type { Spool } from '../spool/spool.ts';
import { Commit, forget } from './commit.ts';
import { type Drop, Drops, dropEvent } from './drops.ts';
import { priorityOf } from './priority.ts';

/** What became of one request. `first` says why its first rejected event was rejected. */
export interface Taken {
  accepted: number;
  rejected: number;
  first: string;
}

export interface CustodyOptions {
  spool: Spool;
  chains: LiveChain[];
  shims: ShimTable;
  /** Unix nanoseconds. */
  now: () => bigint;
  log: (line: string) => void;
}

interface Waiting {
  chain: LiveChain;
  /** Adds its records to the commit. What it throws is its own answer, not the commit's. */
  link: (commit: Commit) => Taken;
  taken: Taken | undefined;
  done: (taken: Taken) => void;
  failed: (error: unknown) => void;
}

const OWN: Taken = { accepted: 1, rejected: 0, first: '' };

export class Custody {
  readonly drops: Drops;
  readonly #options: CustodyOptions;
  /** In order, for each chain; emptied by the loop. */
  readonly #queues: Map<LiveChain, Waiting[]>;
  /** One commit at a time writes into it. */
  readonly #frames = new FrameWriter();
  #loop: Promise<void> | undefined;
  #flush = false;
  #closed = false;
  readonly #ended = new Set<LiveChain>();
  /** Who is refused, and has a record that says so: a relay may be killed before there is room. */
  readonly #toldFull = new Set<Vantage>();

  constructor(options: CustodyOptions) {
    this.#options = options;
    this.drops = new Drops(options.now);
    this.#queues = new Map(options.chains.map((chain) => [chain, []]));
  }

  /** No more events are taken; only the relay's own last records follow. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * `read` gives the events of one request when their turn has come; until then only its bytes are
   * held. Resolves when they are durable. Rejects with DRAINING, SPOOL_FULL, SPOOL_UNWRITABLE or
   * what `read` throws: then nothing of the request was kept.
   */
  take(vantage: Vantage, read: () => SandboxEvent[]): Promise<Taken> {
    if (this.#closed) return Promise.reject(new RelayError('DRAINING', 'this relay is closing'));
    const chain = this.#chainOf(vantage);
    return this.#enqueue(chain, (commit) => this.#linkRequest(commit, chain, read));
  }

  /** A record of the relay's own; it may use the share of the spool that intakes may not. */
  write(chain: LiveChain, event: (t: string) => EventBody): Promise<Taken> {
    return this.#enqueue(chain, (commit) => {
      commit.link(chain, event(this.#t()));
      return OWN;
    });
  }

  /** What was acknowledged may be freed now. */
  flush(): void {
    this.#flush = true;
    this.#start();
  }

  /** Closes the intake and ends every chain with `telemetry.bye`; may be repeated if it fails. */
  async close(reason: 'drain' | 'stop'): Promise<void> {
    this.#closed = true;
    const open = [...this.#queues.keys()].filter((chain) => !this.#ended.has(chain));
    await Promise.all(open.map((chain) => this.#end(chain, reason)));
    await this.#loop;
  }

  #end(chain: LiveChain, reason: 'drain' | 'stop'): Promise<Taken> {
    let drops: Drop[] = [];
    this.#ended.add(chain);
    const ended = this.#enqueue(chain, (commit) => {
      drops = this.drops.take(chain.vantage, true);
      for (const drop of drops) commit.link(chain, dropEvent(this.#t(), drop));
      commit.link(chain, byeEvent(this.#t(), chain.next, reason));
      return OWN;
    });
    return ended.catch((error: unknown) => {
      this.#ended.delete(chain);
      this.drops.giveBack(drops);
      throw error;
    });
  }

  #enqueue(chain: LiveChain, link: Waiting['link']): Promise<Taken> {
    return new Promise((done, failed) => {
      this.#queues.get(chain)!.push({ chain, link, taken: undefined, done, failed });
      this.#start();
    });
  }

  #chainOf(vantage: Vantage): LiveChain {
    for (const chain of this.#queues.keys()) if (chain.vantage === vantage) return chain;
    throw new RelayError('REQUEST_INVALID', `this relay has no chain for vantage ${vantage}`);
  }

  #start(): void {
    this.#loop ??= this.#commitAll().finally(() => {
      this.#loop = undefined;
      if (this.#flush || this.#isWaiting()) this.#start();
    });
  }

  #isWaiting(): boolean {
    return [...this.#queues.values()].some((queue) => queue.length > 0);
  }

  async #commitAll(): Promise<void> {
    // Whatever else has arrived in this turn of the event loop shares the fsync.
    await setImmediate();
    while (this.#flush || this.#isWaiting()) {
      this.#flush = false;
      await this.#commitOnce();
    }
  }

  async #commitOnce(): Promise<void> {
    const commit = new Commit(this.#options.shims, this.#frames);
    const drops = this.#linkDrops(commit);
    const linked = this.#linkWaiting(commit);
    try {
      await this.#options.spool.commit(
        commit.group,
        linked.every(({ taken }) => taken === OWN),
      );
    } catch (error) {
      commit.undo();
      this.drops.giveBack(drops);
      for (const { vantage } of drops) this.#toldFull.delete(vantage);
      this.#options.log(error instanceof RelayError ? error.message : String(error));
      for (const { chain, taken, failed } of linked) {
        if (taken !== OWN) this.drops.count(chain.vantage, 'spool_unwritable', taken!.accepted);
        failed(error);
      }
      return;
    }
    commit.settle();
    for (const { taken, done } of linked) done(taken!);
  }

  /** Takes one of each queue in turn until the commit is large enough. */
  #linkWaiting(commit: Commit): Waiting[] {
    const linked: Waiting[] = [];
    while (this.#isWaiting() && commit.bytes < COMMIT_BYTES_MAX) {
      for (const queue of this.#queues.values()) {
        const item = queue.shift();
        if (item === undefined) continue;
        try {
          item.taken = item.link(commit);
          linked.push(item);
        } catch (error) {
          item.failed(error);
        }
      }
    }
    return linked;
  }

  /** What was refused becomes a record: when room has run out, and when there is room again. */
  #linkDrops(commit: Commit): Drop[] {
    const taken: Drop[] = [];
    for (const chain of this.#queues.keys()) {
      const { vantage } = chain;
      const hasRoom = this.#options.spool.hasRoom(vantage);
      if (hasRoom) this.#toldFull.delete(vantage);
      if (this.#ended.has(chain) || this.#toldFull.has(vantage)) continue;
      for (const drop of this.drops.take(vantage, false)) {
        commit.link(chain, dropEvent(this.#t(), drop));
        taken.push(drop);
        if (!hasRoom) this.#toldFull.add(vantage);
      }
    }
    return taken;
  }

  #linkRequest(commit: Commit, chain: LiveChain, read: () => SandboxEvent[]): Taken {
    const events = this.#read(chain.vantage, read);
    const { spool } = this.#options;
    const { vantage } = chain;
    const priority = priorityOf(events);
    const point = commit.point(chain);
    const nowNs = this.#options.now();
    const t = String(nowNs);
    try {
      const taken: Taken = { accepted: 0, rejected: 0, first: '' };
      for (const [i, event] of events.entries()) {
        this.#linkEvent(commit, chain, event, { nowNs, t, i, taken });
        const bytes = commit.bytes - point.group.bytes;
        if (bytes > spool.capacity(vantage, priority)) throw neverFits(spool);
      }
      if (commit.bytes > spool.room(vantage, priority)) throw full(spool, events.length);
      if (taken.rejected > 0) this.drops.count(vantage, 'rejected', taken.rejected);
      return taken;
    } catch (error) {
      commit.backTo(point);
      const reason = error instanceof SchemaError ? 'too_large' : 'spool_full';
      const isCoded = error instanceof SchemaError || error instanceof RelayError;
      if (isCoded) this.drops.count(vantage, reason, events.length);
      throw error;
    } finally {
      forget(point);
    }
  }

  #linkEvent(
    commit: Commit,
    chain: LiveChain,
    event: SandboxEvent,
    { nowNs, t, i, taken }: { nowNs: bigint; t: string; i: number; taken: Taken },
  ): void {
    const { source } = event.fields;
    const { vantage } = chain;
    const seen = isObject(source) ? this.#options.shims.see(vantage, source, nowNs) : undefined;
    if (seen?.gap !== undefined) {
      const { from, to } = seen.gap;
      commit.link(chain, shimGapEvent(t, seen.shim.name, from, to));
    }
    try {
      commit.link(chain, eventBody(event, t), seen?.shim);
      taken.accepted++;
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      taken.rejected++;
      taken.first ||= `record ${i} of the request: ${error.message}`;
    }
  }

  #read(vantage: Vantage, read: () => SandboxEvent[]): SandboxEvent[] {
    try {
      return read();
    } catch (error) {
      const known = error instanceof SchemaError;
      if (known)
        this.drops.count(vantage, MALFORMED.includes(error.code) ? 'malformed' : 'too_large');
      throw error;
    }
  }

  #t(): string {
    return String(this.#options.now());
  }
}

const MALFORMED = ['OTLP_MALFORMED', 'HOOK_MALFORMED', 'EVENT_INVALID'];

function neverFits({ bytesMax }: Spool): SchemaError {
  const message = `the request has no room in a spool of ${bytesMax} bytes`;
  return new SchemaError('OTLP_TOO_LARGE', message, 'send smaller batches');
}

function full(spool: Spool, events: number): RelayError {
  const message = `the spool is full (${spool.bytes} of ${spool.bytesMax} bytes)`;
  const hint = `send again; none of the ${events} events were kept`;
  return new RelayError('SPOOL_FULL', message, hint);
}
