/**
 * One record as a rule sees it: its members by dotted name, what the connection and the session say
 * instead of what the record claims, and the members that the engine derives.
 */
import { createHash } from 'node:crypto';
import {
  EGRESS_NAMES_MAX,
  isObject,
  isVantage,
  type Json,
  type JsonObject,
  readPath,
  type Vantage,
} from '@vitrine/schema';
import { isGranted, normalPath } from './grants.ts';
import type { DetectInput } from './input.ts';
import type { SessionContext } from './session.ts';

export type FieldReader = (view: EventView) => Json | undefined;

export class EventView {
  readonly row: DetectInput;
  /** Undefined when the session's `open` was not seen. */
  readonly context: SessionContext | undefined;
  /** What a rule that remembers has to say beside the record: `match.count` and its like. */
  readonly match: JsonObject | undefined;

  #timeMs: number | undefined;

  constructor(row: DetectInput, context: SessionContext | undefined, match?: JsonObject) {
    this.row = row;
    this.context = context;
    this.match = match;
  }

  /** As `timeMsOf`, read once. */
  get timeMs(): number {
    this.#timeMs ??= timeMsOf(this.row);
    return this.#timeMs;
  }
}

/** Members of the finding, and of the session's `open`: a record can set neither. */
const MATCH = 'match.';
const OPEN = 'open.';

/** Names a record cannot set, whatever it holds. */
const DERIVED: Record<string, FieldReader> = {
  kind: ({ row }) => row.kind,
  session: ({ row }) => row.session,
  /** What the runtime says the session is for. */
  'session.purpose': ({ context }) => context?.purpose,
  shim: ({ row }) => row.shim,
  vantage: ({ row }) => vantageOf(row),
  /** The path as it was asked for lies in a grant; absent without a path or without a grant. */
  'file.path_in_grant': (view) => inGrant(view, 'file.path'),
  /** The path the kernel resolved lies in a grant. */
  'file.real_path_in_grant': (view) => inGrant(view, 'file.real_path'),
  /** Where a link or a rename leads lies in a grant. */
  'file.target_path_in_grant': (view) => inGrant(view, 'file.target_path'),
  /** Every credential of the request is the session's own. What the shim claims does not count. */
  'http.auth_provisioned': isProvisioned,
  /** 1 for a decision that let something be done, 0 for another one: its average is a rate. */
  'decision.accepted': ({ row }) => {
    const value = memberOf(row, stepsOf('decision.value'));
    return typeof value === 'string' ? Number(value.toLowerCase() === 'accept') : undefined;
  },
  /** Every host that the request makes the server ask is one the session may ask itself. */
  'http.fetch_hosts_allowed': isFetchAllowed,
};

/** What a derived member is made from. */
const BEHIND: Record<string, readonly string[]> = {
  'file.path_in_grant': ['file.path', 'process.cwd'],
  'file.real_path_in_grant': ['file.real_path', 'process.cwd'],
  'file.target_path_in_grant': ['file.target_path', 'process.cwd'],
  'http.auth_provisioned': ['http.auth_fp'],
  'http.fetch_hosts_allowed': ['http.fetch_hosts'],
  'decision.accepted': ['decision.value'],
};

/** Members a record has to keep so that these can be read of it later. */
export function membersBehind(names: Iterable<string>): Set<string> {
  return new Set(
    [...names].flatMap((name) => (Object.hasOwn(BEHIND, name) ? BEHIND[name]! : [name])),
  );
}

/** The sequencer's own records stand on the collector's word: outside every sandbox. */
export function vantageOf({ vantage }: DetectInput): Vantage {
  if (vantage === '') return 'host';
  return isVantage(vantage) ? vantage : 'agent';
}

export function fieldReader(name: string): FieldReader {
  if (name.startsWith(MATCH)) {
    const inside = name.slice(MATCH.length);
    return ({ match }) => readPath(match, inside);
  }
  if (name.startsWith(OPEN)) {
    const inside = name.slice(OPEN.length);
    return ({ context }) => readPath(context?.record, inside);
  }
  const derived = Object.hasOwn(DERIVED, name) ? DERIVED[name] : undefined;
  if (derived !== undefined) return derived;
  const steps = stepsOf(name);
  return ({ row }) => memberOf(row, steps);
}

/** The member at a path, as `readPath` has it: every line of every rule reads one. */
function memberOf(row: DetectInput, steps: readonly string[]): Json | undefined {
  if (row.read !== undefined) return row.read(steps);
  let at: Json | undefined = row.record;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    if (!isObject(at) || !Object.hasOwn(at, step)) return undefined;
    at = at[step];
  }
  return at;
}

/** One list for all who ask for the name: a row knows what it has read by the list itself. */
function stepsOf(name: string): readonly string[] {
  const known = paths.get(name);
  if (known !== undefined) return known;
  if (paths.size >= PATHS_KEPT_MAX) paths.clear();
  const steps = name.split('.');
  paths.set(name, steps);
  return steps;
}

