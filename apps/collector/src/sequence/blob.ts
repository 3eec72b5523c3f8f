/**
 * A batch as bytes: what the intent names and recovery reads back. Every field of every row is in
 * it, so that a redo writes the same rows: `u32 header length | header | bytes`. Rows of one chain
 * that came the same way stand together and are described once; the header is JSON, the hashes,
 * records and parts lie behind it in order.
 */
import type { FullTile } from '@vitrine/chain';
import type { QueuedPart } from '../queue/entry.ts';
import type { Batch, BatchRow } from './plan.ts';

const HEADER_LENGTH_BYTES = 4;
const HASH_BYTES = 32;
const LOOP_BYTES_MAX = 64;

/** Rows that follow each other in one chain. */
interface Run extends Pick<BatchRow, 'session' | 'shim' | 'seq' | 'provenance'> {
  rows: number;
}

interface Header extends Pick<Batch, 'log' | 'first' | 'size'> {
  runs: Run[];
  /** Names of parts, which `sizes` counts from 0. */
  names: string[];
  /**
   * Of each row: bytes of its record, how many parts; of each part: name, bytes of salt, of data.
   */
  sizes: number[];
  tiles: [level: number, n: number, bytes: number][];
}

/** `room` gives the buffer that the result stands in, where that is not to be a new one. */
export function encodeBatch(batch: Batch, room: (bytes: number) => Buffer = newRoom): Buffer {
  const blobs: Buffer[] = [batch.root];
  const names = new Map<string, number>();
  const nameOf = (name: string): number => {
    const known = names.get(name);
    if (known === undefined) names.set(name, names.size);
    return known ?? names.size - 1;
  };
  const runs: Run[] = [];
  const sizes: number[] = [];
  for (const row of batch.rows) {
    const run = runs.at(-1);
    if (run !== undefined && continues(run, row)) run.rows++;
    else runs.push(runOf(row));
    sizes.push(row.bytes.length, row.parts.length);
    blobs.push(row.bytes, row.leaf);
    for (const { name, salt, data } of row.parts) {
      sizes.push(nameOf(name), salt.length, data.length);
      blobs.push(salt, data);
    }
  }
  const tiles: Header['tiles'] = batch.tiles.map(({ level, n, hashes }) => {
    blobs.push(hashes);
    return [level, n, hashes.length];
  });
  const { log, first, size } = batch;
  const header: Header = { log, first, size, runs, names: [...names.keys()], sizes, tiles };
  const headerBytes = Buffer.from(JSON.stringify(header), 'utf8');
  const length = Buffer.allocUnsafe(HEADER_LENGTH_BYTES);
  length.writeUInt32LE(headerBytes.length, 0);
  return joined([length, headerBytes], blobs, room);
}

function newRoom(bytes: number): Buffer {
  return Buffer.allocUnsafeSlow(bytes);
}

function joined(head: Buffer[], blobs: Buffer[], room: (bytes: number) => Buffer): Buffer {
  let size = 0;
  for (const part of head) size += part.length;
  for (const blob of blobs) size += blob.length;
  const whole = room(size);
  let at = 0;
  for (const part of head) at += part.copy(whole, at);
  for (const blob of blobs) {
    const { length } = blob;
    // A call into the engine costs more than a short loop.
    if (length > LOOP_BYTES_MAX) whole.set(blob, at);
    else for (let i = 0; i < length; i++) whole[at + i] = blob[i]!;
    at += length;
  }
  return whole;
}

function runOf({ session, shim, seq, provenance }: BatchRow): Run {
  return { session, shim, seq, provenance, rows: 1 };
}

/** One object of provenance for each entry of the queue: another one is another run. */
function continues(run: Run, row: BatchRow): boolean {
  return (
    run.session === row.session &&
    run.shim === row.shim &&
    run.provenance === row.provenance &&
    run.seq !== null &&
    row.seq === run.seq + run.rows
  );
}

export function decodeBatch(bytes: Buffer): Batch {
  let at = HEADER_LENGTH_BYTES + bytes.readUInt32LE(0);
  const header = JSON.parse(bytes.toString('utf8', HEADER_LENGTH_BYTES, at)) as Header;
  const take = (length: number): Buffer => {
    const end = at + length;
    const blob = bytes.subarray(at, end);
    at = end;
    return blob;
  };
  const root = take(HASH_BYTES);
  const { log, first, size, names, sizes } = header;
  let next = 0;
  const partOf = (): QueuedPart => {
    const name = names[sizes[next++]!]!;
    const [salt, data] = [sizes[next++]!, sizes[next++]!];
    return { name, salt: take(salt), data: take(data) };
  };
  const rows: BatchRow[] = [];
  for (const { rows: count, seq: start, ...run } of header.runs) {
    for (let i = 0; i < count; i++) {
      const [length, parts] = [sizes[next++]!, sizes[next++]!];
      const row = { ...run, bytes: take(length), leaf: take(HASH_BYTES) };
      const seq = start === null ? null : start + i;
      rows.push({ ...row, seq, parts: Array.from({ length: parts }, partOf) });
    }
  }
  const tiles: FullTile[] = header.tiles.map(([level, n, length]) => {
    return { level, n, hashes: take(length) };
  });
  return { log, first, size, root, rows, tiles };
}
