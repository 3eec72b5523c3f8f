/**
 * All scenarios and their twins in one running system, by the command that plays them: agents under
 * `vitrine run`, and what emitters wrote through relays; then `vitrine alerts` says which rules
 * fired about which session. With its rule out of use, a scenario raises nothing.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Stage } from './acceptance/path/collector-process.ts';
import { isGiven, works } from './acceptance/path/requirement.ts';
import { System } from './acceptance/path/system.ts';

/** In the place of a shipped rule. */
const SELECTS_NOTHING = `title: Nothing
status: test
logsource: {product: agent_sandbox, category: file}
detection: {none: {kind: none}, condition: none}
level: low
`;
const SCENARIOS = 11;
const ENDED_BADLY = 1;

interface Scene {
  scenario: string;
  session: string;
  expected: string[];
  raised: string[];
}

interface Alert {
  record: { rule: string; subject: string };
}

test('each scenario raises its rules, its twin nothing', async (t) => {
  const given = works('bwrap', '--version') && works('strace', '-V') && works('git', '--version');
  if (!isGiven(t, given, 'bubblewrap, strace and git are not here')) return;
  const system = await System.up(new Stage(t));
  const bad = await played(system, 0, '--scenario', 'all');
  const good = await played(system, 0, '--scenario', 'all', '--benign');
  assert.equal(bad.length, SCENARIOS);
  assert.deepEqual(
    good.map(({ scenario }) => scenario),
    bad.map(({ scenario }) => `${scenario}.benign`),
  );
  const alerts = await alertsOf(system);
  for (const { scenario, session, expected } of [...bad, ...good]) {
    await t.test(`${scenario}: ${expected.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(alerts.get(session) ?? [], expected);
    });
  }
  await t.test('without its rule nothing is said', () => isUnsaid(system, bad));
  await system.stop();
});

/** What the command says, once it has ended with `due`. */
async function played(system: System, due: number, ...options: string[]): Promise<Scene[]> {
  const { code, stdout, stderr } = await system.cli('demo', ...options, '--json');
  assert.equal(code, due, stdout + stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Scene);
}

/** Rules by the session that they are about. */
async function alertsOf(system: System): Promise<Map<string, string[]>> {
  const items = await system.json<Alert[]>('alerts', '--limit', '1000');
  const bySession = Map.groupBy(items, ({ record }) => record.subject);
  return new Map(
    [...bySession].map(([session, about]) => {
      return [session, [...new Set(about.map(({ record }) => record.rule))].sort()];
    }),
  );
}

async function isUnsaid(system: System, scenes: Scene[]): Promise<void> {
  const name = 'poisoned-tool';
  const { expected } = scenes.find(({ scenario }) => scenario === name)!;
  for (const rule of expected) {
    writeFileSync(join(system.data, 'rules', `${rule}.yml`), SELECTS_NOTHING);
  }
  await system.text('rules', 'reload');
  const [scene] = await played(system, ENDED_BADLY, '--scenario', name);
  assert.deepEqual(scene?.raised, []);
}
