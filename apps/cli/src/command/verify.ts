/**
 * `verify`: checks a bundle offline. Uses only `@vitrine/chain`, the file, and the auditor's own
 * trust file; asks no system and no network. The exit code is that of LOG.md §5.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { VerifyOptions } from '@vitrine/chain';
import { BUNDLE_BYTES_MAX } from '@vitrine/schema';
import { absoluteDataDir } from '../config.ts';
import { printJson } from '../print/io.ts';
import { printVerdict } from '../print/verdict.ts';
import type { VerifyWords } from '../report/repeat.ts';
import type { ReportedFile } from '../report/subject.ts';
import { readBytes } from '../system/data-dir.ts';
import { readInput } from '../system/input.ts';
import { type DataOption, type Register, withData, withExample, withJson } from './context.ts';
import { nanoseconds, wholeNumber } from './options.ts';

interface VerifyCommandOptions extends DataOption, VerifyWords {
  json?: true;
  trust?: string;
  report?: string;
}

interface GivenTrust {
  /** `undefined`: there is none. */
  file: ReportedFile | undefined;
  notice: string;
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
    .option('--report <file>', 'write the verdict as a printable HTML page as well')
    .action(async (file: string, options: VerifyCommandOptions) => {
      // Whatever stops us before there is a verdict is I/O or usage.
      cli.exit(EXIT_MALFORMED);
      const { verifyBundle } = await import('@vitrine/chain');
      const trust = trustOf(options);
      const report = options.report === undefined ? undefined : await pageAt(options.report);
      const pin = options.pin === undefined ? undefined : fileAt(options.pin);
      report?.refuseOverInputs(report.file, [file, trust.file?.name, pin?.name]);
      const bundle = { name: file, bytes: await readInput(file, BUNDLE_BYTES_MAX) };
      const nowNs = options.now ?? BigInt(Date.now()) * NS_PER_MS;
      const given = { now: nowNs, pin: pin && textOf(pin), consume: report === undefined };
      const asked = { ...verifyOptions(options), ...given };
      const trustText = trust.file === undefined ? TRUST_NOBODY : textOf(trust.file);
      const verdict = verifyBundle(bundle.bytes, trustText, asked);
      if (trust.notice !== '') io.err(trust.notice);
      if (options.json) printJson(io, verdict);
      else printVerdict(io, verdict);
      if (report !== undefined) {
        report.writeReport(report.file, {
          options,
          bundle,
          trust: trust.file,
          pin,
          nowNs,
          verdict,
        });
        io.err(`report in ${report.file}`);
      }
      cli.exit(verdict.code);
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
    'verify session.vitrine.json --trust trust.txt --report report.html',
  );
};

/** What writes pages is loaded only where one is asked for. */
async function pageAt(file: string) {
  return { file, ...(await import('../report/write.ts')) };
}

/**
 * The auditor's file, else the one of the local data directory, said aloud: evidence checked with
 * keys from its own machine proves less. With neither nothing is trusted, and the verdict is 4.
 */
function trustOf({ trust: path, data }: VerifyCommandOptions): GivenTrust {
  if (path !== undefined) return { file: fileAt(path), notice: '' };
  const dataDir = absoluteDataDir(data);
  const local = join(dataDir, 'trust.txt');
  if (existsSync(local)) {
    const notice = `no --trust given: using the log key of ${local}`;
    return { file: fileAt(local), notice };
  }
  const notice = `no --trust given and no trust file in ${dataDir}: nothing is trusted`;
  return { file: undefined, notice };
}

function fileAt(name: string): ReportedFile {
  return { name, bytes: readBytes(name) };
}

function textOf({ bytes }: ReportedFile): string {
  return Buffer.from(bytes).toString('utf8');
}

function verifyOptions(options: VerifyCommandOptions): VerifyOptions {
  const { expectOrigin: origin, expectSession: session, expectChain: chain } = options;
  const expect = {
    ...(origin === undefined ? {} : { origin }),
    ...(session === undefined ? {} : { session }),
    ...(chain === undefined ? {} : { chain }),
  };
  return {
    ...(options.maxAge === undefined ? {} : { maxAgeNs: BigInt(options.maxAge) * NS_PER_S }),
    ...(Object.keys(expect).length === 0 ? {} : { expect }),
    ...(options.requireClosed ? { requireClosed: true } : {}),
    ...(options.requireLossless ? { requireLossless: true } : {}),
    ...(options.requireParts ? { requireParts: true } : {}),
    ...(options.all ? { all: true } : {}),
  };
}
