/**
 * The analyst served: detections on what real emitters write, alerts that are acted on, questions
 * that are answered. As its users have it: the command line, HTTP, a browser. Imports nothing of
 * the product. Each part also breaks its cause once and sees the effect go.
 */
import { type TestContext, test } from 'node:test';
import { isNoAlertByItsWord, isReadByOthers } from './analyst/dialects.ts';
import { EDR_SETTINGS, leadsFromTheEdr, leadsToTheEdr } from './analyst/edr.ts';
import { alertsWhateverTheBatching, refusesByName, saysHowFarBehind } from './analyst/engine.ts';
import { goesByKeyboard, goesByMouse } from './analyst/journey.ts';
import { outlivesKills } from './analyst/kills.ts';
import { addsUp, answersQuestions, showsRubberStamps, showsTheFault } from './analyst/query.ts';
import { choosesTimes, playsAndMarks, searchesAll, takesQueries } from './analyst/query-page.ts';
import {
  firesAndIsSilent,
  saysWhatItIsAbout,
  saysWhatItLacks,
  saysWhichStreamIsWrong,
} from './analyst/rules.ts';
import {
  eachRaisesItsOwn,
  isSilentWithoutItsRule,
  playScenarios,
  type Scene,
} from './analyst/scenarios.ts';
import { showsApprovals, showsRules, showsWhatASessionDid } from './analyst/screens.ts';
import { changesAreRecords, isTriedOnThePast, saysWhy } from './analyst/tools.ts';
import { isAStory, isTriaged, refusesOthers } from './analyst/triage.ts';
import { House } from './faces/house.ts';
import { isGiven, works } from './path/requirement.ts';

type Show = (house: House, scenes: Map<string, Scene>, t: TestContext) => Promise<void>;

/** Of each point of the promise what is shown, in this order. */
const PARTS: Record<string, Record<string, Show>> = {
  '3. the scenarios': {
    'raise their rules, their twins nothing': ({ system }, s) => eachRaisesItsOwn(system, s),
    'raise nothing without the rule': ({ system }, s) => isSilentWithoutItsRule(system, s),
  },
  '1. the engine': {
    'refuses by name what it cannot honour': ({ system }) => refusesByName(system),
    'alerts alike whatever the batching': ({ system }) => alertsWhateverTheBatching(system),
    'says how far it is behind': ({ system }) => saysHowFarBehind(system),
    'loses and doubles nothing across kills': (_house, _scenes, t) => outlivesKills(t),
  },
  '2. the rules': {
    'fire, and are silent, on recordings': ({ system }) => firesAndIsSilent(system),
    'are tested by something that can fail': ({ system }) => saysWhichStreamIsWrong(system),
    'say what they are about': ({ system }) => saysWhatItIsAbout(system),
  },
  '4. alerts': {
    'are acted on, each act a record': ({ system }, s) => isTriaged(system, s),
    'refuse who may not, and who is late': ({ system }, s) => refusesOthers(system, s),
    'are a story together': ({ system }, s) => isAStory(system, s),
  },
  '5. questions': {
    'are answered with these rows and no other': ({ system }, s) => answersQuestions(system, s),
    'show where they are wrong': ({ system }) => showsTheFault(system),
    'are added up as the rows are': ({ system }, s) => addsUp(system, s),
    'show who approves without reading': ({ system }, s) => showsRubberStamps(system, s),
  },
  '6. the EDR': {
    'leads to the session': leadsFromTheEdr,
    'is led to': leadsToTheEdr,
  },
  '7. other tools': {
    'read an alert as one': ({ system }, s) => isReadByOthers(system, s),
    'read no alert that only says so': ({ system }) => isNoAlertByItsWord(system),
  },
  '8. the tools for rules': {
    'try a rule on the past': ({ system }, s) => isTriedOnThePast(system, s),
    'say why it fired, or did not': ({ system }, s) => saysWhy(system, s),
    'leave a record of every change': ({ system }) => changesAreRecords(system),
  },
  'the screens': {
    'take a question, complete it, name its fault': takesQueries,
    'choose a time by keyboard and by mouse': choosesTimes,
    'play a session, and mark a range': playsAndMarks,
    'search everything': searchesAll,
    'show what a session did': showsWhatASessionDid,
    'show the rules': showsRules,
    'show the approvals': showsApprovals,
    'lead from alert to evidence by keyboard': (house, s, t) => goesByKeyboard(t, house, s),
    'lead from alert to evidence by mouse': (house, s, t) => goesByMouse(t, house, s),
  },
};

test('the analyst', async (t) => {
  const given = works('bwrap', '--version') && works('strace', '-V') && works('git', '--version');
  if (!isGiven(t, given, 'bubblewrap, strace and git are not here')) return;
  const house = await House.open(t, false, EDR_SETTINGS);
  if (house === undefined) return;
  await t.test('2. a rule that nothing feeds says what it lacks', () => {
    return saysWhatItLacks(house.system);
  });
  const scenes = await playScenarios(house.system);
  for (const [name, shows] of Object.entries(PARTS)) {
    await t.test(name, async (part) => {
      for (const [what, show] of Object.entries(shows)) {
        await part.test(what, (one) => show(house, scenes, one));
      }
    });
  }
});
