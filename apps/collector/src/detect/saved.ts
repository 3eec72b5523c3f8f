/**
 * What detection remembers, saved beside the log, so that a start or a new thread goes on from
 * there and reads only what came after. Written when the log itself says that detection has read
 * so far: a file is never ahead of the alerts that were raised. Nothing depends on it.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import {
  DETECT_SAVE_MS,
  DETECT_SAVE_ROWS,
  DETECT_SAVED_BYTES_MAX,
  DETECT_SAVED_ROWS_MAX,
  isObject,
} from '@vitrine/schema';
import { replaceFileLater } from '../files.ts';
import type { LogReader } from './before.ts';

const FORMAT = 'vitrine-detect/1';
/** A thread that takes long to say what it knows is asked less often. */
const COST_FACTOR = 50;

/** What the engine knew when it had read the leaves below `to`. */
export interface Saved {
  to: number;
  /** JSON, UTF-8. */
  state: Uint8Array<ArrayBuffer>;
}

interface Head {
  format: string;
  log: string;
  to: number;
  /** Leaf hash of the last leaf that was read, base64: in another log it is another one. */
  leaf: string;
  sha256: string;
}

export interface SaverOptions extends LogReader {
  path: string;
  /** Asks the thread for what it knows, once it has read what it was handed. */
  ask: () => void;
  print: (line: string) => void;
}

export class Saver {
  readonly #options: SaverOptions;
  /** Where the last question was, and when. */
  #askedAt = 0;
  #askedMs = Number.NEGATIVE_INFINITY;
  #costMs = 0;
  #isAsked = false;
  #taken: Saved | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: SaverOptions, position: number) {
    this.#options = options;
    this.#askedAt = position;
  }

  /** The thread has read up to `position`. */
  read(position: number, nowMs: number): void {
    if (this.#isAsked || this.#taken !== undefined) return;
    const sinceMs = nowMs - this.#askedMs;
    const rows = position - this.#askedAt;
    const due = rows >= DETECT_SAVE_ROWS || (rows > 0 && sinceMs >= DETECT_SAVE_MS);
    if (!due || sinceMs < this.#costMs * COST_FACTOR) return;
    this.#askedAt = position;
    this.#askedMs = nowMs;
    this.#isAsked = true;
    this.#options.ask();
  }

  /** What it knew; `ms`: what saying so took. */
  take({ to, state, ms }: { to: number; state: Saved['state'] | null; ms: number }): void {
    this.#isAsked = false;
    this.#costMs = ms;
    if (state !== null && state.length <= DETECT_SAVED_BYTES_MAX) this.#taken = { to, state };
    else
      this.#options.print('detect: there is too much to remember for a file; a start reads again');
  }

  /** The thread that was asked is gone. */
  forget(): void {
    this.#isAsked = false;
  }

  /** The published log says that detection has read up to `to`. */
  durable(to: number): void {
    const saved = this.#taken;
    if (saved === undefined || saved.to > to) return;
    this.#taken = undefined;
    this.#writing = this.#writing.then(() => this.#write(saved));
  }

  /** What may be gone on from to reach `position`; undefined where nothing may. Never throws. */
  async usable(position: number): Promise<Saved | undefined> {
    await this.#writing;
    const { path, print } = this.#options;
    try {
      const { size } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 };
      if (size === 0) return undefined;
      const found = decode(readFileSync(path));
      if (found !== undefined && position - found.head.to > DETECT_SAVED_ROWS_MAX) {
        print('detect: what was saved is too long ago; the last quarter of an hour is read again');
        return undefined;
      }
      const usable =
        found !== undefined &&
        found.head.log === this.#options.log &&
        found.head.to <= position &&
        found.head.leaf === (await this.#leafBefore(found.head.to));
      if (usable) return { to: found.head.to, state: found.state };
      print('detect: what was saved is not of this log; it is read again');
    } catch (error) {
      print(`detect: what was saved cannot be read: ${String(error)}`);
    }
    return undefined;
  }

  async #write({ to, state }: Saved): Promise<void> {
    const { path, log, print } = this.#options;
    try {
      const leaf = await this.#leafBefore(to);
      if (leaf === undefined) return;
      const head: Head = { format: FORMAT, log, to, leaf, sha256: sha256(state) };
      const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), state]);
      await replaceFileLater(path, bytes);
    } catch (error) {
      print(`detect: what it remembers is not saved: ${String(error)}`);
    }
  }

  async #leafBefore(to: number): Promise<string | undefined> {
    const { store, log } = this.#options;
    const row = to === 0 ? undefined : await store.record(log, to, to - 1);
    return row?.leaf.toString('base64');
  }
}

/** `undefined` for a file that is torn, or of another form. */
function decode(bytes: Buffer): { head: Head; state: Uint8Array<ArrayBuffer> } | undefined {
  const end = bytes.indexOf(0x0a);
  if (end < 0) return undefined;
  const head: unknown = JSON.parse(bytes.subarray(0, end).toString());
  const state = new Uint8Array(bytes.subarray(end + 1));
  return isHead(head) && head.sha256 === sha256(state) ? { head, state } : undefined;
}

function isHead(value: unknown): value is Head & Record<string, never> {
  if (!isObject(value)) return false;
  const { format, log, to, leaf, sha256: hash } = value;
  const texts = [log, leaf, hash].every((text) => typeof text === 'string');
  return format === FORMAT && texts && Number.isSafeInteger(to) && (to as number) > 0;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
