import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import { filesWith } from '../fixture/files.ts';
import { FsckRig } from '../fixture/fsck.ts';
import { FixtureLog, insert } from '../fixture/log.ts';
import { encodeParts, PART_COLUMNS } from '../insert/encode.ts';
import { piecesOf as inPieces } from '../insert/pieces.ts';
import type { PartRow } from '../row.ts';
import type { Announced } from './announced.ts';

let rig: FsckRig;
const dir = mkdtempSync(join(tmpdir(), 'vitrine-erase-'));

before(async () => {
  rig = await FsckRig.start(dir);
});

after(() => rig.stop());

/** Bytes that no compression shortens: whatever file holds them shows them. */
function content(): Buffer {
  return randomBytes(2_000);
}

/** Pieces that no cut of the engine's blocks can hide all of. */
function piecesOf({ salt, data }: { salt: Buffer; data: Buffer }): Buffer[] {
  const pieces = [salt];
  for (let at = 0; at + 32 <= data.length; at += 200) pieces.push(data.subarray(at, at + 32));
  return pieces;
}

function redact(chain: string, seq: number, part: string): Announced {
  return { kind: 'redact', idx: 0, record: '', chain, seq, part };
}

function expire(below: number, part: string): Announced {
  return { kind: 'expire', idx: 0, record: '', below, part };
}

function partRow(log: string, idx: number, name: string): PartRow {
  return { tenant: log.split('.')[0]!, log, idx, name, salt: randomBytes(16), data: content() };
}

async function insertParts(rows: PartRow[]): Promise<void> {
  await rig.admin.insert('parts', PART_COLUMNS, inPieces(rows, encodeParts));
}

async function places(log: string): Promise<string[]> {
  const rows = await rig.admin.rows<{ place: string }>(
    `SELECT concat(toString(idx), '/', name) AS place FROM parts
     WHERE log = {log:String} ORDER BY idx, name`,
    { log },
  );
  return rows.map(({ place }) => place);
}

describe('a redacted part', () => {
  it('is in no file of the engine, with its salt; the others are', async () => {
    const made = new FixtureLog('redact.0.1');
    made.open('s1');
    for (let i = 0; i < 4; i++) {
      made.event('s1/b0.host', 'tool.call', {}, { parts: { argv: content(), body: content() } });
    }
    const batch = made.seal();
    await insert(rig.store, batch);
    const wanted = batch.parts.find(({ name }) => name === 'body')!;
    const beside = batch.parts.find(({ idx, name }) => idx === wanted.idx && name === 'argv')!;
    assert.notDeepEqual(filesWith(dir, piecesOf(wanted)), [], 'it was there');
    const { seq } = batch.rows.find(({ idx }) => idx === wanted.idx)!;
    const list = [redact('s1/b0.host', seq!, 'body'), redact('s1/none', 7, 'body')];
    await rig.store.erasure.erase(made.log, made.size, list);
    assert.deepEqual(filesWith(dir, piecesOf(wanted)), []);
    assert.notDeepEqual(filesWith(dir, piecesOf(beside)), []);
    const left = await rig.store.parts(made.log, wanted.idx);
    assert.deepEqual(
      left.map(({ name }) => name),
      ['argv'],
    );
    assert.equal((await places(made.log)).length, 7);
    await rig.store.erasure.erase(made.log, made.size, list);
    assert.equal((await places(made.log)).length, 7, 'a second time changes nothing');
  });

  it('is gone from the data parts that merges have made of it', async () => {
    const log = 'merged.0.1';
    const made = new FixtureLog(log);
    made.event('s1/in', 'other', {}, { parts: { body: content() } });
    const batch = made.seal();
    await insert(rig.store, batch);
    for (let i = 0; i < 5; i++) await insertParts([partRow(log, 1_000 + i, 'body')]);
    await rig.admin.command('OPTIMIZE TABLE parts FINAL');
    const [part] = batch.parts;
    const { shim, seq } = batch.rows.find(({ idx }) => idx === part!.idx)!;
    await rig.store.erasure.erase(log, made.size, [redact(`s1/${shim}`, seq!, 'body')]);
    assert.deepEqual(filesWith(dir, piecesOf(part!)), []);
    assert.equal((await places(log)).length, 5);
  });
});

describe('expired parts', () => {
  it('are gone below the bound, in whole partitions and in the one it cuts', async () => {
    const log = 'expire.0.1';
    const edge = 262_144;
    const rows = [3, edge - 1, edge, edge + 4, edge + 5, 3 * edge].map((idx) =>
      partRow(log, idx, 'body'),
    );
    const other = partRow('elsewhere.0.1', 3, 'body');
    await insertParts([...rows, other]);
    assert.equal(await rig.store.erasure.standsBelow(log, '*', edge + 5), true);
    await rig.store.erasure.erase(log, 0, [expire(edge + 5, '*'), expire(4, '*')]);
    assert.deepEqual(await places(log), [`${edge + 5}/body`, `${3 * edge}/body`]);
    assert.deepEqual(await places(other.log), ['3/body']);
    for (const row of rows.slice(0, 4)) assert.deepEqual(filesWith(dir, piecesOf(row)), []);
    assert.equal(await rig.store.erasure.standsBelow(log, '*', edge + 5), false);
  });

  it('of one name are gone, and no others', async () => {
    const log = 'named.0.1';
    const edge = 262_144;
    const rows = [1, edge + 1].flatMap((idx) => ['argv', 'body'].map((n) => partRow(log, idx, n)));
    await insertParts(rows);
    await rig.store.erasure.erase(log, 0, [expire(2 * edge, 'body')]);
    assert.deepEqual(await places(log), ['1/argv', `${edge + 1}/argv`]);
  });
});

describe('what is announced', () => {
  it('is read from log/audit alone, below the size, for a session or for all', async () => {
    const made = new FixtureLog('said.0.1');
    made.open('s1');
    made.event('s1/in', 'other', {}, { parts: { body: content() } });
    const said = (session: string): JsonObject => ({
      target: { chain: `${session}/in`, seq: 0, part: 'body' },
    });
    made.own('audit', 'redact', said('s1'));
    made.own('audit', 'redact', said('s10'));
    made.own('audit', 'expire', { target: { below: 2, part: '*' } });
    made.own('audit', 'redact', { target: { chain: 's1/in', seq: -1, part: 'body' } });
    made.own('receipt', 'redact', said('s1'));
    made.event('s1/in', 'redact', said('s1'));
    const first = made.seal();
    made.own('audit', 'redact', said('s1'));
    await insert(rig.store, first);
    await insert(rig.store, made.seal());
    const { log } = made;
    const { size } = first.checkpoint;
    const told = async (size: number, query = {}): Promise<string[]> => {
      const list = await rig.store.erasure.announced(log, size, query);
      return list.map((one) => (one.kind === 'redact' ? one.chain : `below ${one.below}`));
    };
    assert.deepEqual(await told(size), ['s1/in', 's10/in', 'below 2']);
    assert.deepEqual(await told(size, { session: 's1' }), ['s1/in', 'below 2']);
    assert.deepEqual(await told(made.size, { from: size }), ['s1/in']);
  });
});
