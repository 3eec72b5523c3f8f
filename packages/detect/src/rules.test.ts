/**
 * Every shipped rule against the linter, and those with streams of records against these. The raw
 * ones beside them are taken by `test/rules`, where it is counted that each rule has enough.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Json } from '@vitrine/schema';
import type { AlertDraft } from './alert.ts';
import { Engine } from './engine.ts';
import { lintRules } from './lint.ts';
import { loadRules } from './load.ts';
import { SHIPPED_RULES, shippedRules } from './shipped.ts';
import { parseStream } from './stream.ts';

const files = shippedRules();
const { rules, refused } = loadRules(files);
const withStreams = readdirSync(new URL('streams/', SHIPPED_RULES));
const ofRecords = withStreams.filter((id) => streamNames(id).length > 0);

function streamNames(id: string): string[] {
  const names = readdirSync(new URL(`streams/${id}/`, SHIPPED_RULES));
  return names.filter((name) => name.endsWith('.jsonl')).sort();
}

function streamText(id: string, name: string): string {
  return readFileSync(new URL(`streams/${id}/${name}`, SHIPPED_RULES), 'utf8');
}

function alertsOf(id: string, name: string): AlertDraft[] {
  const engine = new Engine(rules);
  const rows = parseStream(streamText(id, name));
  return rows.flatMap((row) => engine.observe(row)).filter((alert) => alert.rule === id);
}

test('all shipped rules load, and the linter has nothing to say', () => {
  assert.deepEqual(refused, []);
  assert.deepEqual(lintRules(files), []);
  const ids = new Set(rules.map(({ id }) => id));
  assert.deepEqual(
    withStreams.filter((id) => !ids.has(id)),
    [],
  );
});

for (const rule of rules.filter(({ id }) => ofRecords.includes(id))) {
  const names = streamNames(rule.id);
  const firing = names.filter((name) => name.startsWith('fires-'));

  test(`${rule.id} fires once on each firing stream, and says what it found`, () => {
    assert.ok(firing.length > 0);
    for (const name of firing) {
      const alerts = alertsOf(rule.id, name);
      assert.equal(alerts.length, 1, name);
      const [alert] = alerts;
      assert.equal(alert!.severity, rule.level);
      assert.equal(alert!.host.name, 'build-7');
      assert.ok(!/[{}]/.test(alert!.what), alert!.what);
      for (const tag of rule.tags) assert.ok(alert!.tags.includes(tag));
    }
  });

  test(`${rule.id} is silent on the twins, each of which differs in one fact`, () => {
    const twins = names.filter((name) => name.startsWith('silent-'));
    assert.deepEqual(
      twins,
      firing.map((name) => name.replace('fires-', 'silent-')),
    );
    for (const name of twins) {
      assert.deepEqual(alertsOf(rule.id, name), [], name);
      const other = streamText(rule.id, name.replace('silent-', 'fires-'));
      assert.equal(differences(lines(other), lines(streamText(rule.id, name))), 1, name);
    }
  });
}

function lines(text: string): Json {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
}

/** Members and elements in which two values differ. */
function differences(a: Json | undefined, b: Json | undefined): number {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b ? 0 : 1;
  }
  const [left, right] = [a, b] as Record<string, Json>[];
  const keys = new Set([...Object.keys(left!), ...Object.keys(right!)]);
  return [...keys].reduce((sum, key) => sum + differences(left![key], right![key]), 0);
}
