/** Reads the claim of a bundle (LOG.md §4): each type has exactly its own members. */
import type { ChainError } from '../error.ts';
import type { JsonCursor } from '../json/cursor.ts';
import { readCount, readMembers, shapeOf } from '../json/members.ts';
import { isChainName, isCount, isName } from '../record/form.ts';
import { isDay } from '../seal/form.ts';
import type { Claim } from './format.ts';

type Members = Record<string, string | number>;

const RULES: Record<string, (value: unknown) => boolean> = {
  session: isName,
  chain: isChainName,
  day: isDay,
  index: isCount,
  first: isCount,
  last: isCount,
};

const MEMBERS: Record<Claim['type'], string[]> = {
  session: ['session'],
  range: ['chain', 'first', 'last'],
  event: ['index'],
  absent: ['session'],
  inactive: ['day', 'session'],
};

const text = (name: string) => (c: JsonCursor, claim: Members) => {
  claim[name] = c.string();
};
const count = (name: string) => (c: JsonCursor, claim: Members) => {
  claim[name] = readCount(c);
};
const CLAIM = shapeOf<Members>(
  'claim',
  {
    type: text('type'),
    session: text('session'),
    chain: text('chain'),
    day: text('day'),
    index: count('index'),
    first: count('first'),
    last: count('last'),
  },
  Object.keys(RULES),
);

export function readClaim(c: JsonCursor): Claim {
  const claim = readMembers(c, CLAIM, {});
  checkClaim(claim, (message) => c.malformed(message));
  return claim as unknown as Claim;
}

/** Throws what `refuse` makes for a claim that LOG.md §4 does not know. */
export function checkClaim(claim: object, refuse: (message: string) => ChainError): void {
  const { type, ...members } = claim as Members;
  const known = typeof type === 'string' && Object.hasOwn(MEMBERS, type);
  if (!known) throw refuse('an unknown type of claim');
  const names = MEMBERS[type as Claim['type']];
  if (Object.keys(members).sort().join() !== names.join()) {
    throw refuse(`a claim of type ${type} with other members than ${names.join(', ')}`);
  }
  for (const name of names) {
    if (!RULES[name]!(members[name])) throw refuse(`a claim with a malformed ${name}`);
  }
  if (type === 'range' && (members.last as number) < (members.first as number)) {
    throw refuse('a range that ends before it begins');
  }
}
