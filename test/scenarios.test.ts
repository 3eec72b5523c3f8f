/**
 * The write-up's incidents and risks, from what emitters wrote to the alert: each scenario raises
 * its rules and no other, its twin raises nothing at all, and without its rules nothing is said.
 * Those that are acted out are played in scenarios.long.test.ts, as are these in a whole system.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { type AlertDraft, Engine, loadRules, type Rule, shippedRules } from '@vitrine/detect';
import { rawStream } from './rules/raw-stream.ts';
import { readPair, rulesOf, SCENARIOS, streamOf } from './scenarios/scenario.ts';

const { rules } = loadRules(shippedRules());

function alertsOf(text: string, used: Rule[] = rules): AlertDraft[] {
  const engine = new Engine(used);
  return rawStream(text).flatMap((row) => engine.observe(row));
}

function raisedBy(text: string, used?: Rule[]): string[] {
  return [...new Set(alertsOf(text, used).map(({ rule }) => rule))].sort();
}

test('every scenario says what happens and has a twin that is about the same', () => {
  const folders = readdirSync(new URL('scenarios/', import.meta.url));
  for (const name of SCENARIOS) {
    assert.ok(folders.includes(name) && folders.includes(`${name}.benign`), name);
    const [scenario, twin] = readPair(name);
    const rule = rules.find(({ id }) => id === scenario.expects);
    assert.ok(rule !== undefined, `${name}: there is no rule ${scenario.expects}`);
    assert.equal(scenario.severity, rule.level, name);
    const { expects, base, how } = twin;
    assert.deepEqual({ expects, base, how }, { expects: 'silence', base: name, how: scenario.how });
    assert.notEqual(twin.says, scenario.says);
  }
});

for (const name of SCENARIOS) {
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
    assert.deepEqual(raisedBy(text, without), scenario.also?.toSorted() ?? []);
  });
}
