/** What is published becomes words block by block, each once, whatever ends in between. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WORD_BLOCK_LEAVES } from '@vitrine/schema';
import { textNode } from '@vitrine/schema/query';
import { openStore, type RecordRow, type Store } from '@vitrine/store';
import { LOG } from '../fixture/log.ts';
import { WordTaker } from './words.ts';

const LEAVES = WORD_BLOCK_LEAVES + 10;
const dir = mkdtempSync(join(tmpdir(), 'vitrine-words-'));
let store: Store;

before(async () => {
  store = await openStore({ mode: 'embedded', dir }, () => {});
  const leaf = Buffer.alloc(32);
  const row = { tenant: 'default', log: LOG, session: 's', shim: 'in', kind: 'x', leaf } as const;
  const rest = { sandbox: '', via: '', vantage: '', peer: '', agent: '', title: '', subject: '' };
  const records = Array.from({ length: LEAVES }, (_, idx): RecordRow => {
    const record = `{"id":"use-${idx}"}`;
    return { ...row, ...rest, idx, seq: idx, t: '1', observed: '1', severity: 0, record };
  });
  const checkpoint = { log: LOG, size: LEAVES, root: leaf, note: '' };
  await store.insertBatch(records, [], [], checkpoint, { verify: false });
});
after(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

test('whole blocks below the published size, and no other', async () => {
  let size = WORD_BLOCK_LEAVES - 1;
  const said: string[] = [];
  const taker = (): WordTaker =>
    new WordTaker({ store, log: LOG, size: () => size, print: (line) => said.push(line) });
  assert.equal(await taker().step(), false);
  size = LEAVES;
  const first = taker();
  assert.equal(await first.step(), true);
  assert.equal(await first.step(), false);
  assert.equal(await taker().step(), false, 'another one after a restart');
  assert.equal(await store.wordsKnown(LOG), WORD_BLOCK_LEAVES);
  const filter = { log: LOG, size, order: 'desc', limit: 5 } as const;
  const { rows } = await store.search({ ...filter, query: textNode('use-163') });
  assert.deepEqual(
    rows.map(({ idx }) => idx),
    [16_393, 16_392, 16_391, 16_390, 16_389],
  );
});

test('a step that fails is made again', async () => {
  let fails = true;
  const taken: number[] = [];
  const edge = {
    wordsKnown: async () => 0,
    takeWords: async (_log: string, from: number) => {
      if (fails) throw new Error('away');
      taken.push(from);
    },
  };
  const size = (): number => WORD_BLOCK_LEAVES;
  const taker = new WordTaker({ store: edge, log: LOG, size, print: () => {} });
  await assert.rejects(taker.step(), /away/);
  fails = false;
  assert.equal(await taker.step(), true);
  assert.deepEqual(taken, [0]);
  assert.equal(await taker.step(), false);
  taker.start();
  await taker.stop();
});
