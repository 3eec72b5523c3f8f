/**
 * Writes a backup, or brings one up to date: only leaves that it does not have are asked for, and
 * what the log has announced as gone since is taken out of it. The manifest is replaced last: until
 * then the backup is the one it was.
 */
import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CompactRange, leafHash } from '@vitrine/chain';
import { CodedError } from '@vitrine/schema';
import type { BackupSubject } from '@vitrine/schema/api';
import { StoreError } from '../error.ts';
import { readNote } from '../fsck/signature.ts';
import { eraseAnnounced } from './erase.ts';
import { privateDirectories, readLines, syncDirectory, writeFile, writeLines } from './file.ts';
import { type GivenFile, keepFiles } from './keep.ts';
import { lockBackup } from './lock.ts';
import {
  type BackupTable,
  damaged,
  keptName,
  MANIFEST_FILE,
  type Manifest,
  manifestText,
  readManifest,
  type Segment,
  segmentName,
  TABLES,
} from './manifest.ts';
import { edgeOf, type Fault, linesIn, walkBackup } from './walk.ts';

export interface BackupSource {
  subject: BackupSubject;
  /** Lines about the leaves [first, end), as `BackupTables.lines` has them. */
  lines(table: BackupTable, first: number, end: number): AsyncIterable<string>;
}

export interface BackupOptions {
  files: readonly GivenFile[];
  keys: boolean;
  /** Leaves of one segment, other than usual. */
  segmentLeaves?: number;
  onProgress: (progress: { done: number; size: number }) => void;
}

export interface WrittenBackup {
  size: number;
  /** Leaves that were new. */
  added: number;
  /** Parts that were taken out of it because the log has announced them as gone. */
  erased: number;
  /** What is not whole, and hinders no rebuild. */
  faults: Fault[];
}

const SEGMENT_LEAVES = 262_144;

/**
 * Throws BACKUP_FOREIGN, BACKUP_AHEAD, BACKUP_DAMAGED, BACKUP_BUSY, BACKUP_UNWRITABLE, and what the
 * source throws.
 */
