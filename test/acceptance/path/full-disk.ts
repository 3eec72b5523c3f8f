/**
 * A disk that is full under the journal: what cannot be made durable is refused for now, what was
 * acknowledged stays, and intake goes on by itself once there is room. The disk is a small tmpfs.
 */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { makeToken } from './api.ts';
import { Stage } from './collector-process.ts';
import { assertStoredOnce, untilStored } from './log-check.ts';
import { type PostAnswer, statusMessage } from './otlp.ts';
import { isGiven, works } from './requirement.ts';
import { Sender } from './sender.ts';

const DISK_BYTES = 2_097_152;
/** Room for a few events more. */
const LEFT_BYTES = 65_536;
const EVENT_BYTES = 8_000;
const EVENTS_MAX = 100;

export async function refusesOnFullDisk(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  const disk = join(stage.dir, 'disk');
  mkdirSync(disk);
  const size = `size=${DISK_BYTES}`;
  const mounted = works('mount', '-t', 'tmpfs', '-o', size, 'vitrine-test', disk);
  if (!isGiven(t, mounted, 'only root may mount a small disk')) return;
  stage.atEnd(() => works('umount', '--lazy', disk));
  stage.configure(
    `listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\njournal: {dir: ${join(disk, 'journal')}}\n`,
  );

  const first = stage.launch();
  const run = await first.ready();
  const sender = new Sender(run, await makeToken(run, stage.data, 'ingest'), 'full-disk');
  assert.equal((await sender.send()).status, 200);
  const free = fill(disk);
  const refused = await sendUntilRefused(sender);
  assertTellsToComeBack(await sender.send(refused));
  await untilStored(run, sender.acked);

  await first.kill();
  const second = stage.launch();
  sender.follow(await second.ready());
  assertTellsToComeBack(await sender.send(refused));
  free();
  assert.equal((await sender.send(refused)).status, 200, 'there is room again');
  assert.equal((await sender.send()).status, 200);

  await second.kill();
  const third = stage.launch();
  const last = await third.ready();
  await untilStored(last, sender.acked);
  await assertStoredOnce(last, sender);
  t.diagnostic(`${sender.acked.size} events acknowledged around a full disk`);
  assert.deepEqual(await third.stop(), { code: 0, signal: null }, third.said);
}

/**
 * A start on a file system that became read-only refuses for now, and goes on by itself as well.
 */
export async function refusesOnReadOnlyDisk(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  const disk = join(stage.dir, 'disk');
  mkdirSync(disk);
  const size = `size=${DISK_BYTES}`;
  const mounted = works('mount', '-t', 'tmpfs', '-o', size, 'vitrine-test', disk);
  if (!isGiven(t, mounted, 'only root may mount a small disk')) return;
  stage.atEnd(() => works('umount', '--lazy', disk));
  stage.configure(
    `listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\njournal: {dir: ${join(disk, 'journal')}}\n`,
  );
  const first = stage.launch();
  const run = await first.ready();
  const sender = new Sender(run, await makeToken(run, stage.data, 'ingest'), 'read-only');
  assert.equal((await sender.send()).status, 200);
  await first.kill();
  assert.ok(works('mount', '-o', 'remount,ro', disk));
  const second = stage.launch();
  const last = await second.ready();
  sender.follow(last);
  const request = sender.next();
  assertTellsToComeBack(await sender.send(request), /\(EROFS\).*; check the file system/);
  assert.ok(works('mount', '-o', 'remount,rw', disk));
  assert.equal((await sender.send(request)).status, 200, 'it may be written again');
  await untilStored(last, sender.acked);
  await assertStoredOnce(last, sender);
  assert.deepEqual(await second.stop(), { code: 0, signal: null }, second.said);
}

/** Takes nearly all that is free; the answer gives it back. */
function fill(disk: string): () => void {
  const { bavail, bsize } = statfsSync(disk);
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(bavail * bsize - LEFT_BYTES));
  return () => rmSync(ballast);
}

/** The request that did not fit. */
async function sendUntilRefused(sender: Sender): Promise<ReturnType<Sender['next']>> {
  for (let count = 0; count < EVENTS_MAX; count++) {
    const request = sender.next(EVENT_BYTES);
    const answer = await sender.send(request);
    if (answer.status === 200) continue;
    assertTellsToComeBack(answer);
    return request;
  }
  throw new Error(`the disk took ${EVENTS_MAX} events more`);
}

function assertTellsToComeBack(
  { status, headers, body }: PostAnswer,
  why = /\(ENOSPC\).*; free space on that file system/,
): void {
  assert.equal(status, 503);
  assert.match(String(headers['retry-after']), /^\d+$/);
  const message = statusMessage(String(headers['content-type']), body);
  assert.match(message, /^JOURNAL_UNWRITABLE: /);
  assert.match(message, why);
}
