/**
 * Reads a backup batch by batch and holds it against what was signed: every leaf is hashed again,
 * every root compared with its checkpoint, every part with the commitment of its record.
 */
import {
  type CheckpointNote,
  CompactRange,
  type FullTile,
  isTrustedNote,
  leafHash,
  parseTrust,
  TiledTree,
  type Trust,
} from '@vitrine/chain';
import { BATCH_RECORDS_MAX, type JsonObject } from '@vitrine/schema';
import { type Announced, announcedBy } from '../erase/announced.ts';
import { Coverage } from '../erase/coverage.ts';
import { parsedObject } from '../fsck/parsed.ts';
import { readNote } from '../fsck/signature.ts';
import { Ahead } from './ahead.ts';
import { Chains, type Named } from './chains.ts';
import { readLines } from './file.ts';
import { type BackupPart, type BackupTable, damaged, type Segment } from './manifest.ts';
import { PartsOfBatch } from './parts.ts';

export interface WalkedRecord {
  text: string;
  record: JsonObject;
  leaf: Buffer;
}

export interface WalkedBatch {
  first: number;
  size: number;
  root: Buffer;
  note: string;
  records: WalkedRecord[];
  /** Without those that the log has announced as gone. */
  parts: BackupPart[];
  tiles: FullTile[];
}

export interface Fault {
  /** `lost`: not what was signed; `absent`: a part is not there; `stale`: one is still there. */
  kind: 'lost' | 'absent' | 'stale';
  place: string;
  what: string;
}

export interface WalkInput {
  dir: string;
  origin: string;
  /** Text of a trust file. */
  trust: string;
  /** In order, without a hole; the whole log, or its end. */
  segments: readonly Segment[];
  onFault: (fault: Fault) => void;
}

/** Leaves between two checkpoints: a batch with its admit records and alerts, and room. */
const BATCH_LEAVES_MAX = 4 * BATCH_RECORDS_MAX;

/** Ends at the first batch that is not what was signed. Throws BACKUP_DAMAGED. */
export async function* walkBackup(input: WalkInput): AsyncGenerator<WalkedBatch> {
  const { dir, segments } = input;
  const start = segments[0];
  if (start === undefined) return;
  const trust = parseTrust(input.trust);
  const coverage = new Coverage(await announcedIn(dir, segments));
  const tree = treeOf(start);
  const chains = new Chains(start.first === 0);
  const texts = new Ahead(linesIn(dir, segments, 'records'));
  const parts = new Ahead(linesIn(dir, segments, 'parts'));
  try {
    yield* batches({ ...input, trust, coverage, tree, chains, texts, parts });
  } finally {
    await Promise.all([texts.close(), parts.close()]);
  }
}

interface Walk extends Omit<WalkInput, 'trust'> {
  trust: Trust;
  coverage: Coverage;
  tree: GrowingTree;
  chains: Chains;
  texts: Ahead;
  parts: Ahead;
}

async function* batches(walk: Walk): AsyncGenerator<WalkedBatch> {
  const { dir, segments, tree, chains, texts, parts } = walk;
  const { coverage, onFault } = walk;
  let first = segments[0]!.first;
  for await (const line of linesIn(dir, segments, 'notes')) {
    const note = noteOf(line);
    if (note === undefined || note.size <= first) throw damaged(`after leaf ${first}: no note`);
    judgeNote(note, walk);
    const records = await batchOf(texts, first, note.size);
    const tiles = records.flatMap(({ leaf }) => tree.append(leaf));
    const suspect = chains.take(first, records);
    if (!tree.root().equals(note.root)) {
      const place = `leaves ${first} to ${note.size - 1}`;
      onFault({ kind: 'lost', place, what: `they do not give the signed root of ${note.size}` });
      const named = suspect ?? (await firstUnlinked(chains, texts, note.size, first));
      if (named !== undefined) onFault({ kind: 'lost', ...named });
      return;
    }
    const judged = new PartsOfBatch({ first, records, coverage, onFault });
    await judged.take(parts, note.size);
    const { size, root } = note;
    yield { first, size, root, note: note.signed, records, parts: judged.kept, tiles };
    first = note.size;
  }
  const end = segments.at(-1)!.end;
  if (first !== end) throw damaged(`leaves ${first} to ${end - 1} have no checkpoint`);
  if ((await texts.peek()) !== undefined) throw damaged(`there are records behind leaf ${end - 1}`);
}

