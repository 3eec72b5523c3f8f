/**
 * Where the relay's one JSON document comes from: standard input, whose end is the end of the relay
 * as well, or a file that is gone once it was read, for it holds the MAC key.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { RELAY_CONFIG_BYTES_MAX } from '@vitrine/schema';
import { type RelayConfig, readConfig } from './config.ts';
import { RelayError, systemCode } from './error.ts';

/** Reads until the document is whole: standard input stays open behind it. Throws CONFIG_INVALID. */
export function configOf(stdin: NodeJS.ReadStream): Promise<RelayConfig> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (last: boolean): void => {
      const text = Buffer.concat(chunks).toString('utf8');
      if (!last && bytes <= RELAY_CONFIG_BYTES_MAX && !isWhole(text)) return;
      stdin.off('data', take);
      for (const chunk of chunks) chunk.fill(0);
      // Its end is what tells that the parent is gone.
      stdin.resume();
      try {
        resolve(readConfig(bytes > RELAY_CONFIG_BYTES_MAX ? '' : text));
      } catch (error) {
        reject(error);
      }
    };
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      bytes += chunk.length;
      settle(false);
    };
    stdin.on('data', take);
    stdin.once('end', () => settle(true));
  });
}

/**
 * Reads the file and takes it away, its bytes overwritten, before anything of it is used. Throws
 * CONFIG_INVALID, also when it could not be taken away.
 */
export function takeConfigFile(path: string): RelayConfig {
  let text: string;
  try {
    text = readAndErase(path);
    unlinkSync(path);
  } catch (cause) {
    const message = `${path} cannot be read and removed (${systemCode(cause) ?? 'unknown'})`;
    const hint = 'the file holds the MAC key: it must be a file that this user may remove';
    throw new RelayError('CONFIG_INVALID', message, hint, { cause });
  }
  return readConfig(text);
}

function readAndErase(path: string): string {
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, RELAY_CONFIG_BYTES_MAX + 1));
    readSync(file, bytes, 0, bytes.length, 0);
    const text = size > RELAY_CONFIG_BYTES_MAX ? '' : bytes.toString('utf8');
    writeSync(file, bytes.fill(0), 0, bytes.length, 0);
    fsyncSync(file);
    return text;
  } finally {
    closeSync(file);
  }
}

function isWhole(text: string): boolean {
  if (!text.trimEnd().endsWith('}')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
