/**
 * The sources of one session as the log has heard them, merged by vantage and name. What a source
 * is called is its own word; at which vantage it was heard is the collector's.
 */
import { isObject, isVantage, type Json, VANTAGES, type Vantage } from '@vitrine/schema';
import type { SourceNotice, SourcesHeard, SourceTail } from '@vitrine/store';

/** What the relay itself is called. */
export const RELAY = 'relay';
/** What a source is called that calls itself so. */
const NAMESAKE = 'relay (by its own word)';
/** A version is shown; one that is longer is none. */
const VERSION_CHARS_MAX = 64;

export interface HeardSource {
  name: string;
  vantage: Vantage;
  /** By which signals a source without a shim of ours speaks: hook, log, span, metric. */
  signals: Set<string>;
  kinds: Set<string>;
  records: number;
  /** There may be more records than that. */
  more: boolean;
  version: string | null;
  /** Host clock, unix nanoseconds; 0 for never. */
  lastNs: bigint;
  /** The same of its last word about something else than itself. */
  spokeNs: bigint;
  byeNs: bigint;
  /** It says at a fixed pace that it lives. */
  beats: boolean;
  /** Records that tell of a loss, and the host clock at the newest. */
  losses: number;
  lossNs: bigint;
}

export function heardSources({ tails, notices }: SourcesHeard): HeardSource[] {
  const found = new Map<string, HeardSource>();
  const at = (name: string, vantage: Vantage): HeardSource => {
    // One relay writes a chain for each vantage.
    const key = name === RELAY ? RELAY : `${vantage}/${name}`;
    const known = found.get(key) ?? emptySource(name, vantage);
    if (name === RELAY) known.vantage = higher(known.vantage, vantage);
    found.set(key, known);
    return known;
  };
  for (const tail of tails) takeTail(tail, at);
  for (const notice of notices) takeNotice(notice, at);
  return [...found.values()];
}

type At = (name: string, vantage: Vantage) => HeardSource;

function takeTail(tail: SourceTail, at: At): void {
  if (!isVantage(tail.vantage)) return;
  const [name, signal] = namesOf(tail.name);
  const source = at(name, tail.vantage);
  if (signal !== undefined) source.signals.add(signal);
  for (const kind of tail.kinds) source.kinds.add(kind);
  source.records += tail.records;
  source.more ||= !tail.whole;
  source.lastNs = newer(source.lastNs, BigInt(tail.heard));
  if (tail.spoke !== null) source.spokeNs = newer(source.spokeNs, BigInt(tail.spoke));
}

function takeNotice(notice: SourceNotice, at: At): void {
  const { kind, count } = notice;
  const heardNs = BigInt(notice.heard);
  // What the collector says of a loss is about the relay's chains.
  const vantage = isVantage(notice.vantage) ? notice.vantage : undefined;
  const [name] = namesOf(notice.name);
  const source = vantage === undefined ? at(RELAY, 'agent') : at(name, vantage);
  if (vantage === undefined || kind === 'telemetry.drop' || kind === 'telemetry.gap') {
    source.losses += count;
    source.lossNs = newer(source.lossNs, heardNs);
    return;
  }
  if (kind === 'telemetry.bye') source.byeNs = newer(source.byeNs, heardNs);
  if (kind === 'telemetry.hello' || kind === 'telemetry.heartbeat') source.beats = true;
  source.lastNs = newer(source.lastNs, heardNs);
  if (kind !== 'telemetry.hello' && kind !== 'telemetry.heartbeat') return;
  const record = JSON.parse(notice.newest) as Json;
  if (!isObject(record)) return;
  const { versions, shims } = record;
  if (isObject(versions)) source.version = textOf(versions[name === RELAY ? 'relay' : 'shim']);
  if (name === RELAY) takeBeat(shims, vantage, at);
}

/** What a relay says of the shims it has heard: their totals since it began. */
function takeBeat(shims: Json | undefined, vantage: Vantage, at: At): void {
  for (const shim of Array.isArray(shims) ? shims : []) {
    if (!isObject(shim) || typeof shim.name !== 'string' || shim.name === '') continue;
    const source = at(shownName(shim.name), vantage);
    const { records } = shim;
    if (typeof records === 'number' && records > source.records) {
      source.records = records;
      source.more = false;
    }
  }
}

function emptySource(name: string, vantage: Vantage): HeardSource {
  return {
    name,
    vantage,
    signals: new Set(),
    kinds: new Set(),
    records: 0,
    more: false,
    version: null,
    lastNs: 0n,
    spokeNs: 0n,
    byeNs: 0n,
    beats: false,
    losses: 0,
    lossNs: 0n,
  };
}

/** `service/signal`, as the store names who has no shim; a shim's name has no slash. */
function namesOf(name: string): [name: string, signal?: string] {
  if (name === '') return [RELAY];
  const slash = name.lastIndexOf('/');
  if (slash < 0) return [shownName(name)];
  return [shownName(name.slice(0, slash)), name.slice(slash + 1)];
}

/** The store has no name for the relay itself: whoever calls himself so is another. */
function shownName(name: string): string {
  return name === RELAY ? NAMESAKE : name;
}

export function newer(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function higher(a: Vantage, b: Vantage): Vantage {
  return VANTAGES.indexOf(a) >= VANTAGES.indexOf(b) ? a : b;
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, VERSION_CHARS_MAX) : null;
}
