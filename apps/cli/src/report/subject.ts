/** What a report is about: the files, what was asked, and the verdict. */
import { createHash } from 'node:crypto';
import type { Verdict } from '@vitrine/chain';
import type { Content } from './content.ts';

export interface ReportedFile {
  /** As the command line gave it. */
  name: string;
  bytes: Uint8Array;
}

export interface Subject {
  bundle: ReportedFile;
  /** `undefined`: there was none, and nothing was trusted. */
  trust: ReportedFile | undefined;
  pin: ReportedFile | undefined;
  verdict: Verdict;
  /** `undefined` when the file was not even a bundle, or is refused and too large to be read. */
  content: Content | undefined;
  /** Requirements beyond the claim, each in words. */
  asked: string[];
  /** Unix nanoseconds: what the verdict was judged by, and where it came from. */
  now: { ns: string; given: boolean };
  /** Of the program, e.g. `0.1.0`. */
  version: string;
  /** The command lines that give the same verdict. */
  repeat: string[];
}

/** 64 hex digits. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
