/** What the bundle says it proves (LOG.md §4 and §5, step 6). */
import { eachAttached } from '../bundle/read.ts';
import { checkAbsent, checkInactive } from './absence.ts';
import { type Case, type Findings, lastSeq } from './case.ts';
import { checkSession } from './session.ts';

export function* checkClaimed(c: Case): Findings {
  const { claim } = c.bundle;
  switch (claim.type) {
    case 'session':
      yield* checkSession(c, claim.session);
      break;
    case 'range':
      yield* checkRange(c, claim.chain, claim.first, claim.last);
      break;
    case 'event':
      yield* checkEvent(c, claim.index);
      break;
    case 'absent':
      yield* checkAbsent(c, claim.session);
      break;
    case 'inactive':
      yield* checkInactive(c, claim.session, claim.day);
      break;
  }
  const { requireClosed, requireLossless } = c.options;
  if (claim.type !== 'session' && (requireClosed === true || requireLossless === true)) {
    c.warnings.push(`require-closed and require-lossless say nothing about a ${claim.type} claim.`);
  }
}

function* checkRange(c: Case, chain: string, first: number, last: number): Findings {
  const [only, ...more] = c.bundle.chains;
  const exact = only?.chain === chain && more.length === 0;
  const checked = c.chains[0];
  if (exact && checked !== undefined && checked.first === first && lastSeq(checked) === last)
    return;
  const expected = `the records ${first} to ${last} of ${chain}, and no others`;
  const found = c.bundle.chains.map(
    (b) => `${b.chain} from ${b.first}, ${b.records.count} records`,
  );
  const said = found.slice(0, 3).join('; ') || 'no chain';
  yield { code: 3, step: 'claim', at: 'chains', expected, found: said };
}

function* checkEvent(c: Case, index: number): Findings {
  for (const leaf of eachAttached(c.bundle)) if (leaf.index === index) return;
  const found = 'none with that index';
  yield { code: 3, step: 'claim', at: 'attached', expected: `leaf ${index}`, found };
}
