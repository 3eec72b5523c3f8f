import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { formatCheckpoint, signNote } from '@vitrine/chain';
import { AT_NS, asKept, emptyLog, KEY, openEntry, RelayChain, seal } from '../fixture/log.ts';
import { IntentStore } from './intents.ts';
import type { Batch } from './plan.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-intents-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function note({ size, root }: Batch) {
  const text = formatCheckpoint({ origin: KEY.origin, size, root });
  return { size, root, note: signNote(text, KEY) };
}

describe('intents', () => {
  it('give a tree one successor: the first one decided stands', async () => {
    const store = new IntentStore(dir);
    const ours = seal(emptyLog(), [openEntry('a')]).batch;
    const theirs = seal(emptyLog(), [openEntry('b')]).batch;
    assert.equal(await store.commit(ours), ours);
    const standing = await new IntentStore(dir).commit(theirs);
    assert.deepEqual(standing.root, ours.root);
    assert.equal(readdirSync(join(dir, 'blob')).length, 1, 'the losing blob is gone');
  });

  it('read a batch back as it was written, with parts and provenance', async () => {
    const store = new IntentStore(dir);
    const chain = new RelayChain('a');
    const page = chain.page(chain.next('x'));
    page.records[0]!.parts.push({ name: 'p', salt: Buffer.alloc(16, 3), data: Buffer.from('d') });
    const { batch } = seal(emptyLog(), [openEntry('a'), page]);
    await store.commit(batch);
    assert.deepEqual(store.load(store.intents()[0]!), asKept(batch));
  });

  it('refuse a blob that is not what was decided', async () => {
    const store = new IntentStore(dir);
    await store.commit(seal(emptyLog(), [openEntry('a')]).batch);
    const [intent] = store.intents();
    writeFileSync(join(dir, 'blob', intent!.blob), 'other');
    assert.throws(() => store.load(intent!), { code: 'INTENT_CORRUPT' });
  });

  it('never replace a larger note, and tell a zombie that it is one', async () => {
    const store = new IntentStore(dir);
    const state = emptyLog();
    const first = seal(state, [openEntry('a')]).batch;
    const second = seal(state, [], AT_NS + 1n).batch;
    await store.publish(note(second));
    await assert.rejects(store.publish(note(first)), { code: 'WRITER_SUPERSEDED' });
    assert.throws(() => store.assertNewest(first), { code: 'WRITER_SUPERSEDED' });
    store.assertNewest(second);
    store.assertNewest({ ...second, first: second.size, size: second.size + 1 });
    assert.equal(store.newest()?.size, second.size);
  });

  it('forget what the store has whole, but keep the newest for the next start', async () => {
    const store = new IntentStore(dir);
    const state = emptyLog();
    for (let i = 0; i < 4; i++) {
      const { batch } = seal(state, [], AT_NS + BigInt(i));
      await store.commit(batch);
      await store.publish(note(batch));
      store.forget(batch.size);
    }
    assert.equal(store.intents().length, 2);
    assert.equal(
      store.intents().every((intent) => store.hasBlob(intent)),
      true,
    );
    assert.equal(store.newest()?.size, 4);
  });

  it('say which directory takes nothing, and go on once it does', async () => {
    const store = new IntentStore(dir);
    const { batch } = seal(emptyLog(), [openEntry('a')]);
    // A file in the place of a directory stops root as well.
    rmSync(join(dir, 'blob'), { recursive: true });
    writeFileSync(join(dir, 'blob'), '');
    const message = new RegExp(`^cannot write to ${dir} \\(ENOTDIR\\)`);
    await assert.rejects(store.commit(batch), { code: 'LOG_UNWRITABLE', message, hint: /check/ });
    rmSync(join(dir, 'blob'));
    mkdirSync(join(dir, 'blob'));
    assert.equal(await store.commit(batch), batch);
  });

  it('forget later what a disk does not let go', async () => {
    const store = new IntentStore(dir);
    const state = emptyLog();
    const batches = [0n, 1n, 2n].map((i) => seal(state, [], AT_NS + i).batch);
    for (const batch of batches) {
      await store.commit(batch);
      await store.publish(note(batch));
    }
    const kept = join(dir, 'blob', store.intents()[0]!.blob);
    rmSync(kept);
    mkdirSync(kept);
    store.forget(batches[2]!.size);
    assert.equal(store.intents().length, 3);
    rmSync(kept, { recursive: true });
    store.forget(batches[2]!.size);
    assert.equal(store.intents().length, 2);
  });

  it('keep batches until a backup holds them', async () => {
    const state = emptyLog();
    let held = 0;
    const store = new IntentStore(dir, () => held);
    const sizes: number[] = [];
    const next = async (): Promise<void> => {
      const { batch } = seal(state, [], AT_NS + BigInt(sizes.length));
      await store.commit(batch);
      await store.publish(note(batch));
      sizes.push(batch.size);
      store.forget(batch.size);
    };
    for (let i = 0; i < 5; i++) await next();
    assert.equal(store.intents().length, 5);
    store.dropBlobs(sizes.at(-1)!);
    assert.ok(store.intents().every((intent) => store.hasBlob(intent)));
    held = sizes[2]!;
    await next();
    assert.deepEqual(
      store.intents().map(({ size }) => size),
      sizes.slice(3),
    );
    store.dropBlobs(sizes.at(-1)!);
    assert.ok(store.intents().every((intent) => store.hasBlob(intent)));
  });

  it('keep the batch that is being decided while others are dropped', async () => {
    const store = new IntentStore(dir);
    const { batch } = seal(emptyLog(), [openEntry('a')]);
    const deciding = store.commit(batch);
    let decided = false;
    void deciding.then(() => {
      decided = true;
    });
    while (!decided) {
      store.dropBlobs(Number.MAX_SAFE_INTEGER);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(store.load(store.intents()[0]!), asKept(batch));
  });

  it('drop every copy of what is published, and nothing that is only decided', async () => {
    const store = new IntentStore(dir);
    const state = emptyLog();
    const first = seal(state, [openEntry('a')]).batch;
    await store.commit(first);
    await store.publish(note(first));
    const second = seal(state, [], AT_NS + 1n).batch;
    await store.commit(second);
    writeFileSync(join(dir, 'blob', 'left-by-a-crash'), 'x');
    store.dropBlobs(first.size);
    const [published, decided] = store.intents();
    assert.deepEqual(readdirSync(join(dir, 'blob')), [decided!.blob]);
    assert.equal(store.hasBlob(published!), false);
    const zombie = seal(emptyLog(), [openEntry('b')]).batch;
    await assert.rejects(store.commit(zombie), { code: 'WRITER_SUPERSEDED' });
  });
});
