/**
 * What an intake refused, until it can be said in a record: loss is evidence. Counts, kinds and the
 * numbers that shims gave; nothing else of what was refused is kept.
 */
import type { EventBody } from '@vitrine/chain';
import {
  DROP_NAMES_MAX,
  DROP_RECORD_MS_MIN,
  isObject,
  NAME_CHARS_MAX,
  type SandboxEvent,
  type Vantage,
} from '@vitrine/schema';

/**
 * `spool_full`, `spool_unwritable` and `overload` were answered 503 or 429, so their sender may
 * have brought them again; `malformed`, `too_large` and `rejected` (single records) are lost.
 */
export type DropReason =
  | 'spool_full'
  | 'spool_unwritable'
  | 'overload'
  | 'malformed'
  | 'too_large'
  | 'rejected';

export interface Drop {
  vantage: Vantage;
  reason: DropReason;
  requests: number;
  /** Events in them, as far as they could be read. */
  records: number;
  /** How many of each kind; of the kinds that came first. */
  kinds: Map<string, number>;
  /** The lowest and the highest number of each shim. */
  shims: Map<string, Range>;
  /** Unix nanoseconds of the first and the last refusal. */
  from: string;
  to: string;
}

interface Range {
  first: number;
  last: number;
}

export class Drops {
  readonly #now: () => bigint;
  #pending: Drop[] = [];
  readonly #writtenNs = new Map<Vantage, bigint>();
  /** Events and unreadable requests refused since this process began. */
  total = 0;

  constructor(now: () => bigint) {
    this.#now = now;
  }

  /** `events` undefined: the request could not be read so far. */
  count(vantage: Vantage, reason: DropReason, events?: readonly SandboxEvent[]): void {
    const t = String(this.#now());
    this.total += events?.length ?? 1;
    const about = { kinds: kindsOf(events ?? []), shims: shimsOf(events ?? []) };
    const records = events?.length ?? 0;
    this.#merge({ vantage, reason, requests: 1, records, ...about, from: t, to: t });
  }

  /** What is due for a record, taken out; `giveBack` undoes it. `all`: there is no later. */
  take(vantage: Vantage, all: boolean): Drop[] {
    const due = all || this.#now() - (this.#writtenNs.get(vantage) ?? 0n) >= DROP_RECORD_NS_MIN;
    const taken = due ? this.#pending.filter((drop) => drop.vantage === vantage) : [];
    if (taken.length === 0) return taken;
    this.#pending = this.#pending.filter((drop) => drop.vantage !== vantage);
    this.#writtenNs.set(vantage, this.#now());
    return taken;
  }

  giveBack(drops: Drop[]): void {
    for (const drop of drops) {
      this.#merge(drop);
      this.#writtenNs.delete(drop.vantage);
    }
  }

  #merge(drop: Drop): void {
    const { vantage, reason } = drop;
    const known = this.#pending.find((d) => d.vantage === vantage && d.reason === reason);
    if (known === undefined) {
      this.#pending.push({ ...drop, kinds: new Map(drop.kinds), shims: new Map(drop.shims) });
      return;
    }
    for (const [kind, records] of drop.kinds) addKind(known.kinds, kind, records);
    for (const [shim, range] of drop.shims) addRange(known.shims, shim, range);
    known.requests += drop.requests;
    known.records += drop.records;
    if (BigInt(drop.from) < BigInt(known.from)) known.from = drop.from;
    if (BigInt(drop.to) > BigInt(known.to)) known.to = drop.to;
  }
}

const DROP_RECORD_NS_MIN = BigInt(DROP_RECORD_MS_MIN) * 1_000_000n;

export function dropEvent(t: string, drop: Drop): EventBody {
  const { reason, requests, records, from, to } = drop;
  const fields: EventBody['fields'] = { reason, requests, records, from, to };
  const kinds = [...drop.kinds].map(([kind, count]) => ({ kind, records: count }));
  const shims = [...drop.shims].map(([name, { first, last }]) => ({ name, first, last }));
  if (kinds.length > 0) fields.kinds = kinds;
  if (shims.length > 0) fields.shims = shims;
  return { kind: 'telemetry.drop', t, fields };
}

function kindsOf(events: readonly SandboxEvent[]): Map<string, number> {
  const kinds = new Map<string, number>();
  for (const { kind } of events) addKind(kinds, kind, 1);
  return kinds;
}

function shimsOf(events: readonly SandboxEvent[]): Map<string, Range> {
  const shims = new Map<string, Range>();
  for (const { fields } of events) {
    const { shim, seq } = isObject(fields.source) ? fields.source : {};
    if (typeof shim !== 'string' || shim.length > NAME_CHARS_MAX) continue;
    if (typeof seq !== 'number' || seq < 0) continue;
    addRange(shims, shim, { first: seq, last: seq });
  }
  return shims;
}

function addKind(kinds: Map<string, number>, kind: string, records: number): void {
  const known = kinds.get(kind);
  if (known !== undefined || kinds.size < DROP_NAMES_MAX) kinds.set(kind, (known ?? 0) + records);
}

function addRange(shims: Map<string, Range>, shim: string, { first, last }: Range): void {
  const known = shims.get(shim) ?? { first, last };
  if (!shims.has(shim) && shims.size >= DROP_NAMES_MAX) return;
  shims.set(shim, { first: Math.min(known.first, first), last: Math.max(known.last, last) });
}
