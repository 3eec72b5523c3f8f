/**
 * The eleven scenarios and their twins in one running system, by the command that plays them:
 * agents under `vitrine run`, and what emitters wrote through relays. Without its rule a scenario
 * raises nothing.
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../path/collector-process.ts';
import { alertsAbout } from '../path/events.ts';
import type { System } from '../path/system.ts';
import { until } from '../path/until.ts';

const NAMES = [
  ...['foreign-key', 'blind-edr', 'employee-phish', 'helpful-escape', 'no-delete', 'answer-key'],
  ...['rubber-stamp', 'classifier-miss', 'poisoned-tool', 'poisoned-memory', 'trusted-subagent'],
];
const RULES_MS_MAX = 15_000;
const ENDED_BADLY = 1;

export interface Scene {
  scenario: string;
  session: string;
  expected: string[];
  raised: string[];
}

/** Plays all of them; the scenes by scenario, twins with `.benign` behind the name. */
export async function playScenarios(system: System): Promise<Map<string, Scene>> {
  const bad = await played(system, 0, 'all');
  const good = await played(system, 0, 'all', '--benign');
  return new Map([...bad, ...good].map((scene) => [scene.scenario, scene]));
}

/** What `vitrine demo` says, once it has ended with `due`. */
async function played(system: System, due: number, ...options: string[]): Promise<Scene[]> {
  const { code, stdout, stderr } = await system.cli('demo', '--scenario', ...options, '--json');
  assert.equal(code, due, stdout + stderr);
  const lines = stdout.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Scene);
}

/** By the alerts in the log, whatever the command that played them believes. */
export async function eachRaisesItsOwn(system: System, scenes: Map<string, Scene>): Promise<void> {
  assert.deepEqual([...scenes.keys()], [...NAMES, ...NAMES.map((name) => `${name}.benign`)]);
  for (const { scenario, session, expected } of scenes.values()) {
    const rules = (await alertsAbout(system, session)).map(({ record }) => String(record.rule));
    assert.deepEqual([...new Set(rules)].sort(), expected, scenario);
    assert.equal(expected.length === 0, scenario.endsWith('.benign'), scenario);
  }
}

export async function isSilentWithoutItsRule(
  system: System,
  scenes: Map<string, Scene>,
): Promise<void> {
  const name = 'poisoned-tool';
  const { expected } = scenes.get(name)!;
  const own = expected.map((rule) => join(system.data, 'rules', `${rule}.yml`));
  for (const [n, rule] of expected.entries()) {
    const text = readFileSync(join(REPOSITORY, 'packages/detect/rules', `${rule}.yml`), 'utf8');
    const unused = text.replaceAll('status: experimental', 'status: deprecated');
    assert.notEqual(unused, text);
    writeFileSync(own[n]!, unused);
  }
  await untilUsed(system, expected, false);
  const [scene] = await played(system, ENDED_BADLY, name);
  assert.deepEqual(scene?.raised, []);
  for (const file of own) rmSync(file);
  await untilUsed(system, expected, true);
}

async function untilUsed(system: System, rules: string[], isUsed: boolean): Promise<void> {
  await until(`${rules} in use: ${isUsed}`, RULES_MS_MAX, async () => {
    const { items } = await system.json<{ items: { id: string }[] }>('rules', 'list');
    const used = items.filter(({ id }) => rules.includes(id));
    return used.length === (isUsed ? rules.length : 0) || undefined;
  });
}
