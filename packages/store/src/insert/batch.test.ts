import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FixtureBatch, FixtureLog, insert } from '../fixture/log.ts';
import { openStore } from '../open.ts';
import type { Store } from '../store.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-batch-'));
const lines: string[] = [];
let store: Store;

before(async () => {
  store = await openStore({ mode: 'embedded', dir }, (line) => lines.push(line));
});

after(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

/** One answer of the engine, asked as the reader. */
async function ask(sql: string): Promise<string> {
  const { url, user, password } = store.endpoint;
  const headers = { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password };
  const response = await fetch(url, { method: 'POST', body: `${sql} FORMAT TSV`, headers });
  return (await response.text()).trim();
}

const TABLES = ['records', 'supervision', 'parts', 'tiles', 'checkpoints'];

async function counts(log: string): Promise<number[]> {
  const rows = TABLES.map((table) =>
    ask(`SELECT count() FROM vitrine.${table} WHERE log = '${log}'`),
  );
  return (await Promise.all(rows)).map(Number);
}

/** A session with `events` records, a part on each, and a seal. */
function batchOf(made: FixtureLog, session: string, events: number): FixtureBatch {
  made.open(session, { host: { name: session } });
  for (let i = 0; i < events; i++) {
    const parts = { otlp: Buffer.from(`${session} ${i}`) };
    made.event(`${session}/b0.host`, 'file.open', { n: i }, { parts });
  }
  return made.seal();
}

describe('a batch', () => {
  it('that is given again with verify changes nothing', async () => {
    const made = new FixtureLog('again.0.1');
    const batch = batchOf(made, 's', 600);
    await insert(store, batch);
    const before = await counts(made.log);
    await insert(store, batch, true);
    assert.deepEqual(await counts(made.log), before);
    assert.deepEqual(before, [made.size, 2, 600, 2, 1]);
  });

  it('that is there in part is completed, in every table', async () => {
    const made = new FixtureLog('part.0.1');
    const batch = batchOf(made, 's', 600);
    const { rows, parts, tiles, checkpoint } = batch;
    const some = (_: unknown, i: number): boolean => i % 3 !== 1;
    await store.insertBatch(rows.filter(some), parts.filter(some), tiles.filter(some), checkpoint, {
      verify: false,
    });
    await insert(store, batch, true);
    assert.deepEqual(await counts(made.log), [made.size, 2, 600, 2, 1]);
    const { log, size } = made;
    const read = await store.events({ log, size, order: 'asc', limit: size });
    assert.deepEqual(read, made.rows);
  });

  it('that is there twice reads as once, and is repaired', async () => {
    const made = new FixtureLog('twice.0.1');
    const batch = batchOf(made, 's', 600);
    await insert(store, batch);
    await insert(store, batch);
    const { log, size } = made;
    assert.deepEqual(await store.events({ log, size, order: 'asc', limit: size }), made.rows);
    assert.equal((await store.leaves(log, 0, size)).length, size);
    assert.equal((await store.parts(log, 10)).length, 1);
    assert.equal(
      (await store.partsOfChain(log, 's', 'b0.host', { first: 0, end: size })).length,
      600,
    );
    const [session] = (await store.sessions({ log, size, limit: 5 })).items;
    assert.equal(session?.events, 602);
    assert.equal((await store.chainRecords(log, size, 's', 'b0.host', -1, 5_000)).length, 600);
    assert.equal((await store.supervision(log, size, ['s'])).length, 2);
    await insert(store, batch, true);
    assert.deepEqual(await counts(log), [size, 2, 600, 2, 1]);
    assert.ok(lines.some((line) => line.includes('doubled rows of records')));
    assert.deepEqual(await store.events({ log, size, order: 'asc', limit: size }), made.rows);
  });

  it('keeps to its own log and range when it is repaired', async () => {
    const made = new FixtureLog('range.0.1');
    const first = batchOf(made, 'a', 10);
    const second = batchOf(made, 'b', 10);
    await insert(store, first);
    await insert(store, second);
    await insert(store, second);
    await insert(store, second, true);
    assert.deepEqual(await counts(made.log), [made.size, 4, 20, 0, 2]);
    assert.equal((await counts('twice.0.1'))[2], 600);
  });
});

describe('an engine that is killed', () => {
  it('has every batch it has acknowledged, and no batch in part', async () => {
    const made = new FixtureLog('kill.0.1');
    const { log } = made;
    let acknowledged = 0;
    let waiting: FixtureBatch | undefined;
    for (let round = 0; round < 4; round++) {
      const killed = sleep(60 + 35 * round).then(() => process.kill(enginePid(), 'SIGKILL'));
      for (;;) {
        const verify = waiting !== undefined;
        waiting ??= batchOf(made, `s${made.size}`, 300);
        try {
          await insert(store, waiting, verify);
          acknowledged = waiting.checkpoint.size;
          waiting = undefined;
        } catch (error) {
          assert.equal((error as { code: string }).code, 'ENGINE_AWAY');
          break;
        }
      }
      await killed;
      while (!(await store.ping())) await sleep(10);
      const below = await ask(
        `SELECT uniqExact(idx), count() FROM vitrine.records
         WHERE log = '${log}' AND idx < ${acknowledged}`,
      );
      assert.equal(below, `${acknowledged}\t${acknowledged}`);
      const beyond = await ask(
        `SELECT count() FROM vitrine.records WHERE log = '${log}' AND idx >= ${acknowledged}`,
      );
      assert.ok(['0', String(made.size - acknowledged)].includes(beyond), `${beyond} rows`);
    }
    await insert(store, waiting!, true);
    const { size } = made;
    assert.deepEqual(
      await store.leaves(log, 0, size),
      made.rows.map(({ leaf }) => leaf),
    );
    assert.equal(await ask(`SELECT count() FROM vitrine.records WHERE log = '${log}'`), `${size}`);
  });

  it('is the same endpoint afterwards, and a closed store says that it is closed', async () => {
    const { url } = store.endpoint;
    assert.equal(await ask('SELECT 1'), '1');
    assert.equal(store.endpoint.url, url);
    const reopened = await reopen();
    const log = 'again.0.1';
    const last = await reopened.lastCheckpoint(log);
    assert.equal((await reopened.leaves(log, 0, last!.size)).length, last!.size);
    assert.notEqual(reopened.endpoint.password, '');
  });
});

/** The engine writes its process id into its lock file. */
function enginePid(): number {
  const status = readFileSync(join(dir, 'data', 'status'), 'utf8');
  return Number(/^PID: (\d+)$/m.exec(status)![1]);
}

async function reopen(): Promise<Store> {
  const before = store;
  await before.close();
  const gone = before.lastCheckpoint('again.0.1');
  await assert.rejects(gone, { code: 'STORE_CLOSED' });
  store = await openStore({ mode: 'embedded', dir }, () => {});
  assert.notEqual(store.endpoint.password, before.endpoint.password);
  return store;
}
