/**
 * The intent store of one log: blobs by hash, `intent/<first>` created once and for ever, and the
 * newest published note. Creating an intent is the commit point of a batch: no tree can have two
 * successors (LOG.md §3). Relies on `IntentFiles` for what is durable.
 */
import { createHash } from 'node:crypto';
import { parseCheckpointNote } from '@vitrine/chain';
import { CollectorError } from '../error.ts';
import { decodeBatch, encodeBatch } from './blob.ts';
import { type IntentFiles, intentDirectory } from './intent-files.ts';
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
export const INTENTS_KEPT = 2;

export class IntentStore {
  readonly #files: IntentFiles;
  /** Blobs that no intent names yet. */
  readonly #underWay = new Set<string>();
  readonly #held: () => number;
  #scratch = Buffer.alloc(0);
  /** The intents that are there, in order, once they are needed. */
  #standing: Intent[] | undefined;

  /**
   * In a directory, unless it is told to stand elsewhere. `held`: the size up to which no batch has
   * to wait for a backup.
   */
  constructor(place: string | IntentFiles, held = () => Number.POSITIVE_INFINITY) {
    this.#held = held;
    this.#files = typeof place === 'string' ? intentDirectory(place) : place;
  }

  /**
   * Steps 2 and 3 for a writer that goes on with its own state: its batch is the one that stands,
   * or the writer is superseded. Throws WRITER_SUPERSEDED.
   */
  async decide(planned: Batch): Promise<void> {
    const standing = await this.commit(planned);
    if (standing.root.equals(planned.root)) return;
    const message = `the tree of ${planned.first} already has another successor`;
    throw new CollectorError('WRITER_SUPERSEDED', message, 'stop one of the two collectors');
  }

  /** One buffer for one batch after another: it is as large as any of them. */
  readonly #room = (bytes: number): Buffer => {
    if (this.#scratch.length < bytes) this.#scratch = Buffer.allocUnsafeSlow(bytes);
    return this.#scratch.subarray(0, bytes);
  };

  /** Steps 2 and 3: the blob, then the intent. The batch that stands is returned: ours, or not. */
  async commit(batch: Batch): Promise<Batch> {
    const bytes = encodeBatch(batch, this.#underWay.size === 0 ? this.#room : undefined);
    const blob = createHash('sha256').update(bytes).digest('hex');
    this.#underWay.add(blob);
    try {
      return await this.#commit(batch, blob, bytes);
    } finally {
      this.#underWay.delete(blob);
    }
  }

  async #commit(batch: Batch, blob: string, bytes: Buffer): Promise<Batch> {
    if (!this.#files.has('blob', blob)) await this.#files.replace('blob', blob, bytes);
    const { first, size } = batch;
    const intent: Intent = { first, size, root: batch.root.toString('base64'), blob };
    const created = await this.#files.create('intent', digits(first), JSON.stringify(intent));
    if (created) {
      this.#standing?.push(intent);
      return batch;
    }
    this.#standing = undefined;
    const standing = this.intents().find((known) => known.first === first);
    if (standing === undefined) throw corrupt(`intent/${digits(first)} cannot be read`);
    if (standing.blob !== blob) this.#files.remove('blob', blob);
    // A batch whose blob is deleted was published.
    if (!this.hasBlob(standing)) throw superseded(first, standing.size);
    return this.load(standing);
  }

  intents(): Intent[] {
    const text = (name: string): string => this.#files.read('intent', name).toString('utf8');
    return this.#files.names('intent').map((name) => JSON.parse(text(name)) as Intent);
  }

  hasBlob(intent: Intent): boolean {
    return this.#files.has('blob', intent.blob);
  }

  load(intent: Intent): Batch {
    const bytes = this.#files.read('blob', intent.blob);
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (hash !== intent.blob) throw corrupt(`blob ${intent.blob} does not have its own hash`);
    return decodeBatch(bytes);
  }

  /** The newest note, read from the directory each time: another writer may have published. */
  newest(): PublishedNote | null {
    const name = this.#files.names('note').at(-1);
    if (name === undefined) return null;
    const note = this.#files.read('note', name).toString('utf8');
    const { size, root } = parseCheckpointNote(note);
    return { size, root, note };
  }

  /** Step 6: never replaces a larger note; the same size again is the same bytes. */
  async publish(note: PublishedNote): Promise<void> {
    const newest = this.newest();
    if (newest !== null && newest.size > note.size) {
      throw superseded(note.size, newest.size);
    }
    await this.#files.create('note', digits(note.size), note.note);
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

  /**
   * Deletes what the store now holds whole and, where backups are made, one of them. What a full or
   * read-only disk keeps goes with a later batch: the next one says what is wrong.
   */
  forget(published: number): void {
    try {
      this.#forget(published);
    } catch (error) {
      if (!(error instanceof CollectorError) || error.code !== 'LOG_UNWRITABLE') throw error;
    }
  }

  /** Intents go after their blobs. */
  #forget(published: number): void {
    this.#standing ??= this.intents();
    const standing = this.#standing;
    const held = this.#held();
    while (standing.length > INTENTS_KEPT && standing[INTENTS_KEPT]!.size <= published) {
      const oldest = standing[0]!;
      if (oldest.size > held) break;
      if (this.hasBlob(oldest)) this.#files.remove('blob', oldest.blob);
      // Another writer may have been here.
      if (this.#files.has('intent', digits(oldest.first))) {
        this.#files.remove('intent', digits(oldest.first));
      }
      standing.shift();
    }
    for (const name of this.#files.names('note').slice(0, -NOTES_KEPT)) {
      this.#files.remove('note', name);
    }
  }

  /**
   * Deletes the batches that the store holds whole, and what crashes have left, for the parts in
   * them: after a redaction no copy may stay for a redo, which such a batch does not need any more.
   * What waits for a backup stays: when that ends is what a redaction says.
   */
  dropBlobs(published: number): void {
    const decided = this.intents().filter(({ size }) => size > Math.min(published, this.#held()));
    const needed = new Set([...decided.map(({ blob }) => blob), ...this.#underWay]);
    for (const name of this.#files.names('blob')) {
      if (!needed.has(name)) this.#files.remove('blob', name);
    }
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
