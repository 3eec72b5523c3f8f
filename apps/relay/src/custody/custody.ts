/**
 * Takes events into custody: links them into the chain of their vantage, and answers when they are
 * kept. The only writer of the live chains and the only caller of `Spool`'s commits; one commit at
 * a time carries whatever waits, one request of each vantage in turn, so that a flood at one intake
 * does not hold up another.
 */
import { setImmediate } from 'node:timers/promises';
import { ChainError, type EventBody, eventBody } from '@vitrine/chain';
import { isObject, type SandboxEvent, SchemaError, type Vantage } from '@vitrine/schema';
import type { LiveChain } from '../chain/live.ts';
import { byeEvent, shimGapEvent } from '../chain/own.ts';
import type { ShimTable } from '../chain/shims.ts';
import { RelayError } from '../error.ts';
import type { Spool } from '../spool/spool.ts';
import { Commit, forget } from './commit.ts';
import { type Drop, Drops, dropEvent } from './drops.ts';
import { priorityOf } from './priority.ts';
import { type Joined, type Linked, Queues, type Taken, type Waiting } from './queues.ts';
import { Window } from './window.ts';

export interface CustodyOptions {
  spool: Spool;
  chains: LiveChain[];
  shims: ShimTable;
  /** Unix nanoseconds. */
  now: () => bigint;
  /** How long an answered bulk request may wait for its sync; 0: it is answered after it. */
  syncMs: number;
  log: (line: string) => void;
}

const OWN: Linked = {
  taken: { accepted: 1, rejected: 0, first: '' },
  priority: 'own',
  events: [],
  rejected: [],
};

export class Custody {
  readonly drops: Drops;
  readonly #options: CustodyOptions;
  /** Emptied by the loop. */
  readonly #queues: Queues;
  readonly #window: Window;
  #loop: Promise<void> | undefined;
  #flush = false;
  #closed = false;
  readonly #ended = new Set<LiveChain>();
  /** Who is refused, and has a record that says so: a relay may be killed before there is room. */
  readonly #toldFull = new Set<Vantage>();

  constructor(options: CustodyOptions) {
    this.#options = options;
    this.drops = new Drops(options.now);
    this.#queues = new Queues(options.chains);
    const { spool, syncMs } = options;
    this.#window = new Window({ spool, syncMs, wake: () => this.#start() });
  }

  /** No more events are taken; only the relay's own last records follow. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * `read` gives the events of one request when their turn has come; until then only its bytes are
   * held. Resolves when they are durable, or, if none is of a critical kind, when they outlive this
   * process and will be durable in `syncMs`. Rejects with DRAINING, SPOOL_FULL, SPOOL_UNWRITABLE or
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

  /** What was answered before is durable when it resolves, or could not be made so. */
  async settle(): Promise<void> {
    if (this.#window.isNew) return;
    this.flush();
    await this.#loop;
  }

  /** Closes the intake and ends every chain with `telemetry.bye`; may be repeated if it fails. */
  async close(reason: 'drain' | 'stop'): Promise<void> {
    this.#closed = true;
    const open = this.#queues.chains.filter((chain) => !this.#ended.has(chain));
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
      this.#queues.push({ chain, link, done, failed });
      this.#start();
    });
  }

  #chainOf(vantage: Vantage): LiveChain {
    for (const chain of this.#queues.chains) if (chain.vantage === vantage) return chain;
    throw new RelayError('REQUEST_INVALID', `this relay has no chain for vantage ${vantage}`);
  }

  #start(): void {
    this.#loop ??= this.#commitAll().finally(() => {
      this.#loop = undefined;
      if (this.#isAsked) this.#start();
      else this.#window.follow();
    });
  }

  get #isAsked(): boolean {
    return this.#flush || !this.#queues.isEmpty || this.#window.isDue;
  }

  async #commitAll(): Promise<void> {
    // Whatever else has arrived in this turn of the event loop shares the fsync.
    await setImmediate();
    while (this.#isAsked) await this.#commitOnce();
  }

  async #commitOnce(): Promise<void> {
    const window = this.#window;
    const commit = new Commit(this.#options.shims, window.group);
    const drops = this.#linkDrops(commit);
    const joined = this.#queues.link(commit);
    const isOwn = joined.every(({ priority }) => priority === 'own');
    const waits = window.isStrict || isOwn || joined.some(({ priority }) => priority !== 'bulk');
    // Acks are written at the head of a group: what is open has to be closed for that.
    if (window.isNew && waits) this.#flush = false;
    try {
      if (waits || this.#flush) await window.sync(isOwn);
      else window.write();
    } catch (error) {
      commit.undo();
      this.#flush = false;
      this.#fail(joined, drops, error);
      return;
    }
    commit.settle();
    for (const { chain, rejected, taken, done } of joined) {
      if (rejected.length > 0) this.drops.count(chain.vantage, 'rejected', rejected);
      done(taken);
    }
  }

  #fail(joined: Joined[], drops: Drop[], error: unknown): void {
    this.drops.giveBack(drops);
    for (const { vantage } of drops) this.#toldFull.delete(vantage);
    this.#options.log(error instanceof RelayError ? error.message : String(error));
    for (const { chain, events, priority, failed } of joined) {
      if (priority !== 'own') this.drops.count(chain.vantage, 'spool_unwritable', events);
      failed(error);
    }
  }

  /** What was refused becomes a record: when room has run out, and when there is room again. */
  #linkDrops(commit: Commit): Drop[] {
    const taken: Drop[] = [];
    for (const chain of this.#queues.chains) {
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

  #linkRequest(commit: Commit, chain: LiveChain, read: () => SandboxEvent[]): Linked {
    const events = this.#read(chain.vantage, read);
    const { spool } = this.#options;
    const { vantage } = chain;
    const priority = priorityOf(events);
    const point = commit.point(chain);
    const nowNs = this.#options.now();
    const t = String(nowNs);
    try {
      const taken: Taken = { accepted: 0, rejected: 0, first: '' };
      const rejected: SandboxEvent[] = [];
      for (const [i, event] of events.entries()) {
        const isTaken = this.#linkEvent(commit, chain, event, { nowNs, t, i, taken });
        if (!isTaken) rejected.push(event);
        const bytes = commit.bytes - point.group.bytes;
        if (bytes > spool.capacity(vantage, priority)) throw neverFits(spool);
      }
      if (commit.bytes > spool.room(vantage, priority)) throw full(spool, events.length);
      return { taken, priority, events, rejected };
    } catch (error) {
      commit.backTo(point);
      const reason = error instanceof SchemaError ? 'too_large' : 'spool_full';
      const isCoded = error instanceof SchemaError || error instanceof RelayError;
      if (isCoded) this.drops.count(vantage, reason, events);
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
  ): boolean {
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
      return true;
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      taken.rejected++;
      taken.first ||= `record ${i} of the request: ${error.message}`;
      return false;
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
