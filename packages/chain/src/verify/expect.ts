/** What the auditor asked for, against what the bundle is about (LOG.md §5, end of step 1). */
import type { Claim } from '../bundle/format.ts';
import type { Case, Findings } from './case.ts';

export function* checkExpected(c: Case): Findings {
  const { expect } = c.options;
  if (expect === undefined) return;
  const { claim, checkpoint } = c.bundle;
  const pairs: [what: string, asked: string | undefined, is: string | undefined][] = [
    ['origin', expect.origin, checkpoint.origin],
    ['session', expect.session, sessionOf(claim)],
    ['chain', expect.chain, claim.type === 'range' ? claim.chain : undefined],
  ];
  for (const [what, asked, is] of pairs) {
    if (asked === undefined || asked === is) continue;
    const at = what === 'origin' ? 'checkpoint' : 'claim';
    const found = is ?? `a claim about no ${what}`;
    yield { code: 4, step: 'form', at, expected: `${what} ${asked}`, found };
  }
}

function sessionOf(claim: Claim): string | undefined {
  if (claim.type === 'event') return undefined;
  return claim.type === 'range' ? claim.chain.slice(0, claim.chain.indexOf('/')) : claim.session;
}
