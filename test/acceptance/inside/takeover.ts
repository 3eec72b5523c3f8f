/**
 * Somebody who has the relay's own uid: reads its memory, edits its spool, sits on its socket,
 * kills it. None of this is done through anything of ours. Each deed leaves a record and raises a
 * rule; the last one, which tells lies from now on, leaves none, as the documents say.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { rmSync, unlinkSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { type StoredRecord, storedRecords } from '../path/clickhouse.ts';
import { Stage } from '../path/collector-process.ts';
import { alertedRules, eventsOf, untilAlerted } from '../path/events.ts';
import { FakeRelay, type Taken } from '../path/fake-relay.ts';
import { leafHash } from '../path/rfc6962.ts';
import { System } from '../path/system.ts';
import { until } from '../path/until.ts';
import { GuestRelay } from './guest-relay.ts';
import { foundInMemory } from './memory.ts';
import { rewriteSpool } from './spool-file.ts';

const EVENTS = 40;
const PULLED_MS_MAX = 60_000;
const SILENCE_MS_MAX = 90_000;
const OUTER_PAD = 0x5c;
const INNER_PAD = 0x36;
/** Less is refused by the relay. */
const SPOOL_BYTES = 4 * 1024 * 1024;
const FLOOD_FILL = 'x'.repeat(60_000);
const FLOOD_REQUESTS_MAX = 200;

type Deed = (system: System, stage: Stage) => Promise<void>;

const DEEDS: Record<string, Deed> = {
  'finds no key of the past in memory': findsNoPastKey,
  'rewrites the spool': rewritesTheSpool,
  'resets the numbering': resetsTheNumbering,
  'replays what was pulled': replays,
  'forges without the key': forges,
  floods,
  'kills the relay': kills,
  'deletes the spool': deletesTheSpool,
  'tells lies from now on, with the key of now': liesFromNowOn,
};

export async function survivesTakeover(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  const system = await System.up(stage);
  const stopped = await fallsSilent(system);
  for (const [name, deed] of Object.entries(DEEDS)) {
    await t.test(name, () => deed(system, stage));
  }
  await t.test('falls silent', () => stopped());
  await system.stop();
}

/** Begins it, for it takes as long as all others together; what is given back sees its end. */
async function fallsSilent(system: System): Promise<() => Promise<void>> {
  const relay = await GuestRelay.start(system, 'silenced');
  const heard = await GuestRelay.start(system, 'heard');
  for (const one of [relay, heard]) {
    assert.equal(await one.send(1), 200);
    await chainOnceIt(system, one, 1, () => one.register());
  }
  process.kill(relay.pid, 'SIGSTOP');
  return async () => {
    try {
      await untilAlerted(system, relay.session, 'TEL-001', SILENCE_MS_MAX);
      assert.deepEqual(await alertedRules(system, heard.session), []);
    } finally {
      // A stopped process does not take the signal that ends the others.
      await relay.kill();
    }
  };
}

async function findsNoPastKey(system: System): Promise<void> {
  const relay = await GuestRelay.start(system, 'memory');
  assert.equal(await relay.send(EVENTS), 200);
  const { length } = await chainOnceIt(system, relay, EVENTS, () => relay.register());
  const keys = keysOf(relay, length + 1);
  // Memory is read once for each, so not for all of them.
  const past = Object.fromEntries(
    [0, 1, 2, length - 1].flatMap((seq) => formsOf(`k_${seq}`, keys[seq]!)),
  );
  const mac = Object.fromEntries([
    ...formsOf('mac_key', relay.macKey),
    ['mac_key in hex', Buffer.from(relay.macKey.toString('hex'))],
  ]);
  // The instrument: the key of the next record is there, and is found.
  const now = Object.fromEntries(formsOf('now', keys[length]!));
  const found = foundInMemory(relay.pid, { ...past, ...mac, ...now });
  assert.deepEqual(found, ['now ^ inner', 'now ^ outer']);
}

/** As it is, and as the pads of RFC 2104 hold it. */
function formsOf(name: string, key: Buffer): [string, Buffer][] {
  return [
    [name, key],
    [`${name} ^ inner`, Buffer.from(key.map((byte) => byte ^ INNER_PAD))],
    [`${name} ^ outer`, Buffer.from(key.map((byte) => byte ^ OUTER_PAD))],
  ];
}

