import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FsckRig, makeLog } from '../fixture/fsck.ts';
import type { FixtureBatch } from '../fixture/log.ts';
import { Certifiers } from './certifiers.ts';

let rig: FsckRig;

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-certify-')));
});

after(() => rig.stop());

/** Where the certified batches of a log begin. */
async function certified(log: string, size: number, certifiers: Certifiers): Promise<number[]> {
  const window = await rig.store.evidence.window(log, 0, size);
  return (await certifiers.certify(window)).map(({ first }) => first);
}

const HERE = new Certifiers(0);

describe('a batch', () => {
  it('is certified when all of it is as it must be, in any thread', async () => {
    const { made, batches } = makeLog('sound.0.1');
    await rig.insertAll(batches);
    const firsts = batches.map(({ first }) => first);
    assert.deepEqual(await certified(made.log, made.size, HERE), firsts);
    const threads = new Certifiers(2);
    try {
      const both = [1, 2, 3].map(() => certified(made.log, made.size, threads));
      assert.deepEqual(await Promise.all(both), [firsts, firsts, firsts]);
    } finally {
      await threads.close();
    }
  });

  it('is not when a row of it stands twice, be it the seal', async () => {
    const { made, batches } = makeLog('twice.0.1');
    const seal = batches[0]!.rows.at(-1)!;
    batches[0]!.rows.push({ ...seal });
    await rig.insertAll(batches);
    const others = batches.slice(1).map(({ first }) => first);
    assert.deepEqual(await certified(made.log, made.size, HERE), others);
    const { findings } = await rig.check(made);
    assert.deepEqual(
      findings.map(({ index, found }) => [index, found]),
      [[`${seal.idx}`, 'a second, equal one']],
    );
  });

  const edits: Record<string, (batch: FixtureBatch) => void> = {
    'a column': ({ rows }) => {
      rows[30] = { ...rows[30]!, vantage: 'agent' };
    },
    'a byte of a record': ({ rows }) => {
      rows[30] = { ...rows[30]!, record: rows[30]!.record.replace('/srv/', '/SRV/') };
    },
    'a leaf hash': ({ rows }) => {
      rows[30] = { ...rows[30]!, leaf: Buffer.alloc(32) };
    },
    'a row that is gone': ({ rows }) => {
      rows.splice(30, 1);
    },
    'a part of another record': ({ parts }) => {
      parts.push({ ...parts[3]!, name: 'body' });
    },
    'a part that stands twice': ({ parts }) => {
      parts.push({ ...parts[3]! });
    },
    'the tenant of a part': ({ parts }) => {
      parts[3] = { ...parts[3]!, tenant: 'x' };
    },
  };

  it('is not when anything of it is odd, and the others still are', async () => {
    for (const [i, [what, edit]] of Object.entries(edits).entries()) {
      const { made, batches } = makeLog(`odd.${i}.1`);
      edit(batches[0]!);
      await rig.insertAll(batches);
      const others = batches.slice(1).map(({ first }) => first);
      assert.deepEqual(await certified(made.log, made.size, HERE), others, what);
      const [here, threads] = [await rig.check(made), await rig.check(made, { threads: 1 })];
      assert.ok(here.findingsTotal > 0, what);
      assert.deepEqual(threads, here, what);
    }
  });
});

describe('a thread', () => {
  it('that cannot start certifies nothing, and its work is done here from then on', async () => {
    const { made, batches } = makeLog('none.0.1');
    await rig.insertAll(batches);
    const window = await rig.store.evidence.window(made.log, 0, made.size);
    const none = new Certifiers(1, new URL('./no-such-thread.ts', import.meta.url));
    assert.deepEqual(await none.certify(window), []);
    assert.equal((await certified(made.log, made.size, none)).length, batches.length);
    await none.close();
  });
});
