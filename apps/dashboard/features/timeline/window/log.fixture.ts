/**
 * A log in memory that answers pages as docs/reference/api.md says, and tells a follower what was
 * published. Other sessions' leaves lie in between, as in a real one.
 */
import type { EventItem, EventPage } from '@vitrine/schema/api';
import type { PageQuery, TimelineSource } from './timeline.ts';

type FollowOptions = Parameters<TimelineSource['follow']>[0];

export function eventItem(index: number, more: Partial<EventItem> = {}): EventItem {
  return {
    log: 'default.0.1',
    index,
    leaf: '',
    session: 's',
    shim: 'a.boundary',
    seq: index,
    kind: 'process.exec',
    t: String(1_795_875_700_000 + index * 10).concat('000000'),
    observed: '0',
    vantage: 'boundary',
    via: 'opp',
    sandbox: 's',
    peer: 'unix',
    host: null,
    device: null,
    severity: 0,
    title: `process.exec /bin/${index}`,
    agent: '',
    record: { process: { exe: `/bin/${index}` } },
    ...more,
  };
}

export class MemoryLog implements TimelineSource {
  items: EventItem[] = [];
  size = 0;
  /** Every page that was asked for. */
  readonly asked: PageQuery[] = [];
  /** Thrown by the next read. */
  failure: Error | undefined;
  #followers: { options: FollowOptions; sent: number }[] = [];

  /** Publishes `count` events of the session, `between` leaves of others before each. */
  publish(count: number, between = 0, more: Partial<EventItem> = {}): void {
    for (let i = 0; i < count; i++) {
      this.size += between;
      this.items.push(eventItem(this.size++, more));
    }
    for (const follower of this.#followers) this.#send(follower);
  }

  /** Cuts all followers off: they come back with what they have seen, as `followTail` does. */
  cut(during: () => void): void {
    const cut = this.#followers;
    this.#followers = [];
    during();
    this.#followers = cut;
    for (const follower of cut) {
      follower.options.onState({ state: 'live' });
      this.#send(follower);
    }
  }

  get followers(): number {
    return this.#followers.length;
  }

  matching({ kinds, vantages, text }: Omit<PageQuery, 'order' | 'limit'>): EventItem[] {
    return this.items
      .filter(({ kind }) => kinds.length === 0 || kinds.includes(kind))
      .filter(({ vantage }) => vantages.length === 0 || vantages.includes(vantage))
      .filter(({ title }) => title.includes(text));
  }

  async read(query: PageQuery, signal: AbortSignal): Promise<EventPage> {
    this.asked.push(query);
    const { order, after, limit } = query;
    const { failure, size } = this;
    const all = this.matching(query);
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    if (failure !== undefined) {
      this.failure = undefined;
      throw failure;
    }
    const found =
      order === 'asc'
        ? all.filter(({ index }) => index > (after ?? -1))
        : all.filter(({ index }) => index < (after ?? size)).reverse();
    const items = found.slice(0, limit);
    return { items, cursor: items.length < limit ? null : items.at(-1)!.index, size };
  }

  follow(options: FollowOptions): () => void {
    const follower = { options, sent: options.after };
    this.#followers.push(follower);
    options.onState({ state: 'live' });
    this.#send(follower);
    return () => {
      this.#followers = this.#followers.filter((other) => other !== follower);
    };
  }

  soon(tell: () => void): void {
    tell();
  }

  #send(follower: { options: FollowOptions; sent: number }): void {
    const rows = this.matching(follower.options).filter(({ index }) => index > follower.sent);
    if (rows.length === 0) return;
    follower.sent = rows.at(-1)!.index;
    follower.options.onRecords(rows);
  }
}
