/** What each stateful member of `x-vitrine` is read into. */
import type { KindSet } from '../kinds.ts';
import type { Predicate } from '../value.ts';
import type { Watch } from '../watch.ts';

export interface Primitive {
  /** Kinds of records that it looks at beside those of the rule's own selection. */
  kinds: KindSet;
  /** `selects`: the rule's own selection. `shown`: members that its alerts are made from. */
  make: (selects: Predicate, shown: ReadonlySet<string>) => Watch;
}

/** No kind at all. */
export const NO_KINDS: KindSet = { exact: new Set(), prefixes: [] };
