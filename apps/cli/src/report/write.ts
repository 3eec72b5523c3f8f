/** Writes the report of a verdict beside the files it is about, never over one of them. */
import { statSync } from 'node:fs';
import type { Verdict } from '@vitrine/chain';
import { REPORT_REFUSED_BYTES_MAX } from '@vitrine/schema';
import { packageVersion } from '../command/version.ts';
import { CliError } from '../error.ts';
import { writeText } from '../system/file.ts';
import { contentOf } from './content.ts';
import { reportPage } from './page.ts';
import { askedWords, repeatLines, type VerifyWords } from './repeat.ts';
import type { ReportedFile, Subject } from './subject.ts';

export interface Reported {
  options: VerifyWords;
  /** What the verifier was given, and what it said. */
  bundle: ReportedFile;
  trust: ReportedFile | undefined;
  pin: ReportedFile | undefined;
  nowNs: bigint;
  verdict: Verdict;
}

/** Throws USAGE when the page would take the place of evidence, by whatever name. */
export function refuseOverInputs(report: string, inputs: (string | undefined)[]): void {
  const place = placeOf(report);
  for (const input of inputs) {
    if (input === undefined || input === '-') continue;
    if (input !== report && (place === undefined || placeOf(input) !== place)) continue;
    const message = `--report ${report} would be written over ${input}`;
    throw new CliError('USAGE', message, 'choose another FILE for the report');
  }
}

/** Throws FILE_UNWRITABLE. */
export function writeReport(path: string, reported: Reported): void {
  writeText(path, reportPage(subjectOf(reported)), 'choose another --report FILE');
}

function subjectOf({ options, nowNs, ...files }: Reported): Subject {
  const { bundle, trust, verdict } = files;
  return {
    ...files,
    content: isReadable(verdict, bundle.bytes) ? contentOf(bundle.bytes) : undefined,
    asked: askedWords(options),
    now: { ns: String(nowNs), given: options.now !== undefined },
    version: packageVersion(),
    repeat: repeatLines(bundle.name, trust?.name, options, nowNs),
  };
}

/** Without an origin not even the form of the file held. */
function isReadable({ code, origin }: Verdict, { length }: Uint8Array): boolean {
  return origin !== null && (code === 0 || length <= REPORT_REFUSED_BYTES_MAX);
}

/** The file behind a path, whatever names lead to it; `undefined` when there is none. */
function placeOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}
