/**
 * Files of a backup: lines, compressed with zstd, written whole and synced before they get a name
 * that holds a part of their hash. Nothing is ever written over.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { BACKUP_LINE_BYTES_MAX } from '@vitrine/schema';
import { damaged, type StoredFile } from './manifest.ts';

const PRIVATE_MODE = 0o600;
const PRIVATE_DIR_MODE = 0o700;
const NEWLINE = 0x0a;
const NAME_HASH_CHARS = 16;
const ZSTD_LEVEL = 3;

export function privateDirectories(dir: string): void {
  for (const name of ['segments', 'files']) {
    mkdirSync(join(dir, name), { recursive: true, mode: PRIVATE_DIR_MODE });
  }
}

/** Writes lines, which are given without their newline, as `segments/<name>-<hash>.zst`. */
export async function writeLines(
  dir: string,
  name: string,
  lines: AsyncIterable<string>,
): Promise<StoredFile> {
  const temporary = join(dir, 'segments', `.${name}.${process.pid}.part`);
  const hash = createHash('sha256');
  let [count, bytes] = [0, 0];
  async function* chunks(): AsyncGenerator<Buffer> {
    let some: string[] = [];
    let chars = 0;
    for await (const line of lines) {
      count++;
      some.push(line, '\n');
      chars += line.length;
      if (chars < CHUNK_CHARS) continue;
      yield Buffer.from(some.join(''));
      [some, chars] = [[], 0];
    }
    yield Buffer.from(some.join(''));
  }
  const hashed = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const params = { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL };
  const out = createWriteStream(temporary, { mode: PRIVATE_MODE, flush: true });
  await pipeline(Readable.from(chunks()), createZstdCompress({ params }), hashed, out);
  const sha256 = hash.digest('hex');
  const file = `segments/${name}-${sha256.slice(0, NAME_HASH_CHARS)}.zst`;
  renameSync(temporary, join(dir, file));
  return { file, bytes, sha256, lines: count };
}

const CHUNK_CHARS = 262_144;

/** Lines of a stored file. Throws BACKUP_DAMAGED when it is missing or is no zstd. */
export async function* readLines(dir: string, { file }: StoredFile): AsyncGenerator<string> {
  const path = join(dir, file);
  const source = createReadStream(path);
  const plain = createZstdDecompress();
  // The reader below hears of it through `plain`.
  source.on('error', (error) => plain.destroy(error)).pipe(plain);
  try {
    yield* linesOf(plain);
  } catch (cause) {
    throw damaged(`${path} cannot be read: ${cause instanceof Error ? cause.message : cause}`);
  } finally {
    source.destroy();
    plain.destroy();
  }
}

/** Lines of UTF-8 bytes, without their newline; one that is too long is an error. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const piece of bytes) {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, at)) {
      const last = chunk.subarray(at, end);
      yield (rest.length === 0 ? last : Buffer.concat([...rest, last])).toString('utf8');
      [rest, restBytes, at] = [[], 0, end + 1];
    }
    if (at === chunk.length) continue;
    rest.push(chunk.subarray(at));
    restBytes += chunk.length - at;
    if (restBytes > BACKUP_LINE_BYTES_MAX) throw damaged('a line is longer than any of ours');
  }
  if (rest.length > 0) throw damaged('the last line has no end');
}

/** SHA-256 of a file of the backup in hex, and its length; `undefined` when it is not there. */
export async function hashOf(path: string): Promise<{ sha256: string; bytes: number } | undefined> {
  if (!existsSync(path)) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { sha256: hash.digest('hex'), bytes: statSync(path).size };
}

/** Writes a file whole, synced, under its final name. */
export function writeFile(path: string, content: Buffer | string): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const fd = openSync(temporary, 'w', PRIVATE_MODE);
  try {
    const bytes = Buffer.from(content as string);
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
}

export function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
