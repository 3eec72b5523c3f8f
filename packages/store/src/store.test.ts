import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseQuery } from '@vitrine/schema/query';
import { FixtureLog, insert } from './fixture/log.ts';
import { openStore } from './open.ts';
import type { EventFilter } from './row.ts';
import type { Store } from './store.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-store-'));
const made = new FixtureLog();
const { log } = made;
let store: Store;
let size = 0;

const PARTS = { argv: Buffer.from([0, 10, 10, 13, 255, 34, 92]) };
const AWKWARD = 'päth "quoted"\n\t\\ \u{1f512} <&>';

before(async () => {
  store = await openStore({ mode: 'embedded', dir }, () => {});
  made.open('s1', {
    host: { name: 'Laptop-17', id: 'h-17', ip: '10.0.0.17', process: { pid: 4711 } },
    runtime: 'gvisor',
    user: 'ada',
  });
  made.event('s1/b0.boundary', 'file.open', { file: { path: AWKWARD } }, { parts: PARTS });
  made.event('s1/b0.agent', 'tool.call', { tool: { name: 'Bash' } }, { vantage: 'agent' });
  await insert(store, made.seal());
  for (let i = 0; i < 600; i++) {
    made.event('s1/b0.boundary', i % 2 === 0 ? 'file.open' : 'net.connect', {
      file: { path: `/srv/${i}` },
    });
  }
  made.own('alert', 'alert', {
    id: 'alr_1',
    rule: 'A-1',
    subject: 's1',
    severity: 'high',
    title: 'x',
  });
  made.own('alert', 'alert', { id: 'alr_2', subject: 's2', severity: 'low', title: 'y' });
  made.close('s1');
  made.open('s2', { host: { name: 'other', edr: { vendor: 'v', device_id: 'Dev-2' } } });
  await insert(store, made.seal());
  made.open('s1:2', { previous: 's1' });
  made.event('s1:2/b1.host', 'other', {}, { t: '99999999999999999999999' });
  await insert(store, made.seal());
  size = made.size;
  made.event('s2/b2.host', 'other', { note: 'not published yet' });
  await insert(store, made.seal());
});