function judgeNote(note: SignedNote, { origin, trust, onFault }: Walk): void {
  const place = `checkpoint ${note.size}`;
  if (note.origin !== origin) onFault({ kind: 'lost', place, what: `of ${note.origin}` });
  if (isTrustedNote(note, trust)) return;
  onFault({ kind: 'lost', place, what: 'no key of the trust file signed it' });
}

/** What the records among these leaves announce as redacted or expired. */
export async function announcedIn(dir: string, segments: readonly Segment[]): Promise<Announced[]> {
  const found: Announced[] = [];
  let idx = segments[0]?.first ?? 0;
  for await (const line of linesIn(dir, segments, 'records')) {
    const index = idx++;
    if (!line.includes('"shim":"audit"') || !/"kind":"(redact|expire)"/.test(line)) continue;
    const record = parsedObject(line);
    if (record?.session !== 'log') continue;
    const announced = announcedBy(index, line, record);
    if (announced !== undefined) found.push(announced);
  }
  return found;
}

export async function* linesIn(
  dir: string,
  segments: readonly Segment[],
  table: BackupTable,
): AsyncGenerator<string> {
  for (const { tables } of segments) yield* readLines(dir, tables[table]);
}

interface GrowingTree {
  append(leaf: Buffer): FullTile[];
  root(): Buffer;
}

/** Grows from the tree before a segment; tiles come out right only from leaf 0 on. */
function treeOf({ first, edge }: Segment): GrowingTree {
  if (first === 0) {
    const tiled = new TiledTree();
    return { append: (leaf) => [...tiled.append(leaf)], root: () => tiled.root() };
  }
  const range = edgeOf(first, edge);
  return {
    append(leaf) {
      range.append(leaf);
      return [];
    },
    root: () => range.root(),
  };
}

/** The tree of `first` leaves. Throws BACKUP_DAMAGED. */
export function edgeOf(first: number, edge: readonly string[]): CompactRange {
  try {
    return CompactRange.fromHashes(
      first,
      edge.map((hash) => Buffer.from(hash, 'base64')),
    );
  } catch {
    throw damaged(`the edge of the tree of ${first} is none`);
  }
}

interface SignedNote extends CheckpointNote {
  signed: string;
}

function noteOf(line: string): SignedNote | undefined {
  let signed: unknown;
  try {
    signed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof signed !== 'string') return undefined;
  const note = readNote(signed);
  return note === undefined ? undefined : { ...note, signed };
}

async function batchOf(texts: Ahead, first: number, size: number): Promise<WalkedRecord[]> {
  if (size - first > BATCH_LEAVES_MAX) throw damaged(`leaves ${first} to ${size}: no checkpoint`);
  const records: WalkedRecord[] = [];
  for (let idx = first; idx < size; idx++) {
    const text = await texts.next();
    if (text === undefined) throw damaged(`leaf ${idx} is missing`);
    const record = parsedObject(text);
    if (record === undefined) throw damaged(`leaf ${idx} is no record`);
    records.push({ text, record, leaf: leafHash(Buffer.from(text)) });
  }
  return records;
}

/** Which row it is: the one of which the next record of its chain says another hash. */
async function firstUnlinked(
  chains: Chains,
  texts: Ahead,
  size: number,
  first: number,
): Promise<Named | undefined> {
  for (let idx = size; ; idx++) {
    const text = await texts.next();
    const record = text === undefined ? undefined : parsedObject(text);
    if (text === undefined || record === undefined) return undefined;
    const leaf = leafHash(Buffer.from(text));
    const named = chains.take(idx, [{ text, record, leaf }]);
    if (named !== undefined && named.idx >= first && named.idx < size) return named;
  }
}
