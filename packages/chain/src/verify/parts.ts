/** Content outside the records (LOG.md §5, step 8): there and right, or lawfully gone. */
import { decodeBase64 } from '../base64.ts';
import type { BundleChain } from '../bundle/format.ts';
import { eachGivenPart } from '../bundle/read.ts';
import { commitPart } from '../hash/rfc6962.ts';
import { isChainName, isCount } from '../record/form.ts';
import { type Case, type CheckedChain, type Findings, isHashOf, lastSeq } from './case.ts';
import type { Failure, Redaction } from './verdict.ts';

const ANY_PART = '*';

export function* checkParts(c: Case): Findings {
  const gone = goneParts(c);
  for (const chain of c.chains) {
    const bundled = c.bundle.chains[chain.at]!;
    // Nothing can be said about the parts of records that were not reached.
    if (chain.count < bundled.records.count) continue;
    const { partsAt } = bundled;
    if (partsAt !== null) {
      yield* checkGiven(c, chain, partsAt);
      yield* checkMissing(c, chain, bundled, gone);
    } else if (c.options.requireParts === true) {
      yield failure(3, `chains/${chain.at}/parts`, 'parts', 'the bundle was made without');
    }
  }
}

function* checkGiven(c: Case, chain: CheckedChain, partsAt: number): Findings {
  const { sha256 } = c.primitives;
  for (const { seq, name, salt, data } of eachGivenPart(c.bundle, partsAt)) {
    const at = `chains/${chain.at}/parts/${seq}/${name}`;
    const committed = chain.commitments.get(seq);
    if (committed === undefined || !Object.hasOwn(committed.parts, name)) {
      const here = seq >= chain.first && seq <= lastSeq(chain);
      const found = here ? 'none in the record' : `no record with seq ${seq}`;
      yield failure(1, at, 'a commitment to the part', found);
      continue;
    }
    committed.given.add(name);
    const known = committed.parts[name]!;
    if (isHashOf(commitPart(sha256, decodeBase64(salt)!, decodeBase64(data)!), known)) continue;
    yield failure(1, at, `content of the commitment ${known}`, 'other content');
  }
}

function* checkMissing(
  c: Case,
  chain: CheckedChain,
  bundled: BundleChain,
  gone: GoneParts,
): Findings {
  const bound = indexBound(c, chain, bundled);
  for (const [seq, { parts, given }] of chain.commitments) {
    for (const part of Object.keys(parts)) {
      if (given.has(part)) continue;
      const by = gone(chain.chain, seq, part, bound(seq));
      if (by !== undefined) c.redacted.push({ chain: chain.chain, seq, part, ...by });
      else yield failure(3, `chains/${chain.at}/parts/${seq}/${part}`, 'the part', 'none');
    }
  }
}

/** The leaf that says a part is gone; `bound` is an index its record does not exceed. */
type GoneParts = (
  chain: string,
  seq: number,
  part: string,
  bound: number,
) => Pick<Redaction, 'by' | 'index'> | undefined;

/** What `redact` and `expire` records of `log/audit` say. */
function goneParts(c: Case): GoneParts {
  const redacts = new Map<string, number>();
  const expires = new Map<string, { below: number; index: number }>();
  for (const { chain, kind, told, index } of c.attached) {
    if (chain !== 'log/audit') continue;
    const { chain: of, seq, part, below } = told?.target ?? {};
    if (typeof part !== 'string') continue;
    if (kind === 'redact' && isChainName(of) && isCount(seq)) {
      redacts.set(`${of} ${seq} ${part}`, index);
    }
    if (kind !== 'expire' || !isCount(below)) continue;
    if (below > (expires.get(part)?.below ?? 0)) expires.set(part, { below, index });
  }
  return (chain, seq, part, bound) => {
    const redact = redacts.get(`${chain} ${seq} ${part}`);
    if (redact !== undefined) return { by: 'redact', index: redact };
    for (const name of [part, ANY_PART]) {
      const expire = expires.get(name);
      if (expire !== undefined && expire.below > bound) {
        return { by: 'expire', index: expire.index };
      }
    }
    return undefined;
  };
}

/**
 * The least index that a record is known not to exceed: that of the tip, or of an attached record
 * of the chain that is not earlier. Within a chain the log keeps the order of `seq`.
 */
function indexBound(c: Case, chain: CheckedChain, bundled: BundleChain): (seq: number) => number {
  const later = c.attached
    .filter((fact) => fact.chain === chain.chain)
    .sort((a, b) => b.seq - a.seq);
  const bounds: { seq: number; index: number }[] = [];
  let least = bundled.tip.index;
  for (const { seq, index } of later) {
    least = Math.min(least, index);
    bounds.push({ seq, index: least });
  }
  bounds.reverse();
  let i = 0;
  // Asked in the order of `seq`.
  return (seq) => {
    while (i < bounds.length && bounds[i]!.seq < seq) i++;
    return bounds[i]?.index ?? bundled.tip.index;
  };
}

function failure(code: Failure['code'], at: string, expected: string, found: string): Failure {
  return { code, step: 'parts', at, expected, found };
}
