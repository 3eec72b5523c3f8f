import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FixtureLog, insert } from '../fixture/log.ts';
import { openStore } from '../open.ts';
import type { Store } from '../store.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-pull-reader-'));
const made = new FixtureLog();
const { log } = made;
const sizes: number[] = [];
let store: Store;

before(async () => {
  store = await openStore({ mode: 'embedded', dir }, () => {});
  made.open('s1', { host: { name: 'h' } });
  const parts = { argv: Buffer.from([0, 255, 10]), otlp: Buffer.from('{"a":1}') };
  made.event('s1/b0.host', 'tool.call', {}, { parts });
  await insert(store, made.seal());
  sizes.push(made.size);
  made.event('s1/b0.host', 'tool.call', {}, { parts: { argv: Buffer.from('x') } });
  await insert(store, made.seal());
  sizes.push(made.size);
});

after(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('what pages need beside records', () => {
  it('has the parts of many leaves, and their bytes before they are read', async () => {
    const indices = Array.from({ length: made.size }, (_, i) => i);
    const parts = await store.pull.parts(log, indices);
    const bytes = await store.pull.partBytes(log, indices);
    const told = parts.map(({ idx, name, data }) => `${idx} ${name} ${data.toString('base64')}`);
    const [first, second] = [...new Set(parts.map(({ idx }) => idx))].sort((a, b) => a - b);
    assert.deepEqual(told.sort(), [
      `${first} argv AP8K`,
      `${first} otlp ${Buffer.from('{"a":1}').toString('base64')}`,
      `${second} argv ${Buffer.from('x').toString('base64')}`,
    ]);
    assert.deepEqual([...bytes].sort(), [
      [first, 10],
      [second, 1],
    ]);
    assert.deepEqual(await store.pull.parts(log, []), []);
  });

  it('has the notes of sizes that were published', async () => {
    const notes = await store.pull.notes(log, [...sizes, sizes[0]! - 1]);
    assert.deepEqual(
      [...notes.keys()].sort((a, b) => a - b),
      sizes,
    );
    assert.match(notes.get(sizes[0]!)!, new RegExp(`\n${sizes[0]}\n`));
  });

  it('says where the log begins', async () => {
    assert.equal(await store.pull.oldest(log), 0);
    assert.equal(await store.pull.oldest('none.0.1'), 0);
  });

  it('says where it begins once its first leaves are gone', async () => {
    const other = mkdtempSync(join(dir, 'other-'));
    const young = await openStore({ mode: 'embedded', dir: other }, () => {});
    try {
      const again = new FixtureLog();
      again.open('s1', {});
      again.seal();
      const first = again.size;
      again.event('s1/b0.host', 'tool.call', {});
      await insert(young, again.seal());
      assert.ok(first > 0);
      assert.equal(await young.pull.oldest(again.log), first);
    } finally {
      await young.close();
    }
  });
});
