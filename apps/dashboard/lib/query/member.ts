/** Terms of a query for what a record has: from the names that its fields are shown by. */
import { fieldOf, fieldTerm, MEMBER_PREFIX, parseQuery } from '@vitrine/schema/query';

/** Members whose column has another name. */
const OTHER_NAMES: Record<string, string> = { t: 'time' };

/** `undefined` for a member whose name no query can write. */
export function termOfMember(name: string, value: string): string | undefined {
  const path = name.replaceAll(/\[\d+\]/g, '');
  const known = OTHER_NAMES[path] ?? path;
  const names = fieldOf(known) === undefined ? [] : [known];
  for (const field of [...names, `${MEMBER_PREFIX}${path}`]) {
    const term = fieldTerm(field, value);
    if (isTerm(term)) return term;
  }
  return undefined;
}

function isTerm(text: string): boolean {
  try {
    return parseQuery(text)?.type === 'field';
  } catch {
    return false;
  }
}