async function rewritesTheSpool(system: System): Promise<void> {
  for (const rewrites of [true, false]) {
    const relay = await GuestRelay.start(system, rewrites ? 'rewritten' : 'left-alone');
    assert.equal(await relay.send(EVENTS), 200);
    // The last record: nothing is linked to it, so that only its MAC can tell.
    const last = `/ledger/${relay.session}-${EVENTS - 1}`;
    if (rewrites) rewriteSpool(relay.spool, `"path":"${last}"`, `"path":"/nothin${last.slice(7)}"`);
    await relay.register();
    const kind = rewrites ? 'broken' : 'file.read';
    const rows = await rowsOnce(system, relay.session, (row) => {
      return row.kind === kind && (rewrites || row.record.includes(last));
    });
    assert.equal(
      rows.some(({ record }) => record.includes('/nothin') && !record.includes('"broken":true')),
      false,
      'a rewritten record is believed',
    );
    if (rewrites) await untilAlerted(system, relay.session, 'TEL-004');
    else assert.deepEqual(await alertedRules(system, relay.session), []);
  }
}

/** Behind the collector's back the chain begins again from 0, properly linked. */
async function resetsTheNumbering(system: System, stage: Stage): Promise<void> {
  const { relay } = await pulled(system, 'reset');
  await relay.kill();
  unlinkSync(relay.socket);
  const prev = Buffer.alloc(32);
  const anew = new FakeRelay(stage, relay.session, { ...keyless(relay), seq: 0, prev });
  anew.add('telemetry.hello', { boot: relay.boot });
  for (let i = 0; i < EVENTS * 2; i++) anew.add('file.read', { file: { path: `/harmless/${i}` } });
  await assertFork(system, relay, '/harmless/');
}

/** Serves again, as new, what the log has already. */
async function replays(system: System, stage: Stage): Promise<void> {
  const { relay, rows } = await pulled(system, 'replayed');
  await relay.kill();
  unlinkSync(relay.socket);
  const again = new FakeRelay(stage, relay.session, { ...keyless(relay), ...tipOf(rows) });
  for (const row of rows) {
    again.records.push({ kind: row.kind, bytes: Buffer.from(row.record), mac: Buffer.alloc(32) });
    again.served.push(0);
  }
  await assertFork(system, relay, 'never');
  const all = await chainRows(system, relay);
  assert.equal(all.length, rows.length, 'a record of the chain stands twice');
}

/** The right number and the right link, and a MAC under a key that is not the chain's. */
async function forges(system: System, stage: Stage): Promise<void> {
  const { relay, rows } = await pulled(system, 'forged');
  await relay.kill();
  unlinkSync(relay.socket);
  const forger = new FakeRelay(stage, relay.session, { ...keyless(relay), ...tipOf(rows) });
  forger.add('file.read', { file: { path: '/forged/0' } });
  await assertFork(system, relay, '/forged/');
}

async function floods(system: System): Promise<void> {
  const relay = await GuestRelay.start(system, 'flooded', { spool_bytes_max: SPOOL_BYTES });
  let refused = 0;
  for (let i = 0; i < FLOOD_REQUESTS_MAX && refused < 3; i++) {
    const status = await relay.send(20, FLOOD_FILL);
    assert.ok(status === 200 || status === 503, `status ${status}`);
    if (status === 503) refused += 1;
  }
  assert.equal(refused, 3, 'the spool has no bound');
  await relay.register();
  const rows = await rowsOnce(system, relay.session, ({ kind }) => kind === 'telemetry.drop');
  const drop = rows.find(({ kind }) => kind === 'telemetry.drop')!;
  assert.match(drop.record, /"records":20,/);
  await untilAlerted(system, relay.session, 'TEL-003');
}

async function kills(system: System): Promise<void> {
  for (const inOrder of [false, true]) {
    const { relay } = await pulled(system, inOrder ? 'restarted' : 'killed');
    await (inOrder ? relay.stop() : relay.kill());
    await relay.startAgain();
    await rowsOnce(system, relay.session, ({ kind, shim }) => kind === 'end' && shim === 'sup');
    if (!inOrder) await untilAlerted(system, relay.session, 'TEL-002');
    else assert.deepEqual(await alertedRules(system, relay.session), []);
  }
}

