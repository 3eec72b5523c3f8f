/**
 * Relays whose records are not canonical, do not link, or carry no valid MAC: the log says that the
 * chain broke and is lost, believes what came before, keeps what came after as it came, and goes
 * on.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { TestContext } from 'node:test';
import { adminToken, callApi, makeToken } from './api.ts';
import { type StoredRecord, select, storedRecords } from './clickhouse.ts';
import { type RunFile, Stage } from './collector-process.ts';
import { FakeRelay, type Lie } from './fake-relay.ts';
import { assertStoredOnce, untilStored } from './log-check.ts';
import { leafHash } from './rfc6962.ts';
import { Sender } from './sender.ts';
import { until } from './until.ts';

const LIES: Exclude<Lie, 'none'>[] = ['not canonical', 'not linked', 'not authentic'];
/** The records of a relay: so many that are good, the lie, and what is linked to it. */
const GOOD = 3;
const BEHIND = 2;
const KEPT_MS_MAX = 60_000;

export async function keepsWhatDoesNotLink(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  stage.configure('listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n');
  const collector = stage.launch();
  const run = await collector.ready();
  const sender = new Sender(run, await makeToken(run, stage.data, 'ingest'), 'beside');
  const runtime = await makeToken(run, stage.data, 'runtime');
  for (const lie of LIES) {
    const relay = lyingRelay(stage, lie);
    await register(run, runtime, relay);
    const rows = await untilKept(run, relay);
    assertBelieved(relay, rows);
    assertBroken(relay, rows);
    await assertStrays(run, relay, rows);
    assert.equal((await sender.send()).status, 200, `a good event after a relay that is ${lie}`);
    await end(run, runtime, relay);
  }
  await untilStored(run, sender.acked);
  await assertStoredOnce(run, sender);
  const fsck = await callApi(run, adminToken(stage.data), 'POST', '/v1/fsck');
  assert.match(fsck.text.trimEnd().split('\n').at(-1)!, /"report":\{"ok":true/);
  assert.deepEqual(await collector.stop(), { code: 0, signal: null }, collector.said);
}

function lyingRelay(stage: Stage, lie: Lie): FakeRelay {
  const relay = new FakeRelay(stage, `relay-${lie.replace(' ', '-')}`);
  relay.add('telemetry.hello', { boot: relay.chain.split(/[/.]/)[1] });
  for (let i = 1; i < GOOD; i++) relay.add('file.read', { file: { path: `/good/${i}` } });
  relay.add('file.read', { file: { path: '/lie' } }, lie);
  for (let i = 0; i < BEHIND; i++) relay.add('file.read', { file: { path: `/behind/${i}` } });
  return relay;
}

async function register(run: RunFile, token: string, relay: FakeRelay): Promise<void> {
  const { session, socket, macKey } = relay;
  const answer = await callApi(run, token, 'POST', '/v1/sandboxes', {
    session,
    description: { runtime: 'native', host: { name: 'test-host' } },
    relay: { socket, standing: 'boundary', mac_key: macKey.toString('hex') },
  });
  assert.equal(answer.status, 201, answer.text);
}

/** The records of the session, once all that its relay has served are in it in some form. */
function untilKept(run: RunFile, relay: FakeRelay): Promise<StoredRecord[]> {
  return until(`the strays of ${relay.session}`, KEPT_MS_MAX, async () => {
    const rows = await storedRecords(run, `session = '${relay.session}'`);
    const strays = rows.filter((row) => row.shim === 'in').length;
    return strays >= relay.records.length - GOOD ? rows : undefined;
  });
}

/** What came before the lie is in the log byte for byte, and nothing else of the chain. */
function assertBelieved(relay: FakeRelay, rows: StoredRecord[]): void {
  const own = rows.filter((row) => `${row.session}/${row.shim}` === relay.chain);
  assert.deepEqual(
    own.map((row) => row.record),
    relay.records.slice(0, GOOD).map(({ bytes }) => bytes.toString('utf8')),
  );
}

interface Supervised {
  kind: string;
  target?: { chain: string; seq?: number; head?: string };
  state?: string;
  expected?: { seq: number; prev: string };
  came?: { hash: string; bytes: number };
  reason?: string;
}

function assertBroken(relay: FakeRelay, rows: StoredRecord[]): void {
  const sup = rows.filter((row) => row.shim === 'sup');
  const said = sup.map((row) => JSON.parse(row.record) as Supervised);
  const ours = said.filter(({ target }) => target?.chain === relay.chain);
  assert.deepEqual(
    ours.map(({ kind }) => kind),
    ['join', 'broken', 'end'],
  );
  const [, broken, end] = ours;
  const lie = relay.records[GOOD]!.bytes;
  const head = leafHash(relay.records[GOOD - 1]!.bytes.toString('utf8')).toString('base64');
  assert.deepEqual(broken?.target, { chain: relay.chain, seq: GOOD });
  assert.equal(broken?.expected?.seq, GOOD);
  assert.equal(broken?.expected?.prev, head);
  const hash = createHash('sha256').update(lie).digest('base64');
  assert.deepEqual(broken?.came, { hash, bytes: lie.length });
  assert.ok((broken?.reason ?? '') !== '');
  assert.equal(end?.state, 'lost');
  assert.deepEqual(end?.target, { chain: relay.chain, seq: GOOD - 1, head });
  assert.ok(relay.served[GOOD]! >= 2, 'a page that does not link is pulled once more');
}

/** The lie and all behind it are kept as they came, marked as having lost the relay's word. */
async function assertStrays(run: RunFile, relay: FakeRelay, rows: StoredRecord[]): Promise<void> {
  const strays = rows.filter((row) => row.shim === 'in');
  for (const { record } of strays) {
    const { broken, target } = JSON.parse(record) as Supervised & { broken?: boolean };
    assert.equal(broken, true);
    assert.equal(target?.chain, relay.chain);
  }
  const indices = strays.map((row) => row.idx).join();
  // A batch's records and their parts are two inserts: what is not published yet may lack one.
  const parts = await until(`the parts of ${relay.session}`, KEPT_MS_MAX, async () => {
    const found = await select<{ bytes: string }>(
      run,
      `SELECT base64Encode(data) AS bytes FROM parts WHERE log = '${run.log}' ` +
        `AND name = 'record' AND idx IN (${indices}) ORDER BY idx`,
    );
    return found.length >= strays.length ? found : undefined;
  });
  assert.deepEqual(
    parts.map(({ bytes }) => Buffer.from(bytes, 'base64').toString('utf8')),
    relay.records.slice(GOOD).map(({ bytes }) => bytes.toString('utf8')),
  );
}

/** The session ends like any other: `close` is its last word. */
async function end(run: RunFile, token: string, relay: FakeRelay): Promise<void> {
  const answer = await callApi(run, token, 'POST', `/v1/sandboxes/${relay.session}/end`);
  assert.equal(answer.status, 202, answer.text);
  await until(`the close of ${relay.session}`, KEPT_MS_MAX, async () => {
    const rows = await storedRecords(run, `session = '${relay.session}' AND shim = 'sup'`);
    const last = JSON.parse(rows.at(-1)!.record) as Supervised;
    return last.kind === 'close' ? last : undefined;
  });
}
