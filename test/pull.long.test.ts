/** The consumer API as a SIEM has it, black box: see `acceptance/siem/pull.ts`. */
import { test } from 'node:test';
import { Stage } from './acceptance/path/collector-process.ts';
import { isGiven, works } from './acceptance/path/requirement.ts';
import { System } from './acceptance/path/system.ts';
import {
  followsByCommand,
  goesByThePage,
  readsOnceAcrossKills,
  refusesByName,
  saysWhatIsLost,
  tellsWhoLooked,
} from './acceptance/siem/pull.ts';

test('a SIEM that reads the log', async (t) => {
  const system = await System.up(new Stage(t));
  await t.test('reads each record once across kills', readsOnceAcrossKills);
  await t.test('is refused by name', (one) => refusesByName(one, system));
  await t.test('is told what is not kept any more', saysWhatIsLost);
  await t.test('is told of', () => tellsWhoLooked(system));
  await t.test('follows by the command', () => followsByCommand(system));
  await t.test('goes by the guide', async (one) => {
    if (!isGiven(one, works('curl', '--version'), 'curl is not here')) return;
    await goesByThePage(one, system);
  });
});
