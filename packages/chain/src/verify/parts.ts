/** Content outside the records (LOG.md §5, step 8): there and right, or lawfully gone. */
import { decodeBase64, encodeBase64, hashBehind, PART_PREFIX } from './bytes.ts';
import type { Case } from './case.ts';
import { isChainName, isCount } from './form.ts';
import type { Chain, Fact, Given, Gone } from './types.ts';

const ANY_PART = '*';

export function checkParts(c: Case): void {
  const gone = goneParts(c);
  const facts = new Map<string, Fact[]>();
  for (const fact of c.facts) {
    const { chain } = fact;
    facts.set(chain, facts.get(chain) ?? []);
    facts.get(chain)!.push(fact);
  }
  for (const chain of c.chains) {
    const { records, parts } = chain.bundled;
    // Nothing can be said about the parts of records that were not reached.
    if (chain.leaves.length < records.length) continue;
    if (parts !== null) {
      checkGiven(c, chain, parts);
      checkMissing(c, chain, parts, gone, facts.get(chain.chain) ?? []);
    } else if (c.options.requireParts) {
      c.check(false, 3, `${chain.at}/parts`, 'parts', 'the bundle was made without');
    }
  }
}

function checkGiven(c: Case, { at: of, commitments }: Chain, given: Given): void {
  for (const [seq, parts] of Object.entries(given)) {
    const committed = commitments.get(Number(seq)) ?? {};
    for (const [name, { salt, data }] of Object.entries(parts)) {
      const at = `${of}/parts/${seq}/${name}`;
      const known = Object.hasOwn(committed, name) ? committed[name] : undefined;
      if (!c.check(known, 1, at, 'a commitment to the part', 'none in the record')) continue;
      const [salted, content] = [decodeBase64(salt)!, decodeBase64(data)!];
      const hash = encodeBase64(hashBehind(c.sha256, PART_PREFIX, salted, content));
      c.check(hash === known, 1, at, `content of the commitment ${known}`, 'other content');
    }
  }
}

function checkMissing(c: Case, of: Chain, given: Given, gone: Gone, facts: Fact[]): void {
  const { at, chain, commitments, bundled } = of;
  // Within a chain the log keeps the order of `seq`: a record does not stand behind the tip, nor
  // behind a later record. Going back through both, the least index so far is the bound.
  const later = facts.sort((a, b) => a.seq - b.seq);
  const bounds = new Map<number, number>();
  let bound = bundled.tip.index;
  for (const seq of [...commitments.keys()].reverse()) {
    while ((later.at(-1)?.seq ?? -1) >= seq) bound = Math.min(bound, later.pop()!.index);
    bounds.set(seq, bound);
  }
  for (const [seq, parts] of commitments) {
    for (const part of Object.keys(parts)) {
      if (Object.hasOwn(given[seq] ?? {}, part)) continue;
      const by = gone(chain, seq, part, bounds.get(seq)!);
      c.check(by, 3, `${at}/parts/${seq}/${part}`, 'the part', 'none');
      if (by) c.redacted.push({ chain, seq, part, ...by });
    }
  }
}

/** What `redact` and `expire` records of `log/audit` say. */
function goneParts(c: Case): Gone {
  const redacts = new Map<string, number>();
  const expires = new Map<string, { below: number; index: number }>();
  for (const { chain, kind, told, index } of c.facts) {
    const { chain: of, seq, part, below } = told?.target ?? {};
    if (chain !== 'log/audit' || typeof part !== 'string') continue;
    const named = kind === 'redact' && isChainName(of) && isCount(seq);
    if (named) redacts.set(`${of} ${seq} ${part}`, index);
    const farther = isCount(below) && below > (expires.get(part)?.below ?? 0);
    if (kind === 'expire' && farther) expires.set(part, { below, index });
  }
  return (chain, seq, part, bound) => {
    const redact = redacts.get(`${chain} ${seq} ${part}`);
    if (redact !== undefined) return { by: 'redact', index: redact };
    const known = [expires.get(part), expires.get(ANY_PART)];
    const expire = known.find((one) => one && one.below > bound);
    return expire && { by: 'expire', index: expire.index };
  };
}
