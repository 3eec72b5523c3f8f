/**
 * Lays out a filled draft as the next batch of the log: admit records first, then the records of
 * sessions, the log's own, and the seal (LOG.md §3). Pure but for the state it moves on; the clock
 * is an argument.
 */
import { type FullTile, type Head, headsTree, leafHash, makeSeal } from '@vitrine/chain';
import {
  CLOCK_STEP_MS_MAX,
  HEADS_ALWAYS_CHAINS_MAX,
  type JsonObject,
  type RecordColumns,
} from '@vitrine/schema';
import type { QueuedPart } from '../queue/entry.ts';
import type { BatchDraft, Provenance } from './draft.ts';
import { chainName, type LogState, OWN_SESSION } from './state.ts';

export interface BatchRow {
  session: string;
  shim: string;
  /** `null` for the seal. */
  seq: number | null;
  bytes: Buffer;
  leaf: Buffer;
  parts: QueuedPart[];
  provenance: Provenance | null;
  columns?: RecordColumns;
  subject?: string;
}

/** A batch that only has to be made durable and published. Row i stands at index `first` + i. */
export interface Batch {
  log: string;
  first: number;
  size: number;
  root: Buffer;
  rows: BatchRow[];
  tiles: FullTile[];
}

const NS_PER_MS = 1_000_000n;
const HEADS_AGE_NS_MAX = 1_000_000_000n;
/** A run is at most about 500 bytes: this many stay well below the record's cap. */
const RUNS_PER_RECORD = 100;
const OWN_CHAINS = chainName(OWN_SESSION, '');
const ADMIT_CHAIN = chainName(OWN_SESSION, 'admit');

/** A batch, and the heads its seal commits to; `null` where the seal has none. */
export interface Plan {
  batch: Batch;
  heads: Head[] | null;
  /** What the seal has cost, however many records it is for. */
  sealMs: number;
}

export function planBatch(draft: BatchDraft, nowNs: bigint): Plan {
  const { state } = draft;
  const rows = layOutBatch(draft, nowNs);
  const last = state.lastSeal;
  const tNs = last === null || nowNs > last.tNs ? nowNs : last.tNs + 1n;
  const { journal, detect } = state.consumed;
  const src = { journal: String(journal), detect: String(detect) };
  return closeBatch(state, rows, { tNs, src, withHeads: headsAreDue(state, tNs) });
}

/** The rows of a batch in their order, admit records first; all but the seal. */
export function layOutBatch(draft: BatchDraft, nowNs: bigint): BatchRow[] {
  noteClockStep(draft, nowNs);
  admitRuns(draft, nowNs);
  return chainsInOrder(draft).flatMap((chain) => draft.chains.get(chain)!);
}

/** What is decided about a seal, beside what the tree and the chains say. */
export interface SealTerms {
  tNs: bigint;
  src: JsonObject;
  withHeads: boolean;
}

/** Appends the rows and their seal to the tree. */
export function closeBatch(state: LogState, rows: BatchRow[], terms: SealTerms): Plan {
  const first = state.tree.size;
  const tiles: FullTile[] = [];
  const append = (leaf: Buffer): void => {
    for (const tile of state.tree.append(leaf)) tiles.push(tile);
  };
  for (const row of rows) append(row.leaf);
  state.days.take(terms.tNs, headsIn(rows));
  const sealStart = performance.now();
  const seal = sealOf(state, first, rows.length, terms);
  const sealMs = performance.now() - sealStart;
  const leaf = leafHash(seal.bytes);
  append(leaf);
  const place = { session: OWN_SESSION, shim: 'seal', seq: null };
  const sealRow = { ...place, bytes: seal.bytes, leaf, parts: [], provenance: null };
  const size = state.tree.size;
  const root = state.tree.root();
  state.lastSeal = { n: seal.n, tNs: terms.tNs, size, root };
  const batch = { log: state.log, first, size, root, rows: [...rows, sealRow], tiles };
  return { batch, heads: seal.heads, sealMs };
}

