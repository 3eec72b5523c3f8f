import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowBinary } from '../insert/row-binary.ts';
import { Cells, Repeated } from './cells.ts';

const LONG = 'ä€😀'.repeat(100);

test('cells come back as they were written', () => {
  const hash = Buffer.alloc(32, 0xfe);
  const bytes = new RowBinary(0)
    .uint8(255)
    .uint64(0)
    .uint64(Number.MAX_SAFE_INTEGER)
    .int64(-1n)
    .int64(9_223_372_036_854_775_807n)
    .text('')
    .text(LONG)
    .bytes(Buffer.alloc(70_000, 7))
    .fixed(hash)
    .fixed(hash)
    .done();
  const cells = new Cells(bytes);
  assert.equal(cells.uint8(), 255);
  assert.deepEqual([cells.uint64(), cells.uint64()], [0, Number.MAX_SAFE_INTEGER]);
  assert.equal(cells.int64(), -1);
  assert.equal(cells.int64Text(), '9223372036854775807');
  assert.deepEqual([cells.text(), cells.text()], ['', LONG]);
  assert.deepEqual(cells.bytes(), Buffer.alloc(70_000, 7));
  assert.deepEqual(cells.fixed(32), hash);
  assert.equal(cells.fixedBase64(32), hash.toString('base64'));
  assert.equal(cells.done, true);
});

test('a repeated text is told from one that only begins or ends alike', () => {
  const texts = ['', 'agent', 'agent', 'agenT', 'Agent', 'agent0', 'agen', LONG, LONG, 'agen', ''];
  const out = new RowBinary(0);
  for (const text of texts) out.text(text);
  const cells = new Cells(out.done());
  const last = new Repeated();
  assert.deepEqual(
    texts.map(() => cells.repeated(last)),
    texts,
  );
});

test('a cell says its own text and no other', () => {
  const texts = ['', 'agent', 'agenT', 'agent0', 'agen', LONG, `a${LONG}`, 'é'];
  for (const text of texts) {
    for (const other of texts) {
      const cells = new Cells(new RowBinary(0).text(text).uint8(7).done());
      assert.equal(cells.says(other), text === other, `${text} says ${other}`);
      assert.equal(cells.uint8(), 7);
    }
  }
});

test('an answer that ends in the middle of a cell is an error, not a value', () => {
  const whole = new RowBinary(0).text('record').fixed(Buffer.alloc(32)).done();
  for (const length of [3, whole.length - 1]) {
    const cells = new Cells(whole.subarray(0, length));
    assert.throws(() => [cells.text(), cells.fixed(32)], { code: 'READ_FAILED' });
  }
});
