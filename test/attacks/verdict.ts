/** Asks the verifier about a subject of the table, as the command line does. */
import { type Verdict, type VerifyOptions, verifyBundle } from '@vitrine/chain';
import type { Subject, VerifyArgs } from './row.ts';

const NS_PER_S = 1_000_000_000n;

export function verdictOn({ bundle, args }: Subject): Verdict {
  return verifyBundle(bundle, args.trust, optionsOf(args));
}

export function optionsOf({ trust: _, now, maxAge, ...rest }: VerifyArgs): VerifyOptions {
  const maxAgeNs = maxAge === undefined ? undefined : BigInt(maxAge) * NS_PER_S;
  return { ...rest, now: BigInt(now), ...(maxAgeNs === undefined ? {} : { maxAgeNs }) };
}

/** What a reader is told is wrong; of a proven bundle, what it does not prove and warns of. */
export function complaintOf({ failure, warnings, not_proven, losses }: Verdict): string {
  if (failure === undefined) {
    return [...warnings, ...not_proven, ...losses.map(({ what }) => what)].join('\n');
  }
  const { step, at, expected, found } = failure;
  return `${step} ${at}: expected ${expected}; found ${found}`;
}
