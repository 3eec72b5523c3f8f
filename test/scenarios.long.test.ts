/**
 * All scenarios and their twins in one running system, as its users see it: agents under
 * `vitrine run`, and what emitters wrote through relays; then `vitrine alerts` says which rules
 * fired about which session. With its rule out of use, the scenario raises it no more.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startProvider } from '../apps/cli/src/demo/provider.ts';
import { adminToken, callApi } from './acceptance/path/api.ts';
import { Stage } from './acceptance/path/collector-process.ts';
import { alertedRules, closedEventsOf } from './acceptance/path/events.ts';
import { isGiven, works } from './acceptance/path/requirement.ts';
import { System } from './acceptance/path/system.ts';
import { until } from './acceptance/path/until.ts';
import { type ProviderPlace, playsStream, runsAgent } from './scenarios/live.ts';
import { readPair, rulesOf, SCENARIOS, type Scenario, unusedRule } from './scenarios/scenario.ts';

const AT_ONCE = 3;
const ALERTS_MAX = '1000';
const RULES_MS_MAX = 15_000;

interface Alert {
  record: { rule: string; about: string };
}

test('each scenario raises its rules, its twin nothing', async (t) => {
  const given = works('bwrap', '--version') && works('strace', '-V') && works('git', '--version');
  if (!isGiven(t, given, 'bubblewrap, strace and git are not here')) return;
  const system = await System.up(new Stage(t));
  const provider = await startProvider();
  t.after(() => provider.close());
  const place = { port: provider.port, caFile: join(system.dir, 'provider-ca.pem') };
  writeFileSync(place.caFile, provider.ca);

  const pairs = SCENARIOS.map(readPair);
  await played(system, pairs.flat(), place);
  const raised = await alertsOf(system, pairs.flat());
  for (const [scenario, twin] of pairs) {
    const rules = rulesOf(scenario);
    await t.test(`${scenario.name} raises ${rules.join(', ')}, its twin nothing`, () => {
      assert.deepEqual(raised.get(scenario.name), rules);
      assert.deepEqual(raised.get(twin.name), []);
    });
  }
  await t.test('without their rules nothing is said', (t) => unsaid(t, system, place));
  await system.stop();
});

async function played(system: System, scenarios: Scenario[], place: ProviderPlace): Promise<void> {
  const due = [...scenarios];
  const playing = Array.from({ length: AT_ONCE }, async () => {
    for (let next = due.shift(); next !== undefined; next = due.shift()) {
      await (next.how === 'run' ? runsAgent(system, next, place) : playsStream(system, next));
    }
  });
  await Promise.all(playing);
  for (const { name } of scenarios) await closedEventsOf(system, name);
}

/** Rules by session, once detection has read everything. */
async function alertsOf(system: System, scenarios: Scenario[]): Promise<Map<string, string[]>> {
  await alertedRules(system, scenarios[0]!.name);
  const { items } = await system.json<{ items: Alert[] }>('alerts', '--limit', ALERTS_MAX);
  return new Map(
    scenarios.map(({ name }) => {
      const rules = items.filter(({ record }) => record.about === name);
      return [name, [...new Set(rules.map(({ record }) => record.rule))].sort()];
    }),
  );
}

/** One that is run and one that is a stream, again, under names of their own. */
async function unsaid(_: TestContext, system: System, place: ProviderPlace): Promise<void> {
  const again = ['no-delete', 'poisoned-tool'].map((name) => readPair(name)[0]);
  for (const { expects } of again) {
    const { file, text } = unusedRule(expects);
    writeFileSync(join(system.data, 'rules', file), text);
  }
  await until('the rules are gone', RULES_MS_MAX, async () => {
    const { text } = await callApi(system.run, adminToken(system.data), 'GET', '/v1/rules');
    const { items } = JSON.parse(text) as { items: { id: string }[] };
    return items.some(({ id }) => again.some(({ expects }) => expects === id)) ? undefined : true;
  });
  const renamed = again.map((scenario) => ({
    ...scenario,
    base: scenario.name,
    name: `${scenario.name}.unsaid`,
  }));
  await played(system, renamed, place);
  const raised = await alertsOf(system, renamed);
  for (const { name } of renamed) assert.deepEqual(raised.get(name), [], name);
}
