/**
 * The faces of the system, as their users have them: a browser, the command line, HTTP, gRPC.
 * Imports nothing of the product. Each part also breaks its cause once and sees the effect go.
 */
import { test } from 'node:test';
import { answersNothingElse, answersWhatRuns } from './faces/bridge.ts';
import { saysWhoIsMissing, showsTheTree } from './faces/claude-code.ts';
import { leadsToVerifiedRow } from './faces/demo.ts';
import { House } from './faces/house.ts';
import { answersNoOtherSite, letsInOnce, letsNobodyInWithout, letsOut } from './faces/login.ts';

test('the faces', async (t) => {
  const house = await House.open(t);
  if (house === undefined) return;
  const part = async (name: string, parts: Record<string, (house: House) => Promise<void>>) => {
    await t.test(name, async (one) => {
      for (const [what, show] of Object.entries(parts)) await one.test(what, () => show(house));
    });
  };
  await part('1. the dashboard', {
    'lets a person in by a link, once': letsInOnce,
    'lets nobody in without': letsNobodyInWithout,
    'lets a person out': letsOut,
    'answers no other site': answersNoOtherSite,
  });
  await part('4. Claude Code unchanged', {
    'is a tree of prompts, calls and subagents': showsTheTree,
    'whose missing teller is named': saysWhoIsMissing,
  });
  await part('5. the demonstration', {
    'leads from the alert to a verified row in two clicks': leadsToVerifiedRow,
  });
  await part('6. the bridge', {
    'answers what an opaque process is': answersWhatRuns,
    'answers nothing about another one': answersNothingElse,
  });
});
