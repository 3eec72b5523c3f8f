/**
 * Two statements of the log that cannot both be true (LOG.md §5, step 7). Everything compared here
 * has been proven to stand under one signed checkpoint.
 */
import { sameBytes } from '../hash/rfc6962.ts';
import { type Case, type Findings, lastSeq, leafOf, type ProvenHead } from './case.ts';
import type { Failure } from './verdict.ts';

interface Statement {
  chain: string;
  seq: number;
  hash: Uint8Array;
  at: string;
}

export function* checkContradictions(c: Case): Findings {
  if (c.failed.size > 0) return;
  const attached = c.attached.flatMap(({ chain, seq, hash, at }) => {
    return chain === null ? [] : [{ chain, seq, hash, at: `attached/${at}` }];
  });
  yield* compareRecords(c, attached);
  const heads = new Map(c.heads.map((head) => [head.chain, head]));
  for (const record of attached) yield* compareWithHead(record, heads.get(record.chain));
  for (const chain of c.chains) {
    const seq = lastSeq(chain);
    const head = heads.get(chain.chain);
    if (head === undefined || chain.count === 0) continue;
    const at = `chains/${chain.at}`;
    yield* compareWithHead({ chain: chain.chain, seq, hash: leafOf(chain, seq)!, at }, head);
    const hash = leafOf(chain, head.seq);
    if (hash !== undefined && head.seq !== seq) {
      yield* compareWithHead({ chain: chain.chain, seq: head.seq, hash, at }, head);
    }
  }
  yield* compareRuns(c, heads);
  yield* compareCloses(c, attached);
}

function* compareRecords(c: Case, attached: Statement[]): Findings {
  const chains = new Map(c.chains.map((chain) => [chain.chain, chain]));
  const seen = new Map<string, Statement>();
  for (const record of attached) {
    const { chain, seq, hash, at } = record;
    const checked = chains.get(chain);
    const bundled = checked === undefined ? undefined : leafOf(checked, seq);
    const key = `${chain} ${seq}`;
    const other = bundled ?? seen.get(key)?.hash;
    if (other !== undefined && !sameBytes(other, hash)) {
      yield failure(at, `one record with seq ${seq} in ${chain}`, 'another one');
    }
    seen.set(key, record);
  }
}

function* compareWithHead(record: Statement, head: ProvenHead | undefined): Findings {
  if (head === undefined) return;
  const { chain, seq, hash, at } = record;
  if (seq > head.seq) {
    const expected = `no record beyond the head of ${chain}, seq ${head.seq} (${head.where})`;
    yield failure(at, expected, `seq ${seq}`);
  } else if (seq === head.seq && !sameBytes(hash, head.hash)) {
    yield failure(at, `the head of ${chain} (${head.where})`, 'another record with its seq');
  }
}

/** An admit run says that the log took records of a chain up to `last`. */
function* compareRuns(c: Case, heads: Map<string, ProvenHead>): Findings {
  const bundled = c.chains
    .filter(({ chain }) => chain === 'log/admit')
    .flatMap(({ told, at }) => told.map(({ runs }) => ({ runs, at: `chains/${at}` })));
  const attached = c.attached
    .filter(({ chain }) => chain === 'log/admit')
    .map(({ told, at }) => ({ runs: told?.runs, at: `attached/${at}` }));
  for (const { runs = [], at } of [...bundled, ...attached]) {
    for (const { chain, last } of runs) {
      const head = heads.get(chain);
      if (head === undefined || last <= head.seq) continue;
      const expected = `no run of ${chain} beyond its head, seq ${head.seq} (${head.where})`;
      yield failure(at, expected, `a run up to seq ${last}`);
    }
  }
}

/** Nothing follows the close of a session. */
function* compareCloses(c: Case, attached: Statement[]): Findings {
  const closes = new Map<string, number>();
  const note = (chain: string, seq: number): void => {
    closes.set(chain, Math.min(seq, closes.get(chain) ?? seq));
  };
  for (const { chain, shim, told } of c.chains) {
    if (shim !== 'sup') continue;
    for (const { seq, kind } of told) if (kind === 'close') note(chain, seq);
  }
  for (const { chain, seq, kind } of c.attached) {
    if (chain?.endsWith('/sup') && kind === 'close') note(chain, seq);
  }
  const ends = c.chains.map((x) => ({ chain: x.chain, seq: lastSeq(x), at: `chains/${x.at}` }));
  for (const { chain, seq, at } of [...ends, ...attached]) {
    const close = closes.get(chain);
    if (close === undefined || seq <= close) continue;
    yield failure(at, `nothing in ${chain} after its close, seq ${close}`, `seq ${seq}`);
  }
}

function failure(at: string, expected: string, found: string): Failure {
  return { code: 5, step: 'contradictions', at, expected, found };
}
