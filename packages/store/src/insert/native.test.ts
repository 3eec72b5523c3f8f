/** What the engine reads out of a block is what was put in, and pieces of it are one part. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { FsckRig } from '../fixture/fsck.ts';
import type { RecordRow } from '../row.ts';
import { encodeRecords, RECORD_COLUMNS } from './encode.ts';
import { NATIVE_ROWS_MAX, NativeBlock } from './native.ts';
import { piecesOf } from './pieces.ts';

let rig: FsckRig;

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-native-')));
});

after(async () => {
  await rig.stop();
});

const TEXTS = ['', 'a', 'é'.repeat(90), 'x'.repeat(127), 'y'.repeat(128), '\0\n"', '😀'];

/** Row i of a log: `words` different texts in each column of few. */
function rowOf(log: string, idx: number, words: number): RecordRow {
  const word = (salt: number): string => {
    const at = (idx * salt) % words;
    return at < TEXTS.length ? TEXTS[at]! : `word-${at}`;
  };
  const leaf = createHash('sha256').update(String(idx)).digest();
  const record = JSON.stringify({ n: idx, text: TEXTS[idx % TEXTS.length] });
  return {
    ...{
      tenant: 'default',
      log,
      idx,
      session: word(1),
      shim: word(3),
      kind: word(5),
      leaf,
      record,
    },
    seq: idx % 4 === 3 ? null : 2 ** 40 + idx,
    t: String(2n ** 63n - 1n - BigInt(idx)),
    observed: String(idx),
    ...{ sandbox: word(7), via: word(11), vantage: word(13), peer: word(17), agent: word(19) },
    ...{ severity: idx % 256, title: word(23), subject: word(29) },
  };
}

async function assertStored(log: string, rows: RecordRow[]): Promise<void> {
  await rig.admin.insert('records', RECORD_COLUMNS, piecesOf(rows, encodeRecords));
  const question = `SELECT ${RECORD_COLUMNS.join(', ')}, hex(leaf) AS leaf FROM records
    WHERE log = {log:String} ORDER BY idx`;
  const stored = await rig.admin.rows<Record<string, unknown>>(question, { log });
  const expected = rows.map((row) => {
    const leaf = row.leaf.toString('hex').toUpperCase();
    return { ...row, idx: String(row.idx), seq: String(row.seq ?? -1), leaf };
  });
  assert.deepEqual(stored, expected);
}

async function partsOf(log: string): Promise<number> {
  const question = 'SELECT toUInt32(uniqExact(_part)) AS n FROM records WHERE log = {log:String}';
  return (await rig.admin.rows<{ n: number }>(question, { log }))[0]!.n;
}

test('columns of one text, of 256, of 257 and of thousands come back as they were', async () => {
  for (const words of [1, 2, 256, 257, 3_001]) {
    const log = `words-${words}.0.1`;
    await assertStored(
      log,
      Array.from({ length: 3_100 }, (_, i) => rowOf(log, i, words)),
    );
  }
});

test('however many pieces a batch has, it is one part', async () => {
  await rig.admin.command('SYSTEM STOP MERGES records');
  const log = 'pieces.0.1';
  await assertStored(
    log,
    Array.from({ length: 12_345 }, (_, i) => rowOf(log, i, 40)),
  );
  assert.equal(await partsOf(log), 1);
});

test('a block takes as many rows as it has numbers for', () => {
  const rows = Array.from({ length: NATIVE_ROWS_MAX }, (_, i) => String(i));
  const block = new NativeBlock(rows, 1, 0).words('a', (row) => row).done();
  assert.equal(block.readUInt16LE(block.length - 2), NATIVE_ROWS_MAX - 1);
  assert.throws(() => new NativeBlock([...rows, ''], 1, 0), RangeError);
});
