/**
 * The faces of the system, as their users have them: a browser, the command line, HTTP, gRPC.
 * Imports nothing of the product. Each part also breaks its cause once and sees the effect go.
 */
import { type TestContext, test } from 'node:test';
import { listsSessions, standsOnEvidence } from './faces/alerts.ts';
import { answersNothingElse, answersWhatRuns } from './faces/bridge.ts';
import { saysWhoIsMissing, showsTheTree } from './faces/claude-code.ts';
import { runsInTheSandbox } from './faces/claude-code-live.ts';
import { leadsToVerifiedRow } from './faces/demo.ts';
import { isTakenAway, saysWhereItCannot } from './faces/evidence.ts';
import { takesTheEgressProxy, takesTheExporter, takesTheSample } from './faces/grpc.ts';
import { isNotMarkedWithout, isShownAsText } from './faces/hostile.ts';
import { House } from './faces/house.ts';
import { answersNoOtherSite, letsInOnce, letsNobodyInWithout, letsOut } from './faces/login.ts';
import { obeysKeys, opensInSixWays } from './faces/panel.ts';
import {
  findsAnotherKey,
  findsAnotherPath,
  findsAnotherRecord,
  findsAnotherRoot,
  findsAnotherRow,
  verifiesARow,
} from './faces/proof.ts';
import { isCleanAndSteady, isSmooth } from './faces/quality.ts';
import { missesNothing } from './faces/reconnect.ts';
import {
  fitsNarrowPages,
  isDarkAndLight,
  saysWhatFailed,
  saysWhenItIsSlow,
  saysWhenThereIsNothing,
} from './faces/states.ts';
import { findsAnEditedColumn } from './faces/tampered-store.ts';
import { foldsRoutine, isLive, keepsFilters, showsLossAndSilence } from './faces/timeline.ts';

type Show = (house: House, t: TestContext) => Promise<void>;

/** Of each point of the promise what is shown, in this order. */
const PARTS: Record<string, Record<string, Show>> = {
  // First: its link is the oldest one, and of links that nobody has used 32 are kept.
  '5. the demonstration': {
    'leads from the alert to a verified row in two clicks': leadsToVerifiedRow,
  },
  '1. the dashboard': {
    'lets a person in by a link, once': letsInOnce,
    'lets nobody in without': letsNobodyInWithout,
    'lets a person out': letsOut,
    'answers no other site': answersNoOtherSite,
    'lists sessions as they come': listsSessions,
    'lists alerts with what they stand on': standsOnEvidence,
    'is live': isLive,
    'folds routine reads': foldsRoutine,
    'shows loss and silence': showsLossAndSilence,
    'keeps its filters in the address': keepsFilters,
    'obeys keys': obeysKeys,
    'opens an event in six ways': opensInSixWays,
    'says when there is nothing': saysWhenThereIsNothing,
    'says when it is slow': saysWhenItIsSlow,
    'says what failed': saysWhatFailed,
    'is dark and light': isDarkAndLight,
  },
  '2. the proof in the browser': {
    'verifies a row step by step': verifiesARow,
    'finds another path': findsAnotherPath,
    'finds another root': findsAnotherRoot,
    'finds another record': findsAnotherRecord,
    'finds another row in the list': findsAnotherRow,
    'finds another key': findsAnotherKey,
    'is taken away, and verified without a server': isTakenAway,
    'says where it cannot be made': saysWhereItCannot,
  },
  '3. gRPC and the SDK': {
    'take the official exporter': takesTheExporter,
    'take the sample agent': takesTheSample,
    'take the egress proxy of a sandbox': takesTheEgressProxy,
  },
  '4. Claude Code unchanged': {
    'is a tree of prompts, calls and subagents': showsTheTree,
    'whose missing teller is named': saysWhoIsMissing,
    'runs in the sandbox, the kernel beside it': runsInTheSandbox,
  },
  '6. the bridge': {
    'answers what an opaque process is': answersWhatRuns,
    'answers nothing about another one': answersNothingElse,
  },
  '7. every page': {
    'fits a narrow screen': async (house) => fitsNarrowPages(house, await house.pages()),
    'is clean for axe, and steady': async (house) => isCleanAndSteady(house, await house.pages()),
    'is small and smooth over 100,000 rows': (house, t) => isSmooth(t, house),
  },
  sabotage: {
    'a live connection that is cut misses nothing': missesNothing,
    'hostile names are shown as text': isShownAsText,
    'ordinary ones as they are': isNotMarkedWithout,
    'a column edited in the store is found': findsAnEditedColumn,
  },
};

test('the faces', async (t) => {
  const house = await House.open(t);
  if (house === undefined) return;
  for (const [name, shows] of Object.entries(PARTS)) {
    await t.test(name, async (part) => {
      for (const [what, show] of Object.entries(shows)) {
        await part.test(what, async (one) => {
          // Whatever the one before has left.
          house.wire.restore();
          await show(house, one);
        });
      }
    });
  }
});