async function deletesTheSpool(system: System): Promise<void> {
  const { relay } = await pulled(system, 'deleted');
  const { chain } = relay;
  await relay.kill();
  rmSync(relay.spool, { recursive: true });
  await relay.startAgain();
  await relay.end();
  const isEnd = ({ kind, record }: StoredRecord): boolean => {
    return kind === 'end' && record.includes(`"chain":"${chain}"`);
  };
  const end = (await rowsOnce(system, relay.session, isEnd)).find(isEnd)!;
  assert.match(end.record, /"state":"lost"/);
  await untilAlerted(system, relay.session, 'TEL-002');
}

/** What nobody can prevent: whoever has the key of now speaks as the relay would. */
async function liesFromNowOn(system: System, stage: Stage): Promise<void> {
  const { relay, rows } = await pulled(system, 'lies');
  const [key] = keysOf(relay, rows.length + 1).slice(-1);
  await relay.kill();
  unlinkSync(relay.socket);
  const taken = { ...keyless(relay), ...tipOf(rows), key: key! };
  new FakeRelay(stage, relay.session, taken).add('file.read', { file: { path: '/lie' } });
  const isLie = ({ record }: StoredRecord): boolean => record.includes('/lie');
  const lie = (await rowsOnce(system, relay.session, isLie)).find(isLie)!;
  assert.equal(lie.shim, relay.chain.split('/')[1], 'it stands in the chain itself');
  assert.deepEqual(await alertedRules(system, relay.session), []);
  const vantages = (await eventsOf(system, relay.session)).map(({ vantage }) => vantage);
  assert.ok(!vantages.includes('boundary') && !vantages.includes('host'), 'never above its place');
}

/** The collector believes nothing of it, keeps it, says that the chain broke, and alerts. */
async function assertFork(system: System, relay: GuestRelay, forged: string): Promise<void> {
  const rows = await rowsOnce(system, relay.session, ({ kind, shim }) => {
    return shim === 'sup' && (kind === 'broken' || kind === 'conflict');
  });
  const believed = rows.filter(({ shim }) => shim === relay.chain.split('/')[1]);
  assert.ok(!believed.some(({ record }) => record.includes(forged)), 'a forged record is believed');
  await untilAlerted(system, relay.session, 'TEL-004');
}

async function pulled(
  system: System,
  session: string,
): Promise<{ relay: GuestRelay; rows: StoredRecord[] }> {
  const relay = await GuestRelay.start(system, session);
  assert.equal(await relay.send(EVENTS), 200);
  const rows = await chainOnceIt(system, relay, EVENTS, () => relay.register());
  return { relay, rows };
}

/** Rows of its chain once `events` of it are in the log. */
async function chainOnceIt(
  system: System,
  relay: GuestRelay,
  events: number,
  act: () => Promise<void>,
): Promise<StoredRecord[]> {
  await act();
  return until(`${events} events of ${relay.chain}`, PULLED_MS_MAX, async () => {
    const rows = await chainRows(system, relay);
    return rows.filter(({ kind }) => kind === 'file.read').length >= events ? rows : undefined;
  });
}

function chainRows(system: System, { chain }: GuestRelay): Promise<StoredRecord[]> {
  const [session, shim] = chain.split('/');
  return storedRecords(system.run, `session = '${session}' AND shim = '${shim}'`);
}

function rowsOnce(
  system: System,
  session: string,
  isThere: (row: StoredRecord) => boolean,
): Promise<StoredRecord[]> {
  return until(`what is expected of ${session}`, PULLED_MS_MAX, async () => {
    const rows = await storedRecords(system.run, `session = '${session}'`);
    return rows.some(isThere) ? rows : undefined;
  });
}

/** k_0 … k_(count − 1) as the host can compute them (pull.md, "The MAC"). */
function keysOf({ macKey, chain }: GuestRelay, count: number): Buffer[] {
  const keys = [hmac(macKey, chain)];
  while (keys.length < count) keys.push(hmac(keys.at(-1)!, 'opp1'));
  return keys;
}

function hmac(key: Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function keyless({ chain, socket }: GuestRelay): Pick<Taken, 'chain' | 'socket' | 'key'> {
  return { chain, socket, key: Buffer.alloc(32, 1) };
}

function tipOf(rows: StoredRecord[]): Pick<Taken, 'seq' | 'prev'> {
  return { seq: rows.length, prev: leafHash(rows.at(-1)!.record) };
}
