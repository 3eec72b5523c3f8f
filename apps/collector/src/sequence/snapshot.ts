/**
 * The writer's state beside the log, so that a start reads back only what came after it. Signed
 * with the log's key: whoever can change it could sign a log of his own. Nothing depends on it;
 * the store has all of it (`recover.ts`).
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Head, LogKey } from '@vitrine/chain';
import { type JsonObject, SNAPSHOT_BYTES_MAX, SNAPSHOT_LEAVES_APART } from '@vitrine/schema';
import { replaceFileLater } from '../files.ts';
import { type DayHeads, DayLedger } from './days.ts';
import { chainName, type LogState } from './state.ts';

const FILE = 'snapshot';
const FORMAT = 'vitrine-snapshot/1';
/** No checkpoint begins like this: a checkpoint begins with its origin, which has two slashes. */
const SIGNED_PREFIX = `${FORMAT}\n`;
/** Senders wait for the thread as well. */
const LINES_PER_TURN = 2_000;

type Line =
  | [
      'session',
      name: string,
      opened: JsonObject,
      lastAt: string,
      pushed: boolean,
      joined: [chain: string, ended: boolean][],
      alerts: string[],
    ]
  | ['tip', session: string, shim: string, seq: number, head: string]
  | ['lives', name: string, count: number]
  | ['due' | 'today', day: string]
  /** Of the day named last. */
  | ['head', chain: string, seq: number, head: string];

interface SnapshotHead {
  format: string;
  origin: string;
  size: number;
  root: string;
}

/** The state after the seal of a tree. */
export interface Snapshot {
  size: number;
  root: Buffer;
  /** Puts it into a state that has only its tree and its last seal. */
  restore(state: LogState): void;
}

export class Snapshots {
  readonly #path: string;
  readonly #key: LogKey;
  readonly #log: (line: string) => void;
  readonly #bytesMax: number;
  #writtenAt = 0;
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;

  constructor(
    dir: string,
    key: LogKey,
    log: (line: string) => void,
    bytesMax = SNAPSHOT_BYTES_MAX,
  ) {
    this.#path = join(dir, FILE);
    this.#key = key;
    this.#log = log;
    this.#bytesMax = bytesMax;
  }