after(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const all = (more: Partial<EventFilter>): EventFilter => {
  return { log, size, order: 'asc', limit: 1_000, ...more };
};

describe('records', () => {
  it('come back as they were given, byte for byte', async () => {
    const rows = await store.events(all({}));
    assert.deepEqual(rows, made.rows.slice(0, size));
    assert.ok(rows.some(({ record }) => record.includes('päth')));
  });

  it('are found by index below the published size only', async () => {
    assert.deepEqual(await store.record(log, size, 5), made.rows[5]);
    assert.equal(await store.record(log, size, size), undefined);
    assert.equal(await store.record('other.0.1', size, 5), undefined);
  });

  it('page in both orders without a hole or a double', async () => {
    for (const order of ['asc', 'desc'] as const) {
      const seen: number[] = [];
      for (;;) {
        const after = seen.at(-1);
        const more = { session: 's1', order, limit: 70, ...(after === undefined ? {} : { after }) };
        const page = await store.events(all(more));
        seen.push(...page.map(({ idx }) => idx));
        if (page.length < 70) break;
      }
      const expected = made.rows.filter(({ session }) => session === 's1').map(({ idx }) => idx);
      assert.deepEqual(seen, order === 'asc' ? expected : expected.reverse());
    }
  });

  it('are narrowed by kind, vantage, text, chain and subject together', async () => {
    const kinds = await store.events(all({ kinds: ['net.connect'], limit: 5, order: 'desc' }));
    assert.equal(kinds.length, 5);
    assert.ok(kinds.every(({ kind }) => kind === 'net.connect'));
    const said = await store.events(all({ vantages: ['agent'] }));
    assert.deepEqual(
      said.map(({ kind }) => kind),
      ['tool.call'],
    );
    const found = await store.events(all({ query: parseQuery('PÄTH')!, session: 's1' }));
    assert.equal(found.length, 1);
    const hostile = await store.events(all({ query: parseQuery('"\' OR 1=1 --"')! }));
    assert.equal(hostile.length, 0);
    const chain = await store.events(all({ chain: 's1/b0.agent' }));
    assert.equal(chain.length, 1);
    const alerts = await store.events(all({ session: 'log', kinds: ['alert'], subject: 's1' }));
    assert.deepEqual(
      alerts.map(({ severity }) => severity),
      [4],
    );
  });

  it('are found by their leaf hash, and alerts by severity and rule', async () => {
    const wanted = made.rows[7]!;
    const leaf = wanted.leaf.toString('base64');
    assert.deepEqual(await store.events(all({ leaf })), [wanted]);
    assert.deepEqual(await store.events(all({ leaf: 'no base64!' })), []);
    const alerts = { session: 'log', kinds: ['alert'] };
    const subjects = async (more: Partial<EventFilter>): Promise<string[]> =>
      (await store.events(all({ ...alerts, ...more }))).map(({ subject }) => subject);
    assert.deepEqual(await subjects({ severities: ['high', 'medium'] }), ['s1']);
    assert.deepEqual(await subjects({ severities: ['high', 'low'] }), ['s1', 's2']);
    assert.deepEqual(await subjects({ rule: 'A-1' }), ['s1']);
    assert.deepEqual(await subjects({ rule: 'A-1', severities: ['low'] }), []);
  });
});

describe('parts, leaves and tiles', () => {
  it('keep raw bytes', async () => {
    const at = made.rows.find(({ record }) => record.includes('päth'))!.idx;
    const [part] = await store.parts(log, at);
    assert.deepEqual(part?.data, PARTS.argv);
    assert.equal(part?.salt.length, 16);
    const whole = { first: 0, end: size };
    assert.deepEqual(await store.partsOfChain(log, 's1', 'b0.boundary', whole), [part]);
    const before = { first: 0, end: part.idx };
    assert.deepEqual(await store.partsOfChain(log, 's1', 'b0.boundary', before), []);
    const behind = { first: part.idx + 1, end: size };
    assert.deepEqual(await store.partsOfChain(log, 's1', 'b0.boundary', behind), []);
    assert.deepEqual(await store.partsOfChain(log, 's1', 'b0.agent', whole), []);
  });

  it('are served in order, and their absence is said', async () => {
    const expected = made.rows.slice(100, 356).map(({ leaf }) => leaf);
    assert.deepEqual(await store.leaves(log, 100, 356), expected);
    assert.deepEqual(await store.leaves(log, 7, 7), []);
    const beyond = store.leaves(log, 0, made.size + 1);
    await assert.rejects(beyond, { code: 'ROWS_MISSING' });
    const tile = await store.tile(log, 0, 1);
    const hashes = made.rows.slice(256, 512).map(({ leaf }) => leaf);
    assert.deepEqual(tile, Buffer.concat(hashes));
    assert.equal(await store.tile(log, 0, 99), undefined);
    assert.deepEqual(await store.tiles(log, 0, 1, 2), [tile]);
    await assert.rejects(store.tiles(log, 0, 1, 99), { code: 'ROWS_MISSING' });
  });
});

describe('sessions', () => {
  it('are listed newest first, with what their chains say', async () => {
    const { items, cursor } = await store.sessions({ log, size, limit: 10 });
    assert.equal(cursor, null);
    assert.deepEqual(
      items.map(({ session }) => session),
      ['s1:2', 's2', 's1'],
    );
    const s1 = items[2]!;
    assert.equal(s1.state, 'closed');
    assert.equal(s1.reason, 'runtime');
    assert.deepEqual([s1.pid, s1.user, s1.runtime, s1.alerts], [4711, 'ada', 'gvisor', 1]);
    assert.deepEqual(s1.vantages, ['agent', 'boundary']);
    assert.equal(s1.chains, 3);
    assert.equal(s1.events, made.rows.filter(({ session }) => session === 's1').length);
    assert.deepEqual(s1, await store.session(log, size, 's1'));
  });

  it('count only what is published', async () => {
    const before = await store.session(log, size, 's2');
    const later = await store.session(log, made.size, 's2');
    assert.deepEqual([before?.events, later?.events], [1, 3]);
    assert.equal(await store.session(log, 3, 's2'), undefined);
  });

  it('page by cursor and refuse a foreign one', async () => {
    const first = await store.sessions({ log, size, limit: 2 });
    assert.equal(first.items.length, 2);
    const second = await store.sessions({ log, size, limit: 2, cursor: first.cursor! });
    assert.deepEqual(
      second.items.map(({ session }) => session),
      ['s1'],
    );
    assert.equal(second.cursor, null);
    const foreign = store.sessions({ log, size, limit: 2, cursor: "1' OR" });
    await assert.rejects(foreign, { code: 'CURSOR_INVALID' });
  });

  it('answer what an EDR asks: host and process', async () => {
    for (const host of ['laptop-17', 'h-17', '10.0.0.17']) {
      const { items } = await store.sessions({ log, size, limit: 10, host, pid: 4711 });
      assert.deepEqual(
        items.map(({ session }) => session),
        ['s1'],
      );
    }
    const none = await store.sessions({ log, size, limit: 10, host: 'h-17', pid: 1 });
    assert.deepEqual(none.items, []);
  });

  it('are found by name with their later lives, and by the device id of their EDR', async () => {
    const found = async (more: { session?: string; edr?: string }): Promise<string[]> =>
      (await store.sessions({ log, size, limit: 10, ...more })).items.map((item) => item.session);
    assert.deepEqual(await found({ session: 's1' }), ['s1:2', 's1']);
    assert.deepEqual(await found({ session: 's1:2' }), ['s1:2']);
    assert.deepEqual(await found({ session: 's' }), []);
    assert.deepEqual(await found({ edr: 'dev-2' }), ['s2']);
    for (const edr of ['dev', 'Dev-2%', "' OR 1=1 --"]) assert.deepEqual(await found({ edr }), []);
  });
});

describe('chains and recovery', () => {
  it('give a chain in pages', async () => {
    const first = await store.chainRecords(log, size, 's1', 'b0.boundary', -1, 400);
    const rest = await store.chainRecords(log, size, 's1', 'b0.boundary', 399, 400);
    assert.deepEqual(
      [...first, ...rest].map(({ seq }) => seq),
      Array.from({ length: 601 }, (_, i) => i),
    );
    assert.deepEqual(await store.shims(log, size, 's1'), ['b0.agent', 'b0.boundary', 'sup']);
  });

  it('read back what the writer needs to go on', async () => {
    assert.deepEqual(await store.openSessions(log, size), ['s1:2', 's2']);
    assert.deepEqual(await store.openSessions(log, 7), ['s1']);
    const sup = await store.supervision(log, size, ['s1']);
    assert.deepEqual(
      sup.map(({ kind }) => kind),
      ['open', 'join', 'join', 'end', 'end', 'close'],
    );
    assert.deepEqual(await store.closedLives(log, size), new Map([['s1', 1]]));
    const alerts = await store.alertIds(log, size, ['s1', 's2']);
    assert.deepEqual(
      alerts.map(({ subject, id }) => [subject, id]),
      [
        ['s1', 'alr_1'],
        ['s2', 'alr_2'],
      ],
    );
    const last = await store.lastCheckpoint(log);
    assert.equal(last?.size, made.size);
    assert.equal(last?.note, made.note);
  });

  it('find the tip of every chain, and of the log itself', async () => {
    const tips = await store.tips(log, size, ['s1:2', 'log']);
    for (const tip of tips) {
      const chain = made.rows.filter(
        ({ session, shim, idx }) => session === tip.session && shim === tip.shim && idx < size,
      );
      assert.equal(tip.seq, chain.length - 1);
      assert.deepEqual(tip.leaf, chain.at(-1)!.leaf);
      const { t, observed } = chain.at(-1)!;
      assert.equal(tip.observed, tip.shim === 'sup' ? t : observed);
    }
    assert.deepEqual(
      tips.map(({ session, shim }) => `${session}/${shim}`),
      ['log/admit', 'log/alert', 's1:2/b1.host', 's1:2/sup'],
    );
  });
});

describe('a second user', () => {
  it('may read at the endpoint and nothing else', async () => {
    const { url, user, password } = store.endpoint;
    const ask = async (sql: string): Promise<Response> =>
      fetch(url, {
        method: 'POST',
        body: sql,
        headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password },
      });
    const read = await ask('SELECT count() FROM vitrine.records FORMAT TSV');
    assert.equal((await read.text()).trim(), String(made.size));
    for (const sql of [
      'INSERT INTO vitrine.tiles VALUES (1, 1, 1, 1)',
      'ALTER TABLE vitrine.records DELETE WHERE 1',
      "SELECT * FROM file('/etc/passwd', LineAsString)",
      'SELECT 1 SETTINGS max_execution_time = 0',
    ]) {
      const refused = await ask(sql);
      assert.notEqual(refused.status, 200, sql);
      assert.match(refused.headers.get('x-clickhouse-exception-code') ?? '', /^(164|497|452)$/);
    }
  });
});
