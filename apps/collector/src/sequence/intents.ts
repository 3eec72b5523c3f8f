/**
 * The intent store of one log as a directory: blobs by hash, `intent/<first>` created once and for
 * ever, and the newest published note. Creating an intent is the commit point of a batch: no tree
 * can have two successors (LOG.md §3).
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parseCheckpointNote } from '@vitrine/chain';
import { CollectorError } from '../error.ts';
import { createFile, replaceFile } from '../files.ts';
import { decodeBatch, encodeBatch } from './blob.ts';
import type { Batch } from './plan.ts';

export interface Intent {
  first: number;
  size: number;
  /** Root of the tree of `size`, base64. */
  root: string;
  /** SHA-256 of the blob, hex: its name. */
  blob: string;
}

export interface PublishedNote {
  size: number;
  root: Buffer;
  note: string;
}

const NUMBER_DIGITS = 16;
/** Older notes are kept in the store; here only the newest counts, one more is for the eye. */
const NOTES_KEPT = 2;
/** The newest intent stays: it tells a zombie that it is one. */
const INTENTS_KEPT = 2;

export class IntentStore {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
    for (const name of ['blob', 'intent', 'note']) {
      mkdirSync(join(dir, name), { recursive: true, mode: 0o700 });
    }
  }

  /** Steps 2 and 3: the blob, then the intent. The batch that stands is returned: ours, or not. */
  commit(batch: Batch): Batch {
    const bytes = encodeBatch(batch);
    const blob = createHash('sha256').update(bytes).digest('hex');
    const blobPath = this.#path('blob', blob);
    if (!existsSync(blobPath)) replaceFile(blobPath, bytes);
    const { first, size } = batch;
    const intent: Intent = { first, size, root: batch.root.toString('base64'), blob };
    const created = createFile(this.#path('intent', digits(first)), JSON.stringify(intent));
    if (created) return batch;
    const standing = this.intents().find((known) => known.first === first);
    if (standing === undefined) throw corrupt(`intent/${digits(first)} cannot be read`);
    if (standing.blob !== blob) unlinkSync(blobPath);
    // A batch whose blob is deleted was published.
    if (!this.hasBlob(standing)) throw superseded(first, standing.size);
    return this.load(standing);
  }

  intents(): Intent[] {
    return readdirSync(join(this.#dir, 'intent'))
      .filter((name) => !name.startsWith('.'))
      .sort()
      .map((name) => JSON.parse(readFileSync(this.#path('intent', name), 'utf8')) as Intent);
  }

  hasBlob(intent: Intent): boolean {
    return existsSync(this.#path('blob', intent.blob));
  }

  load(intent: Intent): Batch {
    const bytes = readFileSync(this.#path('blob', intent.blob));
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (hash !== intent.blob) throw corrupt(`blob ${intent.blob} does not have its own hash`);
    return decodeBatch(bytes);
  }

  /** The newest note, read from the directory each time: another writer may have published. */
  newest(): PublishedNote | null {
    const name = this.#noteNames().at(-1);
    if (name === undefined) return null;
    const note = readFileSync(this.#path('note', name), 'utf8');
    const { size, root } = parseCheckpointNote(note);
    return { size, root, note };
  }

  /** Step 6: never replaces a larger note; the same size again is the same bytes. */
  publish(note: PublishedNote): void {
    const newest = this.newest();
    if (newest !== null && newest.size > note.size) {
      throw superseded(note.size, newest.size);
    }
    createFile(this.#path('note', digits(note.size)), note.note);
  }

  /**
   * Step 4: a note beyond the tree we extend means that another writer has taken over, unless it is
   * the note of this very batch, published by a try that failed after it.
   */
  assertNewest({ first, size, root }: Pick<Batch, 'first' | 'size' | 'root'>): void {
    const newest = this.newest();
    if (newest === null || newest.size <= first) return;
    if (newest.size === size && newest.root.equals(root)) return;
    throw superseded(first, newest.size);
  }

  /** Deletes what the store now holds whole. Intents go after their blobs. */
  forget(published: number): void {
    const done = this.intents().filter((intent) => intent.size <= published);
    const old = done.slice(0, Math.max(0, done.length - INTENTS_KEPT));
    for (const intent of old) {
      if (this.hasBlob(intent)) unlinkSync(this.#path('blob', intent.blob));
      unlinkSync(this.#path('intent', digits(intent.first)));
    }
    for (const name of this.#noteNames().slice(0, -NOTES_KEPT))
      unlinkSync(this.#path('note', name));
  }

  /**
   * Deletes the batches that the store holds whole, and what crashes have left, for the parts in
   * them: after a redaction no copy may stay for a redo, which such a batch does not need any more.
   */
  dropBlobs(published: number): void {
    const decided = this.intents().filter(({ size }) => size > published);
    const needed = new Set(decided.map(({ blob }) => blob));
    for (const name of readdirSync(join(this.#dir, 'blob'))) {
      if (!needed.has(name)) unlinkSync(this.#path('blob', name));
    }
  }

  #noteNames(): string[] {
    return readdirSync(join(this.#dir, 'note'))
      .filter((name) => !name.startsWith('.'))
      .sort();
  }

  #path(kind: 'blob' | 'intent' | 'note', name: string): string {
    return join(this.#dir, kind, name);
  }
}

function digits(n: number): string {
  return String(n).padStart(NUMBER_DIGITS, '0');
}

function corrupt(message: string): CollectorError {
  const hint = 'restore the log directory from its last backup; do not delete anything';
  return new CollectorError('INTENT_CORRUPT', message, hint);
}

function superseded(ours: number, theirs: number): CollectorError {
  const message = `another writer has published size ${theirs}; this one stands at ${ours}`;
  return new CollectorError('WRITER_SUPERSEDED', message, 'stop one of the two collectors');
}
