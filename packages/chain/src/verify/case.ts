/**
 * One verification: its inputs, what the steps of LOG.md §5 found and hand on to each other. A step
 * goes on behind a failure as far as that makes sense; unless all are asked for, the first ends it.
 */
import {
  TITLE_CHARS_MAX as QUOTE_CHARS_MAX,
  VERDICT_FAILURES_MAX,
  VERDICT_ITEMS_MAX,
} from '@vitrine/schema/record';
import { decodeBase64, encodeBase64, type Sha256, utf8 } from './bytes.ts';
import { numberOf } from './note.ts';
import { readLeaf, sealFault } from './record.ts';
import { inclusionRoot } from './tree.ts';
import type * as T from './types.ts';

export const NS_PER_MS = 1_000_000n;
export const NS_PER_S = 1_000_000_000n;
/** What is found where a proof or a signature does not hold. */
export const WRONG = 'one that does not hold';
/** Of leaf `index`: what is expected instead. */
export const proofOf = (index: number): string => `a proof that it is leaf ${index}`;
/** ECMA-262: the last millisecond a Date can hold. */
const DATE_MS_MAX = 8_640_000_000_000_000n;
const ORIGIN = /\/[0-9a-f]{8}\/[a-z0-9-]{1,63}\.(0|[1-9][0-9]{0,8})\.([1-9][0-9]{0,8})$/;
const STOP = new Error('the first failure decides');

export class Case implements T.Findings {
  readonly sha256: Sha256;
  readonly bundle: T.Bundle;
  readonly options: T.VerifyOptions;
  readonly in: T.Inputs;
  step: T.Step = 'form';
  readonly failures: T.Failure[] = [];
  readonly warnings: string[] = [];
  readonly sealLeaf: T.Leaf;
  readonly seal: T.SealBody | undefined;
  readonly cosigned: T.Findings['cosigned'] = new Map();
  readonly chains: T.Chain[] = [];
  period: T.Findings['period'];
  readonly heads: T.Head[] = [];
  readonly losses: T.Loss[] = [];
  lossCount = 0;
  readonly facts: T.Fact[] = [];
  readonly days: T.Findings['days'] = [];
  readonly attachedShown: T.Verdict['attached'] = [];
  readonly attachedFailures: T.Findings['attachedFailures'] = [];
  readonly redacted: T.Redaction[] = [];

  constructor(inputs: T.Inputs) {
    this.in = inputs;
    this.sha256 = inputs.sha256;
    this.bundle = inputs.bundle;
    this.options = inputs.options;
    this.sealLeaf = this.leaf(inputs.bundle.seal.record);
    const { value } = this.sealLeaf;
    this.seal = sealFault(value) ? undefined : (value as unknown as T.SealBody);
  }

  /** A rule: `code` is that of a bundle which does not keep it. Returns whether this one does. */
  check(kept: unknown, code: T.FailureCode, at: string, expected: string, found: string): boolean {
    if (kept) return true;
    const said = { expected: quoted(expected), found: quoted(found) };
    const count = this.failures.push({ code, step: this.step, at, ...said });
    if (count === VERDICT_FAILURES_MAX || !this.options.all) throw STOP;
    return false;
  }

  note(loss: T.Loss | undefined): void {
    if (loss && this.lossCount++ < VERDICT_ITEMS_MAX)
      this.losses.push({ ...loss, what: quoted(loss.what) });
  }

  /** Runs steps until there are failures enough. */
  run(steps: [T.Step, (c: Case) => void][]): void {
    try {
      for (const [step, check] of steps) {
        this.step = step;
        check(this);
      }
    } catch (error) {
      if (error !== STOP) throw error;
    }
  }

  leaf(text: string): T.Leaf {
    return readLeaf(this.in.leafHash(text), text);
  }

  /** Inclusion in the log, or in a tree that a seal names. */
  includes(leaf: string, place: T.Place, tree: T.SealedTree = this.bundle.checkpoint): boolean {
    const [hash, ...path] = [leaf, ...place.proof].map((text) => decodeBase64(text)!);
    const root = inclusionRoot(this.sha256, hash!, place.index, tree.size, path);
    return !!root && encodeBase64(root) === tree.root;
  }
}

/** Whether a session belongs into a log (LOG.md §3): the origin ends in its shard. */
export function isOfShard(sha256: Sha256, session: string, origin: string): boolean {
  const [, shard, shards] = ORIGIN.exec(origin) ?? [];
  const number = Number(numberOf(sha256(utf8(session)).subarray(0, 4)));
  return number % Number(shards) === Number(shard);
}

/** What the file says is cut: nobody reads a complaint of megabytes. */
function quoted(text: string): string {
  return text.length > QUOTE_CHARS_MAX ? `${text.slice(0, QUOTE_CHARS_MAX - 1)}…` : text;
}

/** ISO 8601 in UTC; times beyond the calendar stay numbers. */
export function timeText(ns: bigint | string): string {
  const ms = BigInt(ns) / NS_PER_MS;
  return ms > DATE_MS_MAX ? `${ns} ns` : new Date(Number(ms)).toISOString();
}
