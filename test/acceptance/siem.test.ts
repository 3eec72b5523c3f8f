/**
 * The SIEM engineer and the auditor served, point by point, from outside: with the command line,
 * HTTP, a browser and the destinations themselves. Each part breaks its cause once.
 */
import { test } from 'node:test';
import { spendsTheDay } from './siem/auditor-day.ts';
import { losesNothing } from './siem/bad-days.ts';
import { hasHardenedUnits, isLinted, runsReadOnly } from './siem/ship.ts';

test('4. under fault', async (t) => {
  await t.test('nothing is lost, doubled under another id, or out of turn', losesNothing);
});

test("7. the auditor's day", spendsTheDay);

test('8. ship it', async (t) => {
  await t.test('image and compose files are linted', isLinted);
  await t.test('units are known to systemd, and hardened', hasHardenedUnits);
  await t.test('the command of the image runs as its user on a read-only root', runsReadOnly);
});
