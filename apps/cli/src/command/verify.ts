/**
 * `verify`: checks a bundle offline. Uses only `@vitrine/chain`, the file, and the auditor's own
 * trust file; asks no system and no network. The exit code is that of LOG.md §5.
 */
import { join } from 'node:path';
import type { VerifyOptions } from '@vitrine/chain';
import { BUNDLE_BYTES_MAX } from '@vitrine/schema';
import { absoluteDataDir } from '../config.ts';
import { printJson } from '../print/io.ts';
import { printVerdict } from '../print/verdict.ts';
import { readDataFile, readTextFile } from '../system/data-dir.ts';
import { readInput } from '../system/input.ts';
import { type DataOption, type Register, withData, withExample, withJson } from './context.ts';
import { nanoseconds, wholeNumber } from './options.ts';

interface VerifyCommandOptions extends DataOption {
  json?: true;
  trust?: string;
  pin?: string;
  now?: bigint;
  maxAge?: number;
  expectOrigin?: string;
  expectSession?: string;
  expectChain?: string;
  requireClosed?: true;
  requireLossless?: true;
  requireParts?: true;
  all?: true;
}

/** A trust file without a log: whatever is well-formed is untrusted. */
const TRUST_NOBODY = 'quorum none\n';
/** LOG.md §5: 2 is malformed, usage and I/O. */
const EXIT_MALFORMED = 2;
const NS_PER_S = 1_000_000_000n;
const NS_PER_MS = 1_000_000n;
const MAX_AGE_S_MAX = 10_000_000_000;

export const addVerify: Register = (program, cli) => {
  const { io } = cli;
  const command = program
    .command('verify')
    .argument('<bundle>', 'the bundle file; - reads standard input')
    .description('check a bundle offline, against your own trust file')
    .option('--trust <file>', 'your trust file (default: trust.txt of the local data directory)')
    .option('--pin <file>', 'a checkpoint you kept: the log must not have been rewritten since')
    .option('--now <ns>', 'the time to judge by (default: the clock)', nanoseconds('--now'))
    .option(
      '--max-age <s>',
      'oldest checkpoint to accept',
      wholeNumber('--max-age', 0, MAX_AGE_S_MAX),
    )
    .option('--expect-origin <origin>', 'the log it must come from')
    .option('--expect-session <id>', 'the session it must be about')
    .option('--expect-chain <chain>', 'the chain it must be about')
    .option('--require-closed', 'the session must have ended in order')
    .option('--require-lossless', 'no event may have been lost')
    .option('--require-parts', 'all contents must be there')
    .option('--all', 'go on after the first failure and list the rest')
    .action(async (file: string, options: VerifyCommandOptions) => {
      // Whatever stops us before there is a verdict is I/O or usage.
      cli.exit(EXIT_MALFORMED);
      const { verifyBundle } = await import('@vitrine/chain');
      const trust = trustOf(options);
      const bytes = await readInput(file, BUNDLE_BYTES_MAX);
      const verdict = verifyBundle(bytes, trust.text, verifyOptions(options));
      cli.exit(verdict.code);
      if (trust.notice !== '') io.err(trust.notice);
      if (options.json) printJson(io, verdict);
      else printVerdict(io, verdict);
    });
  command.addHelpText(
    'after',
    '\nEnds with 0 proven, 1 tampered, 2 malformed or unreadable, 3 incomplete, 4 untrusted,\n' +
      '5 contradiction between signed statements.',
  );
  withExample(
    withJson(withData(command)),
    'verify session.vitrine.json',
    'verify session.vitrine.json --trust trust.txt --require-closed --require-lossless',
  );
};

/**
 * The auditor's file, else the one of the local data directory, said aloud: evidence checked with
 * keys from its own machine proves less. With neither nothing is trusted, and the verdict is 4.
 */
function trustOf(options: VerifyCommandOptions): { text: string; notice: string } {
  if (options.trust !== undefined) return { text: readTextFile(options.trust), notice: '' };
  const dataDir = absoluteDataDir(options.data);
  const local = readDataFile(dataDir, 'trust.txt');
  if (local !== undefined) {
    const path = join(dataDir, 'trust.txt');
    return { text: local, notice: `no --trust given: using the log key of ${path}` };
  }
  const notice = `no --trust given and no trust file in ${dataDir}: nothing is trusted`;
  return { text: TRUST_NOBODY, notice };
}

export function verifyOptions(options: VerifyCommandOptions): VerifyOptions {
  const { expectOrigin: origin, expectSession: session, expectChain: chain } = options;
  const expect = {
    ...(origin === undefined ? {} : { origin }),
    ...(session === undefined ? {} : { session }),
    ...(chain === undefined ? {} : { chain }),
  };
  return {
    now: options.now ?? BigInt(Date.now()) * NS_PER_MS,
    ...(options.pin === undefined ? {} : { pin: readTextFile(options.pin) }),
    ...(options.maxAge === undefined ? {} : { maxAgeNs: BigInt(options.maxAge) * NS_PER_S }),
    ...(Object.keys(expect).length === 0 ? {} : { expect }),
    ...(options.requireClosed ? { requireClosed: true } : {}),
    ...(options.requireLossless ? { requireLossless: true } : {}),
    ...(options.requireParts ? { requireParts: true } : {}),
    ...(options.all ? { all: true } : {}),
  };
}