  /** `undefined` when there is none, or none that this log's writer has made. Never throws. */
  read(): Snapshot | undefined {
    try {
      const { size } = statSync(this.#path, { throwIfNoEntry: false }) ?? { size: 0 };
      if (size === 0 || size > this.#bytesMax) return undefined;
      const snapshot = decode(readFileSync(this.#path), this.#key);
      this.#writtenAt = snapshot?.size ?? 0;
      if (snapshot === undefined) this.#log('recover: the snapshot is not of this log');
      return snapshot;
    } catch (error) {
      this.#log(`recover: the snapshot cannot be read: ${String(error)}`);
      return undefined;
    }
  }

  /** Whether enough has come since the last one: then the state must come to rest. */
  due({ lastSeal }: LogState): boolean {
    return (lastSeal?.size ?? 0) - this.#writtenAt >= SNAPSHOT_LEAVES_APART && !this.#isWriting;
  }

  /**
   * Between two batches: nothing may move the state until it resolves. Writes when enough has come
   * since the last one, and whenever it `ends`; then it resolves when the file is durable.
   */
  async settled(state: LogState, ends: boolean): Promise<void> {
    const size = state.lastSeal?.size ?? 0;
    const due = this.due(state);
    if (ends) await this.#writing;
    if (size === this.#writtenAt || !(due || ends)) return;
    // One that is too large as well: the next seal would not make it smaller.
    this.#writtenAt = size;
    const bytes = await encode(state, this.#key, this.#bytesMax);
    if (bytes === undefined) return;
    this.#isWriting = true;
    this.#writing = replaceFileLater(this.#path, bytes)
      .catch((error: unknown) => this.#log(`sequencer: no snapshot: ${String(error)}`))
      .finally(() => {
        this.#isWriting = false;
      });
    if (ends) await this.#writing;
  }
}

/** `undefined` as soon as it would be larger. */
async function encode(state: LogState, key: LogKey, bytesMax: number): Promise<Buffer | undefined> {
  const { size, root } = state.lastSeal!;
  const head = { format: FORMAT, origin: state.origin, size, root: root.toString('base64') };
  const pieces: string[] = [`${JSON.stringify(head satisfies SnapshotHead)}\n`];
  let length = 0;
  for (const line of linesOf(state)) {
    const text = `${JSON.stringify(line)}\n`;
    length += text.length;
    if (length > bytesMax) return undefined;
    if (pieces.push(text) % LINES_PER_TURN === 0) await nextTurn();
  }
  const body = Buffer.from(pieces.join(''));
  const bytes = Buffer.concat([body, Buffer.from(signatureOf(body, key))]);
  return bytes.length > bytesMax ? undefined : bytes;
}

function* linesOf({ sessions, tips, alertIds, lives, days }: LogState): Generator<Line> {
  for (const { session, opened, lastAtNs, pushed, joined } of sessions.values()) {
    const chains = [...joined].map(([chain, { ended }]): [string, boolean] => [chain, ended]);
    const alerts = [...(alertIds.get(session) ?? [])];
    yield ['session', session, opened, String(lastAtNs), pushed, chains, alerts];
  }
  for (const { session, shim, seq, head } of tips.values()) {
    yield ['tip', session, shim, seq, head.toString('base64')];
  }
  for (const [name, count] of lives) yield ['lives', name, count];
  const { today, due } = days;
  for (const day of due) yield* linesOfDay('due', day);
  if (today !== null) yield* linesOfDay('today', today);
}

function* linesOfDay(kind: 'due' | 'today', { day, heads }: DayHeads): Generator<Line> {
  yield [kind, day];
  for (const { chain, seq, head } of heads) yield ['head', chain, seq, head.toString('base64')];
}

/** Ed25519 is deterministic: what this key signs again is what it has signed. */
function signatureOf(body: Buffer, key: LogKey): string {
  const hash = createHash('sha256').update(body).digest('hex');
  return key.sign(Buffer.from(SIGNED_PREFIX + hash)).toString('base64');
}

function decode(bytes: Buffer, key: LogKey): Snapshot | undefined {
  const end = bytes.lastIndexOf('\n') + 1;
  const body = bytes.subarray(0, end);
  if (bytes.toString('latin1', end) !== signatureOf(body, key)) return undefined;
  const [first, ...lines] = body.toString('utf8').trimEnd().split('\n');
  const { format, origin, size, root } = JSON.parse(first!) as SnapshotHead;
  if (format !== FORMAT || origin !== key.origin) return undefined;
  const restore = (state: LogState): void => {
    restoreLines(
      state,
      lines.map((line) => JSON.parse(line) as Line),
    );
  };
  return { size, root: Buffer.from(root, 'base64'), restore };
}

function restoreLines(state: LogState, lines: Line[]): void {
  const due: DayHeads[] = [];
  let today: DayHeads | null = null;
  let heads: Head[] = [];
  for (const line of lines) {
    if (line[0] === 'session') {
      const [, session, opened, lastAt, pushed, chains, alerts] = line;
      const joined = new Map(chains.map(([chain, ended]) => [chain, { ended }]));
      state.sessions.set(session, { session, opened, joined, lastAtNs: BigInt(lastAt), pushed });
      if (alerts.length > 0) state.alertIds.set(session, new Set(alerts));
    } else if (line[0] === 'tip') {
      const [, session, shim, seq, head] = line;
      const tip = { session, shim, seq, head: Buffer.from(head, 'base64') };
      state.tips.set(chainName(session, shim), tip);
    } else if (line[0] === 'lives') {
      state.lives.set(line[1], line[2]);
    } else if (line[0] === 'head') {
      heads.push({ chain: line[1], seq: line[2], head: Buffer.from(line[3], 'base64') });
    } else {
      heads = [];
      const day = { day: line[1], heads };
      if (line[0] === 'due') due.push(day);
      else today = day;
    }
  }
  state.days = new DayLedger(today, due);
}
