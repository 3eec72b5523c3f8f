/**
 * Runs the steps of LOG.md §5 in their order. The first failure decides, unless all are asked for.
 */
import { VERDICT_FAILURES_MAX } from '@vitrine/schema/record';
import type { Bundle } from '../bundle/format.ts';
import { readBundle } from '../bundle/read.ts';
import { ChainError } from '../error.ts';
import { readTrust, type Trust } from '../note/trust.ts';
import { checkAttached, readAttached } from './attached.ts';
import type { Case, Findings } from './case.ts';
import { checkChains } from './chains.ts';
import { checkClaimed } from './claim.ts';
import { checkContradictions } from './contradictions.ts';
import { checkExpected } from './expect.ts';
import { readSealText } from './leaf.ts';
import { checkParts } from './parts.ts';
import { checkPin, type Pin, readPin } from './pin.ts';
import type { Primitives } from './primitives.ts';
import { malformedVerdict, verdictOf } from './report.ts';
import { checkSeal } from './seal.ts';
import { checkTrust } from './trust.ts';
import type { Failure, Verdict, VerifyOptions } from './verdict.ts';

/** Verifies with the given cryptography. Needs nothing of Node. */
export function verifyWith(
  primitives: Primitives,
  bytes: Uint8Array,
  trustText: string,
  options: VerifyOptions,
): Verdict {
  let inputs: { trust: Trust; pin: Pin | null; bundle: Bundle };
  try {
    refuseUnusable(options);
    inputs = {
      trust: readTrust(primitives.sha256, trustText),
      pin: options.pin === undefined ? null : readPin(options.pin),
      bundle: readBundle(bytes),
    };
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    return malformedVerdict(error);
  }
  const c = newCase(primitives, options, inputs);
  const failures: Failure[] = [];
  for (const failure of steps(c)) {
    failures.push(failure);
    c.failed.add(failure.step);
    if (options.all !== true || failures.length === VERDICT_FAILURES_MAX) break;
  }
  return verdictOf(c, failures);
}

function* steps(c: Case): Findings {
  yield* checkExpected(c);
  yield* checkTrust(c);
  yield* checkPin(c);
  yield* checkSeal(c);
  yield* checkChains(c);
  readAttached(c);
  yield* checkClaimed(c);
  yield* checkAttached(c);
  yield* checkContradictions(c);
  yield* checkParts(c);
}

function refuseUnusable({ now, maxAgeNs }: VerifyOptions): void {
  if (maxAgeNs === undefined || now !== undefined) return;
  throw new ChainError('OPTIONS_INVALID', 'a maximum age needs the present time as well');
}

function newCase(
  primitives: Primitives,
  options: VerifyOptions,
  { trust, pin, bundle }: { trust: Trust; pin: Pin | null; bundle: Bundle },
): Case {
  return {
    primitives,
    options,
    bundle,
    trust,
    pin,
    seal: readSealText(primitives.sha256, bundle.seal.record),
    cosigned: [],
    chains: [],
    heads: [],
    attached: [],
    attachedShown: [],
    attachedFailures: [],
    losses: [],
    redacted: [],
    warnings: [],
    failed: new Set(),
    period: { from: null, to: null },
  };
}
