/** `keys`: the public key of this log and where its secret ones lie. Never prints a secret. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { absoluteDataDir } from '../config.ts';
import { printJson } from '../print/io.ts';
import { printPairs } from '../print/table.ts';
import { notRunning, readDataFile } from '../system/data-dir.ts';
import { type DataOption, type Register, withData, withExample, withJson } from './context.ts';

const FINGERPRINT_KEY = join('keys', 'fingerprint.key');

export const addKeys: Register = (program, { io }) => {
  const command = program
    .command('keys')
    .description('print the verifier key of this log and where the fingerprint key lies')
    .action((options: DataOption & { json?: true }) => {
      const dataDir = absoluteDataDir(options.data);
      const trust = readDataFile(dataDir, 'trust.txt');
      if (trust === undefined) throw notRunning(dataDir);
      const logs = logKeys(trust);
      const path = join(dataDir, FINGERPRINT_KEY);
      const fingerprint = existsSync(path) ? path : null;
      if (options.json) return printJson(io, { logs, fingerprint_key: fingerprint });
      printPairs(io, [
        ...logs.map((key): [string, string] => ['log', key]),
        ['fingerprint key', fingerprint ?? 'not made yet'],
      ]);
    });
  withExample(withJson(withData(command)), 'keys');
};

/** The verifier keys of the `log` lines of a trust file (C2SP tlog-policy). */
export function logKeys(trust: string): string[] {
  const keys: string[] = [];
  for (const line of trust.split('\n')) {
    const [word, key] = line.trim().split(/\s+/);
    if (word === 'log' && key !== undefined) keys.push(key);
  }
  return keys;
}