export async function writeBackup(
  dir: string,
  source: BackupSource,
  options: BackupOptions,
): Promise<WrittenBackup> {
  try {
    privateDirectories(dir);
    const lock = await lockBackup(dir);
    try {
      return await write(dir, source, options);
    } finally {
      lock.close();
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (cause instanceof CodedError || !/^E[A-Z]+$/.test(code ?? '')) throw cause;
    const hint = 'the backup that was there is as it was; see the space and the rights there';
    throw new StoreError('BACKUP_UNWRITABLE', `${dir}: ${message}`, hint, { cause });
  }
}

async function write(
  dir: string,
  source: BackupSource,
  options: BackupOptions,
): Promise<WrittenBackup> {
  const { subject } = source;
  const note = readNote(subject.note);
  if (note === undefined) throw damaged('the newest checkpoint is none');
  const before = readManifest(dir);
  if (before !== undefined) refuseOther(dir, before, subject, note.size, note.root);
  const { kept, fresh } = await fetchSegments(dir, before, source, note.size, options);
  const faults: Fault[] = [];
  await checkFresh(dir, fresh, subject, faults);
  const from = before?.size ?? 0;
  const erasing = { dir, kept, fresh, from };
  const { segments, erased } = await eraseAnnounced(erasing);
  const files = keepFiles(dir, options.files);
  const manifest = {
    made: new Date().toISOString(),
    ...subject,
    size: note.size,
    keys: options.keys,
    segments,
    files,
  };
  for (const name of ['segments', 'files']) syncDirectory(join(dir, name));
  writeFile(join(dir, MANIFEST_FILE), manifestText(manifest));
  syncDirectory(dir);
  dropOthers(dir, segments, new Set(files.map(keptName)));
  return { size: note.size, added: note.size - from, erased, faults };
}

/** A backup is brought forward only by the log it is of, and never to a smaller tree. */
function refuseOther(
  dir: string,
  before: Manifest,
  { origin }: BackupSubject,
  size: number,
  root: Buffer,
): void {
  if (before.origin !== origin) {
    const message = `${dir} is the backup of ${before.origin}, not of ${origin}`;
    throw new StoreError('BACKUP_FOREIGN', message, 'choose another directory');
  }
  const old = readNote(before.note);
  const split = before.size === size && old !== undefined && !old.root.equals(root);
  if (before.size <= size && !split) return;
  const message = split
    ? `${dir} holds another tree of size ${size} than this log has signed`
    : `${dir} holds a tree of size ${before.size}, this log is at ${size}: it was put back`;
  const hint = 'keep the backup as it is, stop this log, and rebuild it from there';
  throw new StoreError('BACKUP_AHEAD', message, hint);
}

interface Fetched {
  /** Older segments that stay as they are. */
  kept: Segment[];
  fresh: Segment[];
}

async function fetchSegments(
  dir: string,
  before: Manifest | undefined,
  source: BackupSource,
  size: number,
  { onProgress, segmentLeaves = SEGMENT_LEAVES }: BackupOptions,
): Promise<Fetched> {
  const all = before?.segments ?? [];
  const known = before?.size ?? 0;
  if (known === size) return { kept: all, fresh: [] };
  const kept = all.slice(0, keptCount(all, size - known, segmentLeaves));
  const merged = all.slice(kept.length);
  const last = kept.at(-1);
  const tree =
    merged[0] !== undefined
      ? edgeOf(merged[0].first, merged[0].edge)
      : last === undefined
        ? new CompactRange()
        : await treeAfter(dir, last);
  const fresh: Segment[] = [];
  for (let first = tree.size; first < size; ) {
    const end = Math.min(size, (Math.floor(first / segmentLeaves) + 1) * segmentLeaves);
    const old = merged.filter((one) => one.first >= first && one.end <= end);
    fresh.push(await fetchSegment(dir, source, { first, end, old, known, tree }));
    onProgress({ done: end, size });
    first = end;
  }
  return { kept, fresh };
}

/**
 * Segments at the end are written again, as one with what is new, where they are no longer than
 * that. So each leaf is written a few times over all, runs that find little cost little, and there
 * are few short segments.
 */
function keptCount(all: readonly Segment[], added: number, segmentLeaves: number): number {
  let [count, leaves] = [all.length, added];
  for (; count > 0; count--) {
    const { first, end } = all[count - 1]!;
    if (end % segmentLeaves === 0 || end - first > leaves) break;
    leaves += end - first;
  }
  return count;
}

interface Wanted {
  first: number;
  end: number;
  /** What the backup has of it, in order. */
  old: readonly Segment[];
  /** Leaves that the backup has. */
  known: number;
  tree: CompactRange;
}

async function fetchSegment(
  dir: string,
  source: BackupSource,
  { first, end, old, known, tree }: Wanted,
): Promise<Segment> {
  const edge = tree.hashes().map((hash) => hash.toString('base64'));
  async function* lines(table: BackupTable): AsyncGenerator<string> {
    yield* linesIn(dir, old, table);
    yield* source.lines(table, Math.max(first, known), end);
  }
  async function* hashed(): AsyncGenerator<string> {
    for await (const line of lines('records')) {
      tree.append(leafHash(Buffer.from(line)));
      yield line;
    }
  }
  const name = segmentName({ first, end });
  const write = (table: BackupTable): ReturnType<typeof writeLines> =>
    writeLines(dir, `${table}-${name}`, table === 'records' ? hashed() : lines(table));
  const [records, parts, notes] = [
    await write('records'),
    await write('parts'),
    await write('notes'),
  ];
  if (records.lines === end - first) return { first, end, edge, tables: { records, parts, notes } };
  throw damaged(`leaves ${first} to ${end}: ${records.lines} records came`);
}

async function treeAfter(dir: string, { first, edge, tables }: Segment): Promise<CompactRange> {
  const tree = edgeOf(first, edge);
  for await (const line of readLines(dir, tables.records)) {
    tree.append(leafHash(Buffer.from(line)));
  }
  return tree;
}

/** What was just written must be what was signed, as a continuation of what was there. */
async function checkFresh(
  dir: string,
  segments: readonly Segment[],
  { origin, trust, note }: BackupSubject,
  faults: Fault[],
): Promise<void> {
  let last = '';
  const onFault = (fault: Fault): void => {
    if (fault.kind !== 'lost') return void faults.push(fault);
    const message = `what the store gave is not what was signed: ${fault.place}: ${fault.what}`;
    throw new StoreError('BACKUP_DAMAGED', message, 'nothing was replaced; run vitrine fsck');
  };
  for await (const batch of walkBackup({ dir, origin, trust, segments, onFault })) {
    last = batch.note;
  }
  if (segments.length > 0 && last !== note) throw damaged('the newest checkpoint did not come');
}

function dropOthers(dir: string, segments: readonly Segment[], files: ReadonlySet<string>): void {
  const named = segments.flatMap(({ tables }) => TABLES.map((name) => tables[name].file));
  const known = new Set([...named, ...files]);
  for (const folder of ['segments', 'files']) {
    for (const name of readdirSync(join(dir, folder))) {
      if (!known.has(`${folder}/${name}`)) unlinkSync(join(dir, folder, name));
    }
  }
}
