/**
 * Rules over what a log already holds, read through the API, in an engine of this process: what
 * they would have raised. Nothing is written anywhere.
 */
import { type AlertDraft, Engine, type Rule } from '@vitrine/detect';
import { API_PAGE_MAX, DETECT_WINDOW_MS_MAX, type JsonObject } from '@vitrine/schema';
import type { EventItem } from '@vitrine/schema/api';
import type { Client } from '../client/client.ts';
import type { EventQuery } from '../client/queries.ts';

const OWN_SESSION = 'log';
const NS_PER_MS = 1_000_000n;
const PER_SESSIONS = 1_000;

export interface BacktestRange {
  /** Unix nanoseconds; undefined for all that a session has. */
  sinceNs: bigint | undefined;
  session: string | undefined;
}

export interface RuleCount {
  rule: string;
  title: string;
  alerts: number;
  sessions: number;
  per_1000_sessions: number;
}

export interface Backtest {
  records: number;
  sessions: number;
  /** Leaves that were looked at: [first, end). */
  first: number;
  end: number;
  alerts: (AlertDraft & { t: string })[];
  counts: RuleCount[];
}

export interface BacktestProgress {
  read: number;
  of: number;
  alerts: number;
}

export async function backtest(
  client: Client,
  rules: Rule[],
  range: BacktestRange,
  onProgress: (progress: BacktestProgress) => void,
): Promise<Backtest> {
  const { session, sinceNs } = range;
  const size = (await client.events({ limit: 1, order: 'desc' })).size;
  const first = sinceNs === undefined ? 0 : await firstSince(client, size, sinceNs);
  // What came shortly before is read for what it made rules remember, and raises nothing.
  const warmNs = (sinceNs ?? 0n) - BigInt(DETECT_WINDOW_MS_MAX) * NS_PER_MS;
  const start = warmNs <= 0n ? 0 : await firstSince(client, size, warmNs);
  const run = new Run(client, rules, first, session !== undefined);
  const query = session === undefined ? {} : { session };
  for await (const items of pagesOf(client, { ...query, after: start - 1 }, size)) {
    await run.take(items);
    const read = (items.at(-1)?.index ?? start) + 1 - start;
    onProgress({ read, of: size - start, alerts: run.alerts.length });
  }
  run.end();
  const { records, sessions, alerts } = run;
  const counts = countsOf(rules, alerts, sessions.size);
  return { records, sessions: sessions.size, first, end: size, alerts, counts };
}

class Run {
  readonly alerts: Backtest['alerts'] = [];
  readonly sessions = new Set<string>();
  records = 0;
  readonly #client: Client;
  readonly #engine: Engine;
  readonly #first: number;
  /** Of one session there are no seals: its own records move the time. */
  readonly #timed: boolean;
  readonly #known = new Set<string>();
  #last: EventItem | undefined;

  constructor(client: Client, rules: Rule[], first: number, timed: boolean) {
    this.#client = client;
    this.#engine = new Engine(rules);
    this.#first = first;
    this.#timed = timed;
  }

  async take(items: EventItem[]): Promise<void> {
    // The engine waits for an `open` that comes in the same batch.
    for (const item of items) if (isOpen(item)) this.#known.add(item.session);
    for (const item of items) await this.#take(item);
  }

  async #take(item: EventItem): Promise<void> {
    if (item.session === OWN_SESSION && item.kind !== 'seal') return;
    if (item.session !== OWN_SESSION) {
      if (this.#timed && item.observed !== '0') this.#tick(item.observed);
      await this.#know(item);
      if (item.index >= this.#first) {
        this.records++;
        this.sessions.add(item.session);
      }
    }
    this.#last = item;
    this.#observe(item);
  }

  /** What waits for nothing but time is told. */
  end(): void {
    if (this.#last !== undefined && this.#timed) this.#tick(this.#last.observed);
  }

  /** Of a session that was open before, its `open` is asked for once. */
  async #know({ session }: EventItem): Promise<void> {
    if (this.#known.has(session)) return;
    this.#known.add(session);
    const query = { session, kind: 'open', limit: 1, order: 'asc' } as const;
    const [opened] = (await this.#client.events(query)).items;
    if (opened !== undefined) this.#engine.observe(opened);
  }

  #observe(item: EventItem): void {
    for (const alert of this.#engine.observe(item)) {
      const last = alert.evidence.at(-1);
      if ((last?.index ?? item.index) < this.#first) continue;
      this.alerts.push({ ...alert, t: item.t });
    }
  }

  #tick(t: string): void {
    const place = { log: '', index: -1, leaf: '', session: OWN_SESSION, shim: 'seal' };
    const record: JsonObject = { kind: 'seal', t, v: 1 };
    for (const alert of this.#engine.observe({ ...place, vantage: '', kind: 'seal', record })) {
      this.alerts.push({ ...alert, t });
    }
  }
}

function isOpen({ shim, kind }: EventItem): boolean {
  return shim === 'sup' && kind === 'open';
}

async function* pagesOf(
  client: Client,
  query: EventQuery,
  size: number,
): AsyncGenerator<EventItem[]> {
  for (let after = query.after ?? -1; ; ) {
    const page = await client.events({ ...query, order: 'asc', limit: API_PAGE_MAX, after });
    const items = page.items.filter(({ index }) => index < size);
    yield items;
    if (typeof page.cursor !== 'number' || page.cursor >= size - 1) return;
    after = page.cursor;
  }
}

/** The first leaf of the first batch sealed at `sinceNs` or later; `size` where none was. */
async function firstSince(client: Client, size: number, sinceNs: bigint): Promise<number> {
  let [low, high] = [0, size];
  // Leaves below `low` belong to older batches; the seal at or behind `high` is not older.
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const query = { kind: 'seal', order: 'asc', limit: 1, after: middle - 1 } as const;
    const [seal] = (await client.events(query)).items;
    if (seal !== undefined && BigInt(seal.t) < sinceNs) low = seal.index + 1;
    else high = middle;
  }
  return low;
}

function countsOf(rules: Rule[], alerts: Backtest['alerts'], sessions: number): RuleCount[] {
  return rules.map(({ id, title }) => {
    const own = alerts.filter(({ rule }) => rule === id);
    const about = new Set(own.map(({ subject }) => subject)).size;
    const rate = sessions === 0 ? 0 : Math.round((own.length * PER_SESSIONS * 10) / sessions) / 10;
    return { rule: id, title, alerts: own.length, sessions: about, per_1000_sessions: rate };
  });
}
