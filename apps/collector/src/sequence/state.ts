/**
 * What the single writer of a log knows between two batches: the tree's edge, the tip of every
 * chain that may still grow, and the sessions that are open. All of it can be read back from the
 * store (`recover.ts`); nothing here is a truth of its own.
 */
import { type Head, HeadsLedger, TiledTree } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import { DayLedger } from './days.ts';
import type { PublishedNote } from './intents.ts';

export interface Tip {
  session: string;
  shim: string;
  seq: number;
  head: Buffer;
  /** The same in base64, of a record that was made since the start. */
  headText?: string | undefined;
}

export interface OpenSession {
  session: string;
  /** The record of `open`. */
  opened: JsonObject;
  /** Chains of this session that `sup` has joined, and whether it has ended them. */
  joined: Map<string, { ended: boolean }>;
  /** Host clock at the newest record, unix nanoseconds; decides about `idle`. */
  lastAtNs: bigint;
  /** Nobody else speaks for a pushed session: it closes when it falls silent. */
  pushed: boolean;
}

export interface LastSeal {
  n: number;
  tNs: bigint;
  size: number;
  root: Buffer;
}

/** What the log has consumed of each input; travels in every seal as `src`. */
export interface Consumed {
  journal: number;
  detect: number;
}

export interface LogState {
  readonly log: string;
  readonly tenant: string;
  readonly origin: string;
  tree: TiledTree;
  lastSeal: LastSeal | null;
  /** Time of the newest seal that carries heads. */
  headsAtNs: bigint;
  /** What the seals of days will say. */
  days: DayLedger;
  /** By chain name: chains of open sessions, and the log's own. */
  tips: Map<string, Tip>;
  /** The hashes of the last seal's heads: most of them stay. */
  heads: HeadsLedger;
  sessions: Map<string, OpenSession>;
  consumed: Consumed;
  /** Alerts about open sessions, by session: a second one with the same id is dropped. */
  alertIds: Map<string, Set<string>>;
  /** How many lives of a name are closed, by the name of the first. */
  lives: Map<string, number>;
}

/** A published tree with what a prover needs to know of its seal's heads. */
export interface EvidenceTree {
  note: PublishedNote;
  heads: Head[];
}

export const OWN_SESSION = 'log';
export const SUPERVISOR_SHIM = 'sup';
export const PUSHED_SHIM = 'in';

export function chainName(session: string, shim: string): string {
  const known = names.get(session)?.get(shim);
  if (known !== undefined) return known;
  if (++kept > NAMES_KEPT_MAX) {
    names.clear();
    kept = 1;
  }
  const name = `${session}/${shim}`;
  const shims = names.get(session);
  if (shims === undefined) names.set(session, new Map([[shim, name]]));
  else shims.set(shim, name);
  return name;
}

/** A text that is put together anew has to be hashed anew by whoever looks it up. */
const names = new Map<string, Map<string, string>>();
/** One session may have chains without end. */
const NAMES_KEPT_MAX = 16_384;
let kept = 0;

/** The maker's name in that of its chain. */
export function shimOf(session: string, chain: string): string {
  return chain.slice(session.length + 1);
}

/** A log that has nothing yet. */
export function emptyState({
  log,
  tenant,
  origin,
}: Pick<LogState, 'log' | 'tenant' | 'origin'>): LogState {
  return {
    log,
    tenant,
    origin,
    tree: new TiledTree(),
    lastSeal: null,
    headsAtNs: 0n,
    days: new DayLedger(),
    tips: new Map(),
    heads: new HeadsLedger(),
    sessions: new Map(),
    consumed: { journal: 0, detect: 0 },
    alertIds: new Map(),
    lives: new Map(),
  };
}
