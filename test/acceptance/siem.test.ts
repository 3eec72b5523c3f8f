/**
 * The SIEM engineer and the auditor served, point by point, from outside: with the command line,
 * HTTP, a browser and the destinations themselves. Each part breaks its cause once. Two points are
 * shown at a time, each with systems of its own: they mostly wait.
 */
import { describe, it, type TestContext } from 'node:test';
import { Stage } from './path/collector-process.ts';
import { isGiven, works } from './path/requirement.ts';
import { System } from './path/system.ts';
import { spendsTheDay } from './siem/auditor-day.ts';
import { losesNothing } from './siem/bad-days.ts';
import { speaksToAll } from './siem/connectors.ts';
import { worksByCommand } from './siem/desk.ts';
import { worksByPage } from './siem/desk-page.ts';
import { Ground } from './siem/ground.ts';
import { keepsItsWord } from './siem/kit.ts';
import {
  followsByCommand,
  goesByThePage,
  readsOnceAcrossKills,
  refusesByName,
  saysWhatIsLost,
  tellsWhoLooked,
} from './siem/pull.ts';
import { survivesReceivers } from './siem/receivers.ts';
import { hasHardenedUnits, isLinted, runsReadOnly } from './siem/ship.ts';

describe('the SIEM engineer and the auditor', { concurrency: 2 }, () => {
  it('1. the kit keeps its word', keepsItsWord);
  it('2. and 3. connectors of every type, and what they bring alerts to', bringsToAll);
  it('4. nothing is lost, doubled under another id, or out of turn', losesNothing);
  it('5. connectors are seen to by command', worksByCommand);
  it('5. connectors are seen to by page', worksByPage);
  it('6. a SIEM reads the log', readsTheLog);
  it("7. the auditor's day", spendsTheDay);
  it('8. ship it', async (t) => {
    await t.test('image and compose files are linted', isLinted);
    await t.test('units are known to systemd, and hardened', hasHardenedUnits);
    await t.test('the command of the image runs as its user on a read-only root', runsReadOnly);
  });
});

async function bringsToAll(t: TestContext): Promise<void> {
  if (!isGiven(t, works('openssl', 'version'), 'openssl is not here')) return;
  const ground = await Ground.open(t);
  await t.test('2. each has every alert, as it wants them', (c) => speaksToAll(c, ground));
  await t.test('3. real receivers that are killed lose none', (c) => survivesReceivers(c, ground));
}

async function readsTheLog(t: TestContext): Promise<void> {
  const system = await System.up(new Stage(t));
  await t.test('each record once across kills', readsOnceAcrossKills);
  await t.test('is refused by name', (one) => refusesByName(one, system));
  await t.test('is told what is not kept any more', saysWhatIsLost);
  await t.test('is told of', () => tellsWhoLooked(system));
  await t.test('follows by the command', () => followsByCommand(system));
  await t.test('goes by the guide', async (one) => {
    if (!isGiven(one, works('curl', '--version'), 'curl is not here')) return;
    await goesByThePage(one, system);
  });
}
