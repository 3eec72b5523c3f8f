/**
 * The other two directories of a log on a disk that takes nothing: that of its decisions and notes,
 * and that of the store. What was acknowledged stays in the journal meanwhile, the collector says
 * which directory it is and what to do, and goes on by itself. The disk is a small tmpfs.
 */
import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { adminToken, makeToken } from './api.ts';
import { type CollectorProcess, Stage } from './collector-process.ts';
import { assertClean, assertStoredOnce, untilStored } from './log-check.ts';
import { statusMessage } from './otlp.ts';
import { isGiven, works } from './requirement.ts';
import { Sender } from './sender.ts';
import { until } from './until.ts';

/** Below the data directory. */
type Directory = 'log' | 'store';

/** What is said while the collector runs. */
const WAITS: Record<Directory, RegExp> = {
  log: /LOG_UNWRITABLE: cannot write to \S+\/log\/\S+ /,
  store: /STORE_UNWRITABLE: the store cannot write to \S+\/store: /,
};
/** Room for all that one sender may have in the queue. */
const DISK_BYTES = 67_108_864;
const SAID_MS_MAX = 10_000;
const REMOUNT_MS_MAX = 10_000;
const EVENT_BYTES = 1_000_000;
/** More than one sender may have in the queue. */
const EVENTS_MAX = 40;

/** Runs out of room while it runs, and is killed and started like that. */
export async function goesOnAfterFullDirectory(t: TestContext, dir: Directory): Promise<void> {
  const ground = await groundOf(t, dir);
  if (ground === undefined) return;
  const { stage, disk, first, sender } = ground;
  const free = fill(disk);
  assert.equal((await sender.send()).status, 200, 'the journal has room');
  await says(first, WAITS[dir]);
  await says(first, /ENOSPC|not enough space/i);
  await says(first, /free space on that file system/);
  await sendUntilRefused(sender);

  await first.kill();
  const second = stage.launch();
  if (dir === 'store') {
    assert.deepEqual(await second.exited, { code: 1, signal: null });
    assert.match(second.said, /^error STORE_UNWRITABLE: .*\n {2}hint: free space on/m);
    free();
    await finish(t, ground, stage.launch());
  } else {
    await says(second, WAITS[dir]);
    free();
    await finish(t, ground, second);
  }
}

export async function goesOnAfterReadOnlyDirectory(t: TestContext, dir: Directory): Promise<void> {
  const ground = await groundOf(t, dir);
  if (ground === undefined) return;
  const { stage, disk, first, sender } = ground;
  // An engine has files open for writing: its disk turns when nobody runs it.
  if (dir === 'store') await first.kill();
  await until('a read-only disk', REMOUNT_MS_MAX, () => remount(disk, 'ro') || undefined);
  if (dir === 'store') {
    const second = stage.launch();
    assert.deepEqual(await second.exited, { code: 1, signal: null }, second.said);
    assert.match(second.said, /^error STORE_UNWRITABLE: .*\n {2}hint: check that file system/m);
    assert.ok(remount(disk, 'rw'));
    return finish(t, ground, stage.launch());
  }
  assert.equal((await sender.send()).status, 200, 'the journal has room');
  await says(first, WAITS[dir]);
  await says(first, /\(EROFS\).*; check the file system/);
  assert.ok(remount(disk, 'rw'));
  await finish(t, ground, first);
}

interface Ground {
  stage: Stage;
  disk: string;
  first: CollectorProcess;
  /** One event of it is stored. */
  sender: Sender;
}

async function groundOf(t: TestContext, dir: Directory): Promise<Ground | undefined> {
  const stage = new Stage(t);
  const disk = join(stage.data, dir);
  mkdirSync(disk);
  const mounted = works('mount', '-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'vitrine-test', disk);
  if (!isGiven(t, mounted, 'only root may mount a small disk')) return undefined;
  stage.atEnd(() => works('umount', '--lazy', disk));
  stage.configure('listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n');
  const first = stage.launch();
  const run = await first.ready();
  const sender = new Sender(run, await makeToken(run, stage.data, 'ingest'), `full-${dir}`);
  assert.equal((await sender.send()).status, 200);
  await untilStored(run, sender.acked);
  return { stage, disk, first, sender };
}

/** Takes all that is free; the answer gives it back. */
function fill(disk: string): () => void {
  const ballast = join(disk, 'ballast');
  const file = openSync(ballast, 'w');
  const { bsize } = statfsSync(disk);
  try {
    for (;;) writeSync(file, Buffer.alloc(bsize));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
  }
  closeSync(file);
  return () => rmSync(ballast);
}

function remount(disk: string, as: 'ro' | 'rw'): boolean {
  return works('mount', '-o', `remount,${as}`, disk);
}

function says(collector: CollectorProcess, what: RegExp): Promise<true> {
  return until(`${what}`, SAID_MS_MAX, () => {
    if (collector.ended) throw new Error(`the collector ended: ${collector.said}`);
    return what.test(collector.said) || undefined;
  });
}

/** Nothing is sealed: a sender may have so much in the journal, and is told to come back then. */
async function sendUntilRefused(sender: Sender): Promise<void> {
  for (let count = 0; count < EVENTS_MAX; count++) {
    const { status, headers, body } = await sender.send(sender.next(EVENT_BYTES));
    if (status === 200) continue;
    assert.equal(status, 429);
    assert.match(String(headers['retry-after']), /^\d+$/);
    assert.match(statusMessage(String(headers['content-type']), body), /^QUEUE_FULL: /);
    return;
  }
  throw new Error(`the queue took ${EVENTS_MAX} events more`);
}

/** Everything that was acknowledged is there, once, and more is taken. */
async function finish(
  t: TestContext,
  { stage, sender }: Ground,
  collector: CollectorProcess,
): Promise<void> {
  const run = await collector.ready();
  sender.follow(run);
  assert.equal((await sender.send()).status, 200, 'there is room again');
  await untilStored(run, sender.acked);
  await assertStoredOnce(run, sender);
  t.diagnostic(`${sender.acked.size} events acknowledged`);
  await assertClean(t, run, adminToken(stage.data));
  assert.deepEqual(await collector.stop(), { code: 0, signal: null }, collector.said);
}
