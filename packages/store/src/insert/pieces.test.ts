import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FsckRig } from '../fixture/fsck.ts';
import type { PartRow } from '../row.ts';
import { encodeParts, PART_COLUMNS } from './encode.ts';
import { PIECE_ROWS, piecesOf } from './pieces.ts';

test('rows are the same in pieces, and others have their turn before each', async () => {
  const rows = Array.from({ length: 2 * PIECE_ROWS + 1 }, (_, i) => i % 251);
  let turns = 0;
  const count = (): void => {
    turns++;
    if (pieces.length < 3) setImmediate(count);
  };
  const pieces: { bytes: Buffer; turns: number }[] = [];
  setImmediate(count);
  const encode = (some: number[]): Buffer => {
    assert.ok(some.length <= PIECE_ROWS);
    return Buffer.from(some);
  };
  for await (const bytes of piecesOf(rows, encode)) pieces.push({ bytes, turns });
  assert.deepEqual(Buffer.concat(pieces.map(({ bytes }) => bytes)), Buffer.from(rows));
  assert.equal(pieces.length, 3);
  assert.ok(pieces[0]!.turns < pieces[1]!.turns && pieces[1]!.turns < pieces[2]!.turns);
  for await (const _ of piecesOf([], encode)) assert.fail('nothing has no piece');
});

test('an INSERT whose body breaks off between two pieces stores nothing', async (t) => {
  const rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-pieces-')));
  t.after(() => rig.stop());
  const log = 'default.0.1';
  const row = { tenant: 'default', log, name: 'p', salt: randomBytes(16), data: randomBytes(90) };
  const rows: PartRow[] = Array.from({ length: 2 * PIECE_ROWS }, (_, idx) => ({ ...row, idx }));
  const stored = async (): Promise<number> => {
    const question = 'SELECT toUInt32(count()) AS n FROM parts WHERE log = {log:String}';
    return (await rig.admin.rows<{ n: number }>(question, { log }))[0]!.n;
  };
  async function* broken(): AsyncGenerator<Buffer> {
    yield encodeParts(rows.slice(0, PIECE_ROWS));
    throw new Error('broken off');
  }
  await assert.rejects(rig.admin.insert('parts', PART_COLUMNS, broken()));
  await sleep(500);
  assert.equal(await stored(), 0);
  await rig.admin.insert('parts', PART_COLUMNS, piecesOf(rows, encodeParts));
  assert.equal(await stored(), rows.length);
});
