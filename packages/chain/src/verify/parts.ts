/** Content outside the records (LOG.md §5, step 8): there and right, or lawfully gone. */
import { isObject } from '@vitrine/schema';
import { decodeBase64 } from '../base64.ts';
import type { BundleChain, BundlePart } from '../bundle/format.ts';
import { commitPart } from '../hash/rfc6962.ts';
import { isChainName, isCount } from '../record/form.ts';
import { type Case, type CheckedChain, type Findings, isHashOf, lastSeq } from './case.ts';
import type { Failure, Redaction } from './verdict.ts';

const ANY_PART = '*';

export function* checkParts(c: Case): Findings {
  const gone = goneParts(c);
  for (const chain of c.chains) {
    const bundled = c.bundle.chains[chain.at]!;
    if (bundled.parts === null) {
      if (c.options.requireParts !== true) continue;
      yield failure(3, `chains/${chain.at}/parts`, 'parts', 'the bundle was made without');
      continue;
    }
    // Nothing can be said about the parts of records that were not reached.
    if (chain.count < bundled.records.length) continue;
    yield* checkGiven(c, chain, bundled.parts);
    const bound = indexBound(c, chain, bundled);
    for (const { seq, parts } of chain.commitments) {
      for (const part of Object.keys(parts)) {
        if (bundled.parts.get(seq)?.has(part) === true) continue;
        const by = gone.of(chain.chain, seq, part, bound(seq));
        if (by !== undefined) c.redacted.push({ chain: chain.chain, seq, part, ...by });
        else yield failure(3, `chains/${chain.at}/parts/${seq}/${part}`, 'the part', 'none');
      }
    }
  }
}

function* checkGiven(
  c: Case,
  chain: CheckedChain,
  given: Map<number, Map<string, BundlePart>>,
): Findings {
  const committed = new Map(chain.commitments.map(({ seq, parts }) => [seq, parts]));
  for (const [seq, parts] of given) {
    const at = `chains/${chain.at}/parts/${seq}`;
    if (seq < chain.first || seq > lastSeq(chain)) {
      yield failure(1, at, 'parts of the records that are here', `seq ${seq}`);
      continue;
    }
    for (const [name, { salt, data }] of parts) {
      const commitments = committed.get(seq) ?? {};
      const known = Object.hasOwn(commitments, name) ? commitments[name] : undefined;
      if (known === undefined) {
        yield failure(1, `${at}/${name}`, 'a part its record commits to', 'another');
        continue;
      }
      const { sha256 } = c.primitives;
      const commitment = commitPart(sha256, decodeBase64(salt)!, decodeBase64(data)!);
      if (isHashOf(commitment, known)) continue;
      yield failure(1, `${at}/${name}`, `content of the commitment ${known}`, 'other content');
    }
  }
}

type Gone = Pick<Redaction, 'by' | 'index'>;

/** What `redact` and `expire` records of `log/audit` say is gone. */
function goneParts(c: Case): {
  of(chain: string, seq: number, part: string, bound: number): Gone | undefined;
} {
  const redacts = new Map<string, number>();
  const expires = new Map<string, { below: number; index: number }>();
  for (const { chain, kind, value, index } of c.attached) {
    if (chain !== 'log/audit' || !isObject(value?.target)) continue;
    const { chain: of, seq, part, below } = value.target;
    if (typeof part !== 'string') continue;
    if (kind === 'redact' && isChainName(of) && isCount(seq)) {
      redacts.set(`${of} ${seq} ${part}`, index);
    }
    if (kind !== 'expire' || !isCount(below)) continue;
    if (below > (expires.get(part)?.below ?? 0)) expires.set(part, { below, index });
  }
  return {
    of(chain, seq, part, bound) {
      const redact = redacts.get(`${chain} ${seq} ${part}`);
      if (redact !== undefined) return { by: 'redact', index: redact };
      for (const name of [part, ANY_PART]) {
        const expire = expires.get(name);
        if (expire !== undefined && expire.below > bound) {
          return { by: 'expire', index: expire.index };
        }
      }
      return undefined;
    },
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
