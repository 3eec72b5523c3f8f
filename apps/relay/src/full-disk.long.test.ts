/** A relay on a disk that is really full: a small tmpfs, so this needs root. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@vitrine/schema';
import { MAC_KEY, pathsOf, tempDir } from '../test/bed.ts';
import { fileReads, send, sendLogs } from '../test/client.ts';
import { configOf, pullAll, socketsOf, start } from '../test/process.ts';
import { Reader } from '../test/reader.ts';

const DISK_BYTES = 4_194_304;
const EVENTS_PER_REQUEST = 50;
const REQUESTS_MAX = 400;
/** Refusals become a record at most once a second. */
const DROP_MS = 1_100;

const canMount = process.platform === 'linux' && process.getuid?.() === 0;
const skip = canMount ? false : 'needs root, to mount a small file system';
if (skip !== false && process.env.VITRINE_REQUIRE === 'all') throw new Error(skip);

/** A file system of its own; the relay is killed before it goes. */
function smallDisk(t: TestContext): string {
  const disk = mkdtempSync(join(tmpdir(), 'relay-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk]);
  t.after(() => {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true });
  });
  return disk;
}

/** Takes what is left of the disk. */
function fill(disk: string): string {
  const { bavail, bsize } = statfsSync(disk);
  const path = join(disk, 'other');
  writeFileSync(path, Buffer.alloc(Number(bavail) * Number(bsize)));
  return path;
}

function paths(request: number): string[] {
  return Array.from({ length: EVENTS_PER_REQUEST }, (_, i) => `${request}-${i}`);
}

/** Sends until it is refused; gives what was acknowledged, and the answer that was no 200. */
async function sendUntilRefused(socket: string, from: number) {
  const acknowledged: string[] = [];
  for (let request = from; request < from + REQUESTS_MAX; request++) {
    const answer = await sendLogs(socket, fileReads(paths(request)));
    if (answer.status !== 200) return { acknowledged, answer };
    acknowledged.push(...paths(request));
  }
  throw new Error('nothing was refused');
}

describe('a relay on a full disk', { skip }, () => {
  it('refuses, keeps what it acknowledged, says so, and goes on', async (t) => {
    const dir = tempDir(t);
    const disk = smallDisk(t);
    const { agent, opp } = socketsOf(dir);
    const config = configOf(dir, { spool_dir: join(disk, 'spool') });
    const first = await start(t, config);

    const full = await sendUntilRefused(agent, 0);
    assert.equal(full.answer.status, 503);
    assert.ok(full.acknowledged.length > 1_000, `${full.acknowledged.length}`);
    assert.match(String(full.answer.headers['retry-after']), /^\d+$/);
    const info = await send(opp, '/opp/v1/info', { method: 'GET' });
    const { dropped_total } = JSON.parse(String(info.body)) as JsonObject;
    assert.equal(dropped_total, EVENTS_PER_REQUEST);

    // Killed while the disk is full: what was acknowledged comes out of the next start.
    fill(disk);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await start(t, config);
    assert.equal((await sendLogs(agent, fileReads(['too early']))).status, 503);
    const reader = new Reader(MAC_KEY);
    await pullAll(opp, reader);
    assert.deepEqual(pathsOf(reader, 'agent'), full.acknowledged);

    // Acknowledged is freed, and there is room again.
    const more = await sendUntilRefused(agent, REQUESTS_MAX);
    assert.ok(more.acknowledged.length > 1_000, `${more.acknowledged.length}`);
    await pullAll(opp, reader);
    await sleep(DROP_MS);
    assert.equal((await sendLogs(agent, fileReads(['room again']))).status, 200);
    await pullAll(opp, reader);
    const all = [...full.acknowledged, ...more.acknowledged, 'room again'];
    assert.deepEqual(pathsOf(reader, 'agent'), all);
    const drops = reader.records.filter(({ record }) => record.kind === 'telemetry.drop');
    const said = drops.map(({ record: { reason, requests, records, from, to } }) => {
      assert.ok(BigInt(String(from)) <= BigInt(String(to)));
      return `${reason} ${requests} ${records}`;
    });
    const atTheEnd = `spool_unwritable 1 ${EVENTS_PER_REQUEST}`;
    // Refused by the second relay: while it had no room at all, then at the end of what it had.
    assert.deepEqual(said.slice(-2), ['spool_full 1 1', atTheEnd]);
    // By the first, if it had come to write it when it was killed.
    assert.ok(said.length === 2 || (said.length === 3 && said[0] === atTheEnd), said.join());
    assert.equal((await send(opp, '/opp/v1/drain')).status, 200);
    assert.equal(second.child.exitCode, null);
  });

  it('does not begin on a disk that never had room, and says why', async (t) => {
    const dir = tempDir(t);
    const disk = smallDisk(t);
    const other = fill(disk);
    const config = configOf(dir, { spool_dir: join(disk, 'spool') });
    await assert.rejects(start(t, config), /SPOOL_UNWRITABLE.*ENOSPC/);
    rmSync(other);
    await start(t, config);
  });
});
