/**
 * What a subscription publishes instead of alerts: records of sessions, or checkpoints, in the
 * order of leaf indices. Delivery takes them as it takes alerts, so their cursor is as durable.
 */
import type { DeliverableAlert, DeliverySource } from '@vitrine/connectors';
import { isObject } from '@vitrine/schema';
import type { RecordRow, Store } from '@vitrine/store';
import { entryOf } from '../api/dialect.ts';
import { Hosts } from '../api/hosts.ts';
import type { PublishedNote } from '../sequence/intents.ts';
import type { LogState } from '../sequence/state.ts';
import { conditionsOf, pullFilter } from '../serve/streams.ts';

export type SubscribedStream = 'events' | 'checkpoints';

/** What a section of `connectors:` publishes instead of alerts; checked when it is configured. */
export function subscribedBy(raw: unknown): SubscribedStream | undefined {
  if (!isObject(raw) || raw.type !== 'kafka') return undefined;
  return raw.stream === 'events' || raw.stream === 'checkpoints' ? raw.stream : undefined;
}

export interface SubscriptionOptions {
  log: string;
  origin: string;
  store: Pick<Store, 'events' | 'supervision' | 'pull'>;
  state: Pick<LogState, 'sessions'>;
  published: () => PublishedNote | null;
  publicUrl: string;
}

/** The same streams as `/v1/pull/*`, without filters. */
export function subscriptionSource(
  stream: SubscribedStream,
  options: SubscriptionOptions,
): DeliverySource {
  const { log, origin, store, published } = options;
  const conditions = conditionsOf(
    pullFilter(stream, () => undefined),
    0n,
  );
  const itemsOf = stream === 'events' ? events(options) : checkpoints(options);
  return {
    // A connector that is given another stream is not to go on where it was in the first.
    origin: `${origin} ${stream}`,
    async read(after, limit) {
      const size = published()?.size ?? 0;
      const found: DeliverableAlert[] = [];
      let from = after;
      // Rows may stand for nothing; only what is less than asked means that there is no more.
      while (found.length < limit) {
        const want = limit - found.length;
        const page = { log, size, order: 'asc' as const, after: from, limit: want };
        const rows = await store.events({ ...page, ...conditions });
        found.push(...(await itemsOf(rows, size)));
        if (rows.length < want) break;
        from = rows.at(-1)!.idx;
      }
      return found;
    },
    async tip() {
      return (published()?.size ?? 0) - 1;
    },
  };
}

type ItemsOf = (rows: RecordRow[], size: number) => Promise<DeliverableAlert[]>;

function events({ log, store, state, publicUrl }: SubscriptionOptions): ItemsOf {
  const hosts = new Hosts(state);
  return async (rows, size) => {
    await hosts.learn({ store, log, size }, rows);
    return rows.map((row) => {
      const entry = entryOf(row, hosts.of(row), publicUrl);
      const { record, link } = entry;
      return { ...itemOf(row), record, link, row: { session: row.session, entry } };
    });
  };
}

/** A seal whose tree was never published by itself has none. */
function checkpoints({ log, store, publicUrl }: SubscriptionOptions): ItemsOf {
  return async (rows) => {
    const sizes = rows.map(({ idx }) => idx + 1);
    const notes =
      rows.length === 0 ? new Map<number, string>() : await store.pull.notes(log, sizes);
    return rows.flatMap((row) => {
      const note = notes.get(row.idx + 1);
      if (note === undefined) return [];
      return [{ ...itemOf(row), link: publicUrl, row: { session: log, note } }];
    });
  };
}

function itemOf({ log, idx, leaf, t }: RecordRow): Omit<DeliverableAlert, 'link'> {
  return {
    id: `${log}/${idx}`,
    log,
    index: idx,
    leaf: leaf.toString('base64'),
    t,
    record: {},
    proof: '',
  };
}
