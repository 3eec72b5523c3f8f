import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Announced } from '@vitrine/store';
import { type CoveredRow, Covering } from './covering.ts';

const CHAIN = 's/b0.host';

/** Records with parts `argv` and `body`; each tenth leaf is one of this chain. */
const ROWS: CoveredRow[] = Array.from({ length: 10 }, (_, seq) => {
  const record = JSON.stringify({ kind: 'x', parts: { argv: 'c', body: 'c' }, seq });
  return { idx: 10 * seq, seq, record };
});

function expire(idx: number, below: number, part: string): Announced {
  return { kind: 'expire', idx, record: `expire ${part}`, below, part };
}

function redact(idx: number, seq: number, part: string): Announced {
  return { kind: 'redact', idx, record: 'redact', chain: CHAIN, seq, part };
}

/** Parts of all records but those named `seq/name`. */
function without(gone: (seq: number, name: string) => boolean): { idx: number; name: string }[] {
  return ROWS.flatMap(({ idx, seq }) =>
    ['argv', 'body'].filter((name) => !gone(seq, name)).map((name) => ({ idx, name })),
  );
}

function indices(covering: Covering): number[] {
  return covering.leaves.map(({ idx }) => idx);
}

describe('what is attached for missing parts', () => {
  it('is nothing where nothing is missing, whatever was announced', () => {
    const covering = new Covering([redact(100, 3, 'body'), expire(101, 50, '*')]);
    covering.take(
      CHAIN,
      ROWS,
      without(() => false),
    );
    assert.deepEqual([indices(covering), covering.uncovered], [[], 0]);
  });

  it('is each redact record once, and what nothing covers is counted', () => {
    const covering = new Covering([redact(100, 3, 'body'), redact(101, 4, 'argv')]);
    covering.take(
      CHAIN,
      ROWS,
      without((seq) => seq === 3),
    );
    assert.deepEqual(indices(covering), [100]);
    assert.equal(covering.uncovered, 1, 'argv of seq 3');
  });

  it('is an expire with the last record it reaches: a tip beyond its bound shows nothing', () => {
    const covering = new Covering([expire(100, 45, 'body')]);
    covering.take(
      CHAIN,
      ROWS,
      without((seq, name) => seq <= 4 && name === 'body'),
    );
    assert.deepEqual(indices(covering), [40, 100]);
    const all = new Covering([expire(100, 95, 'body')]);
    all.take(
      CHAIN,
      ROWS,
      without((_, name) => name === 'body'),
    );
    assert.deepEqual(indices(all), [100], 'the tip is below the bound');
  });

  it('shows the reach of each of two bounds', () => {
    const covering = new Covering([expire(100, 65, 'body'), expire(101, 25, '*')]);
    const gone = (seq: number, name: string): boolean => seq <= 2 || (seq <= 6 && name === 'body');
    covering.take(CHAIN, ROWS, without(gone));
    assert.deepEqual(indices(covering), [20, 60, 100, 101]);
    assert.equal(covering.uncovered, 0);
  });
});
