/**
 * The whole path, from a sealed sandbox to a proven alert, as its users have it: by the command
 * line, HTTP, sockets, files and `/proc`. Imports nothing of the product. Each part also breaks its
 * cause once and sees the effect go.
 */
import { test } from 'node:test';
import { decidesEverywhere } from './path/access.ts';
import { refusesBadRequests } from './path/bad-input.ts';
import { keepsWhatDoesNotLink } from './path/bad-relay.ts';
import { namesTheMissingEngine, namesThePortInUse } from './path/bad-start.ts';
import { collects } from './path/collector.ts';
import { survivesKills } from './path/crash.ts';
import { tellsTheStory } from './path/demo.ts';
import { goesOnAfterFullDirectory, goesOnAfterReadOnlyDirectory } from './path/full-directories.ts';
import { refusesOnFullDisk, refusesOnReadOnlyDisk } from './path/full-disk.ts';
import { findsTheLossWithoutFsync, losesNothingInAPowerCut } from './path/power-cut.ts';
import { provesTheRecord } from './path/record.ts';
import { isInOrder } from './path/repository.ts';
import { observesSandbox } from './path/sandbox.ts';

test('1. npm run demo tells its story on a fresh clone', tellsTheStory);

test('2. vitrine run shows what a command does in its sandbox', observesSandbox);

test(
  '3. the record of a session proves itself, and nothing that was changed does',
  provesTheRecord,
);

test('4. the collector takes telemetry, detects, and delivers alerts with their proof', collects);

test('5. nothing that was acknowledged is lost', async (t) => {
  await t.test('in kills under load', survivesKills);
  await t.test('in a power cut', losesNothingInAPowerCut);
  await t.test('unless nothing is synced', findsTheLossWithoutFsync);
});

test('6. access is decided everywhere', decidesEverywhere);

test('7. the repository is in order, and its rules bite', isInOrder);

test('8. bad input gets a coded answer', async (t) => {
  await t.test('requests', refusesBadRequests);
  await t.test('a relay that lies', keepsWhatDoesNotLink);
  await t.test('a full disk', refusesOnFullDisk);
  await t.test('a read-only disk', refusesOnReadOnlyDisk);
  for (const dir of ['log', 'store'] as const) {
    await t.test(`a full ${dir} directory`, (t) => goesOnAfterFullDirectory(t, dir));
    await t.test(`a read-only ${dir} directory`, (t) => goesOnAfterReadOnlyDirectory(t, dir));
  }
  await t.test('a port in use', namesThePortInUse);
  await t.test('a missing engine', namesTheMissingEngine);
});