const paths = new Map<string, readonly string[]>();
/** Names in rules, which people write and replace. */
const PATHS_KEPT_MAX = 10_000;

function inGrant(view: EventView, name: string): boolean | undefined {
  const { row, context } = view;
  const roots = context?.roots;
  if (roots === undefined) return undefined;
  const path = memberOf(row, stepsOf(name));
  if (typeof path !== 'string') return undefined;
  const cwd = memberOf(row, stepsOf('process.cwd'));
  const normal = normalPath(path, typeof cwd === 'string' ? cwd : undefined);
  if (normal === undefined) return undefined;
  return isGranted(normal, roots);
}

function isProvisioned(view: EventView): boolean | undefined {
  const { row, context } = view;
  const value = memberOf(row, stepsOf('http.auth_fp'));
  const fingerprints = (Array.isArray(value) ? value : [value]).filter(isText);
  if (fingerprints.length === 0 || context === undefined) return undefined;
  return fingerprints.every((fingerprint) => context.credentials.has(fingerprint.toLowerCase()));
}

function isFetchAllowed({ row, context }: EventView): boolean | undefined {
  const value = memberOf(row, stepsOf('http.fetch_hosts'));
  const hosts = (Array.isArray(value) ? value : [value]).filter(isText);
  if (hosts.length === 0 || context === undefined) return undefined;
  // A list that is full may have been cut, and what was cut be what matters.
  if (hosts.length >= EGRESS_NAMES_MAX) return false;
  return hosts.every((host) => context.isHostAllowed(host));
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

/** Milliseconds of the event's own time; 0 for a time that is none. */
export function timeMsOf(row: DetectInput): number {
  const t = memberOf(row, stepsOf('t'));
  return isTime(t) ? Number(t) / 1e6 : 0;
}

const TIME_DIGITS_MAX = 20;

/** Decimal text of unix nanoseconds. */
export function isTime(t: unknown): t is string {
  if (typeof t !== 'string' || t.length === 0 || t.length > TIME_DIGITS_MAX) return false;
  for (let i = 0; i < t.length; i++) {
    const code = t.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/** More than an alert shows of a value (`FIELD_CHARS_SHOWN` in alert.ts). */
const HELD_CHARS_MAX = 256;
const HASH_CHARS = 64;
/** Of a list, of which each element may be what is looked for: as many as a shim tells of. */
const HELD_LIST_CHARS_MAX = 4_096;

/**
 * A text that may be held by the thousand, whatever its sender made of it: of a longer one its
 * beginning, and a hash in the place of the rest, so that two that differ go on to do so.
 */
export function heldText(text: string): string {
  if (text.length <= HELD_CHARS_MAX) return text;
  const hash = createHash('sha256').update(text).digest('hex');
  return text.slice(0, HELD_CHARS_MAX - HASH_CHARS).toWellFormed() + hash;
}

function heldValue(value: Json): Json {
  if (typeof value === 'string') return heldText(value);
  if (Array.isArray(value)) return heldList(value);
  if (typeof value !== 'object' || value === null) return value;
  const text = JSON.stringify(value);
  return text.length <= HELD_CHARS_MAX ? value : heldText(text);
}

/** What is beyond the bound is one element, a hash. */
function heldList(list: readonly Json[]): Json[] {
  const kept: Json[] = [];
  let chars = 0;
  for (const [i, item] of list.entries()) {
    const one = heldValue(item);
    chars += typeof one === 'string' ? one.length : JSON.stringify(one).length;
    if (chars > HELD_LIST_CHARS_MAX) return [...kept, heldText(JSON.stringify(list.slice(i)))];
    kept.push(one);
  }
  return kept;
}

/** The same row with these members of its record alone: what waits must not hold whole records. */
export function slimView({ row, context, match }: EventView, names: Iterable<string>): EventView {
  const record: JsonObject = { t: row.record.t ?? '0' };
  if (typeof row.record.seq === 'number') record.seq = row.record.seq;
  for (const name of names) {
    const value = readPath(row.record, name);
    if (value !== undefined) place(record, name.split('.'), heldValue(value));
  }
  // A row on its way from another thread makes its hash's text when it is asked for.
  const { log, index, leaf, session, shim, vantage, kind } = row;
  const slim = { log, index, leaf, session, shim, vantage, kind, record };
  return new EventView(slim, context, match);
}

function place(target: JsonObject, path: string[], value: Json): void {
  let at = target;
  for (const step of path.slice(0, -1)) {
    const next = Object.hasOwn(at, step) ? at[step] : {};
    if (!isObject(next)) return;
    at[step] = next;
    at = next;
  }
  at[path.at(-1)!] = value;
}