/** A host clock that steps back by more than a second is said in the log (LOG.md §3). */
function noteClockStep(draft: BatchDraft, nowNs: bigint): void {
  const last = draft.state.lastSeal;
  if (last === null || nowNs >= last.tNs - BigInt(CLOCK_STEP_MS_MAX) * NS_PER_MS) return;
  const fields = { before: String(last.tNs), now: String(nowNs) };
  draft.own('audit', 'clock', String(last.tNs), fields);
}

/** One admit run for each stretch of a chain that arrived the same way (LOG.md §2). */
function admitRuns(draft: BatchDraft, nowNs: bigint): void {
  const runs: (Provenance & { chain: string; first: number; last: number })[] = [];
  for (const chain of chainsInOrder(draft)) {
    let run: (typeof runs)[number] | undefined;
    for (const { seq, provenance } of draft.chains.get(chain)!) {
      if (provenance === null) continue;
      if (run !== undefined && sameProvenance(run, provenance)) {
        run.last = seq;
        continue;
      }
      run = { chain, first: seq, last: seq, ...provenance };
      runs.push(run);
    }
  }
  for (let at = 0; at < runs.length; at += RUNS_PER_RECORD) {
    const some = runs.slice(at, at + RUNS_PER_RECORD) as unknown as JsonObject[];
    draft.own('admit', 'admit', String(nowNs), { runs: some });
  }
}

function sameProvenance(a: Provenance, b: Provenance): boolean {
  return (
    a.observed === b.observed &&
    a.sandbox === b.sandbox &&
    a.via === b.via &&
    a.vantage === b.vantage &&
    a.peer === b.peer
  );
}

/** Admit records stand first, then the chains of sessions, then the log's own. */
function chainsInOrder({ chains }: BatchDraft): string[] {
  const group = (chain: string): number => {
    if (!chain.startsWith(OWN_CHAINS)) return 1;
    return chain === ADMIT_CHAIN ? 0 : 2;
  };
  return [...chains.keys()].sort((a, b) => group(a) - group(b) || compareBytes(a, b));
}

/** Chain names are ASCII, so code units order them as their bytes do. */
function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

interface Seal {
  bytes: Buffer;
  heads: Head[] | null;
  n: number;
}

function sealOf(state: LogState, first: number, count: number, terms: SealTerms): Seal {
  const last = state.lastSeal;
  const n = last === null ? 0 : last.n + 1;
  const heads = terms.withHeads ? headList(state) : null;
  if (heads !== null) state.headsAtNs = terms.tNs;
  const over = state.days.next();
  const bytes = makeSeal({
    count,
    first,
    heads: heads === null ? null : textOf(state.heads.update(heads)),
    n,
    prev: last === null ? null : { root: last.root.toString('base64'), size: last.size },
    src: terms.src,
    t: String(terms.tNs),
    ...(over === undefined ? {} : { day: over.day, days: textOf(headsTree(over.heads)) }),
  });
  return { bytes, heads, n };
}

/** In every seal, but where the chains that may still grow are very many. */
function headsAreDue(state: LogState, tNs: bigint): boolean {
  const crowded = state.tips.size > HEADS_ALWAYS_CHAINS_MAX;
  return !crowded || state.lastSeal === null || tNs - state.headsAtNs >= HEADS_AGE_NS_MAX;
}

/** The last record of each chain; its rows stand together. */
function headsIn(rows: BatchRow[]): Head[] {
  return rows.flatMap(({ session, shim, seq, leaf }, i) => {
    const next = rows[i + 1];
    if (next?.session === session && next.shim === shim) return [];
    return [{ chain: chainName(session, shim), head: leaf, seq: seq! }];
  });
}

function textOf({ root, size }: { root: Buffer; size: number }): { root: string; size: number } {
  return { root: root.toString('base64'), size };
}

export function headList(state: Pick<LogState, 'tips'>): Head[] {
  return [...state.tips].map(([chain, tip]) => ({ chain, head: tip.head, seq: tip.seq }));
}
