/**
 * The shape of a row of the attack table: what is done to real bytes, what the answer must be, and
 * where it is asked for. It relies on nothing but the types of the verifier.
 */
import type { TestContext } from 'node:test';
import type { ExitCode } from '@vitrine/chain';

export type Row = BundleRow | SystemRow | AbsentRow;

interface Attack {
  /**
   * `15`, or `25-negative` where one attack of the list is several operations: what stands before
   * the first `-` is its number in the source. `5.3b` is the second sentence of step 3,
   * and `5.9…` are of what the steps leave to the reader.
   */
  id: string;
  source: 'attack list' | 'LOG.md §5';
  /** The operation; of a sentence of LOG.md §5 the words of the page, but for its line breaks. */
  text: string;
}

interface RunningAttack extends Attack {
  status: 'runs';
  /** What every face says of the attack: LOG.md's code where the list of attacks has another. */
  says: RegExp;
}

/** An attack on a bundle file, or on what an auditor brings to it. */
export interface BundleRow extends RunningAttack {
  on: 'bundle';
  where: readonly ('node' | 'browser')[];
  code: ExitCode;
  /** Made anew at each call, of the same bytes each time. */
  make(): { sound: Subject; attacked: Subject };
}

/** A bundle with what it is verified with. */
export interface Subject {
  bundle: Buffer;
  args: VerifyArgs;
}

/** What an auditor brings, as JSON: other verifiers are given the very same. */
export interface VerifyArgs {
  /** Text of the trust file. */
  trust: string;
  /** Text of the pin. */
  pin?: string;
  /** Unix nanoseconds, decimal text. */
  now: string;
  /** Seconds. */
  maxAge?: number;
  expect?: { origin?: string; session?: string; chain?: string };
  requireClosed?: true;
  requireLossless?: true;
  requireParts?: true;
}

/** An attack on a running system; `run` brings and ends all it needs, and imports it itself. */
export interface SystemRow extends RunningAttack {
  on: 'database' | 'log directory' | 'api' | 'clock' | 'process';
  where: readonly ('node' | 'api')[];
  /** Exit code of the command that finds it, or the status of the answer that refuses it. */
  code: number;
  run(t: TestContext): Promise<{ sound: Answer; attacked: Answer }>;
}

export interface Answer {
  code: number;
  /** What was printed or answered: `says` is looked for in it. */
  text: string;
}

/** An attack on what there is not. */
export interface AbsentRow extends Attack {
  status: 'not built' | 'dropped';
  /** Why there is nothing to attack. */
  why: string;
}
