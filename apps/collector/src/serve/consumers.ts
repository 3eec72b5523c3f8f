/**
 * Named consumers: how far each has come is kept here instead of by its reader. All of them are one
 * file, written whole and synced at each change, so that an ack that was answered is never
 * forgotten. Leases are in memory: after a crash, the first who asks reads.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONSUMER_LEASE_MS, CONSUMERS_MAX } from '@vitrine/schema';
import type { ConsumerItem, PullFormat } from '@vitrine/schema/api';
import { ApiError } from '../api/errors.ts';
import { CollectorError } from '../error.ts';
import { replaceFileLater } from '../files.ts';
import type { PullFilter } from './streams.ts';

export interface Consumer {
  name: string;
  filter: PullFilter;
  format: PullFormat;
  parts: ConsumerItem['parts'];
  /** The leaf that is read next. */
  next: number;
  /** Of whoever made it. */
  token: string;
  created: string;
  last_ack: string | null;
}

type Made = Omit<Consumer, 'last_ack'>;

interface Lease {
  reader: string;
  /** Calls under way. */
  calls: number;
  untilMs: number;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const MS_PER_S = 1_000;

export class Consumers {
  readonly #path: string;
  /** As they stand in the file: what could not be written there has not happened. */
  #known = new Map<string, Consumer>();
  readonly #leases = new Map<string, Lease>();
  readonly #nowMs: () => number;
  #saved: Promise<unknown> = Promise.resolve();

  /** CONSUMERS_UNREADABLE where its file is no list of them: none is forgotten silently. */
  constructor(dataDir: string, nowMs = () => performance.now()) {
    this.#path = join(dataDir, 'consumers.json');
    this.#nowMs = nowMs;
    if (!existsSync(this.#path)) return;
    try {
      const list = JSON.parse(readFileSync(this.#path, 'utf8')) as Consumer[];
      for (const consumer of list) this.#known.set(consumer.name, consumer);
    } catch (cause) {
      const hint = 'restore it from a backup, or move it away: consumers then begin anew';
      const message = `${this.#path} is no list of consumers`;
      throw new CollectorError('CONSUMERS_UNREADABLE', message, hint, { cause });
    }
  }

  list(): Consumer[] {
    return [...this.#known.values()];
  }

  of(name: string): Consumer {
    const consumer = this.#known.get(name);
    if (consumer !== undefined) return consumer;
    const hint = `make it: PUT /v1/consumers/${NAME.test(name) ? name : 'NAME'}`;
    throw new ApiError('NOT_FOUND', `there is no consumer ${name}`, hint);
  }

  /**
   * Makes one, durable when it resolves. The same again changes nothing and is `false`; under the
   * same name for something else it is refused.
   */
  async put(consumer: Made): Promise<boolean> {
    return this.#change((consumers) => {
      if (isThere(consumers, consumer)) return false;
      consumers.set(consumer.name, { ...consumer, last_ack: null });
      return true;
    });
  }

  /** Whether `put` would make it now: refuses what that refuses, and changes nothing. */
  isNew(consumer: Made): boolean {
    return !isThere(this.#known, consumer);
  }

  async delete(name: string): Promise<void> {
    this.of(name);
    await this.#change((consumers) => consumers.delete(name));
    this.#leases.delete(name);
  }

  /** Moves its place, never back; durable when it resolves. */
  async ack(name: string, next: number, now: Date): Promise<Consumer> {
    const { created } = this.of(name);
    await this.#change((consumers) => {
      const consumer = consumers.get(name);
      // One that was deleted and made anew meanwhile has a place of its own.
      if (consumer?.created !== created) return false;
      const moved = { next: Math.max(consumer.next, next), last_ack: now.toISOString() };
      consumers.set(name, { ...consumer, ...moved });
      return true;
    });
    return this.of(name);
  }

  /** Begins a call of `reader`: CONSUMER_LEASED where another one reads. */
  begin(name: string, reader: string): { end: () => void } {
    this.of(name);
    const lease = this.#check(name, reader);
    if (lease.calls > 0) throw leased(name, 1);
    lease.calls++;
    return {
      end: () => {
        lease.calls--;
        lease.untilMs = this.#nowMs() + CONSUMER_LEASE_MS;
      },
    };
  }

  /** CONSUMER_LEASED where another than `reader` reads. */
  check(name: string, reader: string): void {
    this.of(name);
    this.#check(name, reader);
  }

  /** Who reads, if anybody does. */
  readerOf(name: string): string | null {
    const lease = this.#leases.get(name);
    return lease !== undefined && this.#isLive(lease) ? lease.reader : null;
  }

  #check(name: string, reader: string): Lease {
    const known = this.#leases.get(name);
    if (known !== undefined && (known.reader === reader || this.#isLive(known))) {
      if (known.reader === reader) return known;
      const ms = known.calls > 0 ? CONSUMER_LEASE_MS : known.untilMs - this.#nowMs();
      throw leased(name, ms / MS_PER_S);
    }
    const lease = { reader, calls: 0, untilMs: this.#nowMs() + CONSUMER_LEASE_MS };
    this.#leases.set(name, lease);
    return lease;
  }

  #isLive({ calls, untilMs }: Lease): boolean {
    return calls > 0 || this.#nowMs() < untilMs;
  }

  /** One after the other; `false` of `change` is that nothing is to be written. */
  #change(change: (consumers: Map<string, Consumer>) => boolean): Promise<boolean> {
    const changed = this.#saved.then(async () => {
      const consumers = new Map(this.#known);
      if (!change(consumers)) return false;
      await replaceFileLater(this.#path, JSON.stringify([...consumers.values()], null, 1));
      this.#known = consumers;
      return true;
    });
    this.#saved = changed.catch(() => {});
    return changed;
  }
}

/** Whether the same is there already: refuses a name, another under it, and one too many. */
function isThere(consumers: Map<string, Consumer>, consumer: Made): boolean {
  const { name } = consumer;
  if (!NAME.test(name)) {
    const message = 'a consumer has small letters, digits, dots and hyphens, 63 at most';
    throw new ApiError('BAD_REQUEST', message);
  }
  const known = consumers.get(name);
  if (known !== undefined) {
    if (same(known, consumer)) return true;
    const hint = `delete it first: DELETE /v1/consumers/${name} forgets its place`;
    throw new ApiError('STATE_CONFLICT', `${name} reads something else`, hint);
  }
  if (consumers.size >= CONSUMERS_MAX) {
    const hint = 'delete one that nobody reads any more';
    throw new ApiError('TOO_LARGE', `there are ${CONSUMERS_MAX} consumers already`, hint);
  }
  return false;
}

function leased(name: string, retryAfterSeconds: number): ApiError {
  const message = `another reader has the lease of ${name}`;
  return new ApiError('CONSUMER_LEASED', message, undefined, { retryAfterSeconds });
}

function same(a: Made, b: Made): boolean {
  const told = ({ filter, format, parts }: Made): string => JSON.stringify([filter, format, parts]);
  return told(a) === told(b);
}
