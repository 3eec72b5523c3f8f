/**
 * The write-up's incidents and risks, from what emitters wrote to the alert: each scenario raises
 * its rules and no other, its twin raises nothing at all, and without its rules nothing is said.
 * Those that are run are played in acceptance/analyst.test.ts, as are these in a whole system.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { type AlertDraft, Engine, loadRules, type Rule, shippedRules } from '@vitrine/detect';
import {
  readScenario,
  rulesOf,
  SCENARIO_NAMES,
  type Scenario,
  streamOf,
} from '../apps/cli/src/demo/scenario.ts';
import { rawStream } from './rules/raw-stream.ts';

const FOLDER = new URL('scenarios/', import.meta.url);
const { rules } = loadRules(shippedRules());

/** The scenario and its twin. */
function readPair(name: string): [Scenario, Scenario] {
  return [readScenario(name), readScenario(`${name}.benign`)];
}

function alertsOf(text: string, used: Rule[] = rules): AlertDraft[] {
  const engine = new Engine(used);
  return rawStream(text).flatMap((row) => engine.observe(row));
}

function raisedBy(text: string, used?: Rule[]): string[] {
  return [...new Set(alertsOf(text, used).map(({ rule }) => rule))].sort();
}

test('every scenario says what happens and has a twin that is about the same', () => {
  const folders = readdirSync(FOLDER);
  for (const name of SCENARIO_NAMES) {
    assert.ok(folders.includes(name) && folders.includes(`${name}.benign`), name);
    const [scenario, twin] = readPair(name);
    const rule = rules.find(({ id }) => id === scenario.expects);
    assert.ok(rule !== undefined, `${name}: there is no rule ${scenario.expects}`);
    const { expects, base, how } = twin;
    assert.deepEqual({ expects, base, how }, { expects: 'silence', base: name, how: scenario.how });
    assert.notEqual(twin.says, scenario.says);
  }
});

for (const name of SCENARIO_NAMES) {
  const [scenario, twin] = readPair(name);
  if (scenario.how !== 'stream') continue;
  test(`${name} raises ${rulesOf(scenario).join(', ')}, its twin nothing`, () => {
    const text = streamOf(scenario);
    const expected = rulesOf(scenario);
    assert.deepEqual(raisedBy(text), expected);
    assert.deepEqual(alertsOf(streamOf(twin)), []);
    const others = rules.filter(({ id }) => !expected.includes(id));
    assert.deepEqual(raisedBy(text, others), [], 'without its rules');
    const without = rules.filter(({ id }) => id !== scenario.expects);
    assert.deepEqual(raisedBy(text, without), scenario.also.toSorted());
  });
}
