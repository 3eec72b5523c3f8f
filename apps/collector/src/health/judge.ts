/**
 * How each source of a session is: what should be heard (its registration) against what was. Pure:
 * the clock is an argument, and the same answers give the same words.
 */
import {
  isObject,
  isVantage,
  type Json,
  type JsonObject,
  SOURCE_DROPPING_MS,
  SOURCE_QUIET_MS,
  SOURCE_SILENT_MS,
  type Vantage,
} from '@vitrine/schema';
import { SOURCE_STATES, type SourceItem, type SourceState } from '@vitrine/schema/api';
import { SOURCES } from '@vitrine/shim/registry';
import { type HeardSource, newer, RELAY } from './heard.ts';

/** A source with the kinds it is able to tell of, for the coverage. */
export interface JudgedSource {
  item: SourceItem;
  kinds: ReadonlySet<string>;
  /** `over`: it tells of nothing more, although its session goes on. */
  word: 'good' | 'doubtful' | 'over';
}

export interface SessionSight {
  /** The record of `open`. */
  opened: JsonObject;
  closed: boolean;
  heard: HeardSource[];
  nowNs: bigint;
}

interface Expected {
  name: string;
  vantage: Vantage | undefined;
}

/** What `vitrine run` itself says, from outside the sandbox. */
const RUNNER = 'run';
const NS_PER_MS = 1_000_000n;

/** The worst first. */
export function judgeSources(sight: SessionSight): JudgedSource[] {
  const { heard, opened } = sight;
  const expected = [...textsOf(opened.expected).map(expectedOf), ...relayOf(sight)];
  const busyNs = heard.reduce((newest, { spokeNs }) => newer(newest, spokeNs), 0n);
  const judged = heard.map((one) => judgeHeard(one, sight, expected, busyNs));
  const silent = expected.filter((one) => !heard.some((source) => answers(source, one)));
  const absent = absentOf(opened.absent);
  const missing = silent.map((one) => unheard(one, absent.get(one.name)));
  const rest = [...absent].filter(([name]) => !expected.some((one) => one.name === name));
  const others = rest
    .filter(([name]) => !heard.some((one) => one.name === name))
    .map(([name, reason]) => unheard({ name, vantage: undefined }, reason));
  return [...judged, ...missing, ...others].sort((a, b) => order(a.item) - order(b.item));
}

function order({ state }: SourceItem): number {
  return SOURCE_STATES.indexOf(state);
}

function judgeHeard(
  source: HeardSource,
  { closed, nowNs, opened }: SessionSight,
  expected: Expected[],
  busyNs: bigint,
): JudgedSource {
  const isExpected = expected.some((one) => answers(source, one));
  const [state, sinceNs] = stateOf(source, { closed, nowNs, busyNs });
  const strange = !isExpected && isStrange(source, textsOf(opened.expected).length > 0);
  const known = knownSource(source.name);
  const item: SourceItem = {
    name: source.name,
    vantage: source.vantage,
    state: state === 'healthy' && strange ? 'unexpected' : state,
    since: sinceNs === 0n ? null : String(sinceNs),
    expected: isExpected,
    version: source.version,
    records: source.records,
    more: source.more,
    signals: [...source.signals].sort(),
    last_seen: source.lastNs === 0n ? null : String(source.lastNs),
    losses: source.losses,
    last_loss: source.lossNs === 0n ? null : String(source.lossNs),
    reason: null,
    sees: known?.sees ?? null,
  };
  // What has the name of another has not what that one sees.
  const able = strange ? [] : (known?.kinds ?? []);
  return { item, kinds: new Set([...source.kinds, ...able]), word: wordOf(state, closed) };
}

function wordOf(state: SourceState, closed: boolean): JudgedSource['word'] {
  if (state === 'ended') return closed ? 'good' : 'over';
  return state === 'healthy' ? 'good' : 'doubtful';
}

function stateOf(
  source: HeardSource,
  { closed, nowNs, busyNs }: { closed: boolean; nowNs: bigint; busyNs: bigint },
): [state: SourceState, sinceNs: bigint] {
  const { lastNs, spokeNs, byeNs, lossNs, beats } = source;
  if (closed) return ['ended', lastNs];
  if (lossNs > nowNs - ns(SOURCE_DROPPING_MS)) return ['dropping', lossNs];
  if (byeNs > 0n && byeNs >= lastNs) return ['ended', byeNs];
  if (beats) return lastNs < nowNs - ns(SOURCE_SILENT_MS) ? ['silent', lastNs] : ['healthy', 0n];
  return spokeNs < busyNs - ns(SOURCE_QUIET_MS) ? ['silent', spokeNs] : ['healthy', 0n];
}

function ns(ms: number): bigint {
  return BigInt(ms) * NS_PER_MS;
}

/**
 * Who stands outside the agent is registered, and so is whoever has the name of one that stands
 * there. The agent's own telemetry need not be announced.
 */
function isStrange({ name, vantage }: HeardSource, announced: boolean): boolean {
  if (vantage !== 'agent') return announced;
  const known = knownSource(name);
  return name === RUNNER || (known !== undefined && known.vantage !== 'agent');
}

/**
 * A name alone is answered at any vantage, except that the agent does not answer for a source that
 * is known to stand outside it.
 */
function answers(source: HeardSource, { name, vantage }: Expected): boolean {
  if (source.name !== name || source.lastNs === 0n) return false;
  if (vantage !== undefined) return source.vantage === vantage;
  return !isStrange(source, false);
}

function unheard({ name, vantage }: Expected, reason: string | undefined): JudgedSource {
  const item: SourceItem = {
    name,
    vantage: vantage ?? null,
    state: reason === undefined ? 'never' : 'absent',
    since: null,
    expected: reason === undefined,
    version: null,
    records: 0,
    more: false,
    signals: [],
    last_seen: null,
    losses: 0,
    last_loss: null,
    reason: reason ?? null,
    sees: knownSource(name)?.sees ?? null,
  };
  return { item, kinds: new Set(), word: 'over' };
}

function knownSource(name: string): (typeof SOURCES)[number] | undefined {
  return SOURCES.find((source) => source.name === name);
}

/** A sandbox that a runtime registered has a relay; a source that pushes has none. */
function relayOf({ opened }: SessionSight): Expected[] {
  return isObject(opened.host) ? [{ name: RELAY, vantage: undefined }] : [];
}

function expectedOf(text: string): Expected {
  const slash = text.indexOf('/');
  const vantage = text.slice(0, Math.max(slash, 0));
  return isVantage(vantage)
    ? { name: text.slice(slash + 1), vantage }
    : { name: text, vantage: undefined };
}

function absentOf(value: Json | undefined): Map<string, string> {
  const list = Array.isArray(value) ? value.filter(isObject) : [];
  return new Map(list.map(({ source, reason }) => [String(source), String(reason)]));
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
