/**
 * Where the relay's one JSON document comes from: standard input, whose end is the end of the relay
 * as well, or a file that is gone once it was read, for it holds the MAC key. Read by system calls
 * into memory of its own: a stream would leave copies of the key that nobody can erase.
 */
import { closeSync, fsyncSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { RELAY_CONFIG_BYTES_MAX } from '@vitrine/schema';
import { type RelayConfig, readConfig } from './config.ts';
import { RelayError, systemCode } from './error.ts';
import { takeMacKey } from './mac-key.ts';

const STDIN = 0;
const CLOSING_BRACE = 0x7d;
/** Space, tab, line feed, carriage return (RFC 8259 section 2). */
const JSON_SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);
/** For a standard input that somebody has made non-blocking. */
const AGAIN_MS = 5;

/**
 * Reads until the document is whole: standard input stays open behind it. Throws CONFIG_INVALID.
 */
export async function configOfInput(): Promise<RelayConfig> {
  const room = Buffer.alloc(RELAY_CONFIG_BYTES_MAX + 1);
  let macKey: Buffer | undefined;
  try {
    for (let length = 0; length < room.length; ) {
      const count = readSome(room, length);
      if (count === undefined) {
        await sleep(AGAIN_MS);
        continue;
      }
      length += count;
      const bytes = room.subarray(0, length);
      // Only text that may be whole is looked at: half a key would become a string.
      if (count > 0 && !endsWithBrace(bytes)) continue;
      macKey ??= takeMacKey(bytes);
      const text = bytes.toString('utf8');
      if (count === 0 || isWhole(text)) return readConfig(text, macKey);
    }
    return readConfig('', undefined);
  } finally {
    room.fill(0);
  }
}

/** 0 at the end of the input; `undefined` when there is nothing yet. */
function readSome(room: Buffer, at: number): number | undefined {
  try {
    return readSync(STDIN, room, at, room.length - at, null);
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') return undefined;
    throw error;
  }
}

/**
 * Reads the file and takes it away, its bytes overwritten, before anything of it is used. Throws
 * CONFIG_INVALID, also when it could not be taken away.
 */
export function takeConfigFile(path: string): RelayConfig {
  const room = Buffer.alloc(RELAY_CONFIG_BYTES_MAX + 1);
  try {
    const bytes = room.subarray(0, readAndErase(path, room));
    unlinkSync(path);
    const macKey = takeMacKey(bytes);
    return readConfig(bytes.length < room.length ? bytes.toString('utf8') : '', macKey);
  } catch (cause) {
    if (cause instanceof RelayError) throw cause;
    const message = `${path} cannot be read and removed (${systemCode(cause) ?? 'unknown'})`;
    const hint = 'the file holds the MAC key: it must be a file that this user may remove';
    throw new RelayError('CONFIG_INVALID', message, hint, { cause });
  } finally {
    room.fill(0);
  }
}

function readAndErase(path: string, room: Buffer): number {
  const file = openSync(path, 'r+');
  try {
    const length = readSync(file, room, 0, room.length, 0);
    writeSync(file, Buffer.alloc(length), 0, length, 0);
    fsyncSync(file);
    return length;
  } finally {
    closeSync(file);
  }
}

function endsWithBrace(bytes: Buffer): boolean {
  let at = bytes.length - 1;
  while (at >= 0 && JSON_SPACE.has(bytes[at]!)) at--;
  return bytes[at] === CLOSING_BRACE;
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
