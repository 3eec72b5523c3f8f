/**
 * Every shipped rule against its streams of records, the linter and the specification's schema. The
 * streams of raw output are in `test/rules`, where it is counted that each rule has enough of both.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Json } from '@vitrine/schema';
import { parse } from 'yaml';
import type { AlertDraft } from './alert.ts';
import { Engine } from './engine.ts';
import { lintRules } from './lint.ts';
import { loadRules } from './load.ts';
import { SHIPPED_RULES, shippedRules } from './shipped.ts';
import { parseStream } from './stream.ts';

const VECTORS = new URL('../../../test/vectors/sigma/', import.meta.url);
const files = shippedRules();
const { rules, refused } = loadRules(files);
const withStreams = readdirSync(new URL('streams/', SHIPPED_RULES));

function streamNames(id: string): string[] {
  return readdirSync(new URL(`streams/${id}/`, SHIPPED_RULES)).sort();
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

for (const rule of rules.filter(({ id }) => withStreams.includes(id))) {
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

interface Schema {
  type?: string;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  oneOf?: { const: string }[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  uniqueItems?: boolean;
  format?: string;
}

/** The keywords that the specification's schema uses, at the levels it uses them. */
function violations(schema: Schema, value: unknown, at: string): string[] {
  const found: string[] = [];
  const kind = Array.isArray(value) ? 'array' : typeof value;
  if (schema.type !== undefined && schema.type !== kind) return [`${at}: ${kind}`];
  if (typeof value === 'string') {
    if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) found.push(at);
    if (value.length > (schema.maxLength ?? value.length)) found.push(`${at}: too long`);
    if (value.length < (schema.minLength ?? 0)) found.push(`${at}: too short`);
    const allowed = schema.oneOf?.map((choice) => choice.const);
    if (allowed !== undefined && !allowed.includes(value)) found.push(`${at}: ${value}`);
    if (schema.format === 'uuid' && !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(value)) {
      found.push(`${at}: no uuid`);
    }
  } else if (Array.isArray(value)) {
    if (schema.uniqueItems && new Set(value).size !== value.length) found.push(`${at}: doubled`);
    for (const item of value) found.push(...violations(schema.items ?? {}, item, at));
  } else if (typeof value === 'object' && value !== null) {
    const object = value as Record<string, unknown>;
    for (const name of schema.required ?? []) {
      if (!Object.hasOwn(object, name)) found.push(`${at}.${name} is missing`);
    }
    for (const [name, inner] of Object.entries(schema.properties ?? {})) {
      if (Object.hasOwn(object, name)) found.push(...violations(inner, object[name], name));
    }
  }
  return found;
}

test('every shipped rule and every valid rule of the specification satisfies its schema', () => {
  const text = readFileSync(new URL('sigma-detection-rule-schema.json', VECTORS), 'utf8');
  const schema = JSON.parse(text) as Schema;
  const examples = readdirSync(new URL('examples/', VECTORS)).filter((n) => n.startsWith('rules-'));
  for (const name of examples) {
    const example = readFileSync(new URL(`examples/${name}`, VECTORS), 'utf8');
    assert.deepEqual(violations(schema, parse(example), name), []);
  }
  for (const { name, text } of files) assert.deepEqual(violations(schema, parse(text), name), []);
  assert.deepEqual(violations(schema, { title: 5, level: 'bad', tags: ['X'] }, 'x').length, 5);
});

test('every valid example of the specification loads or is refused by name and reason', () => {
  const names = readdirSync(new URL('examples/', VECTORS)).sort();
  const { rules, refused } = loadRules(
    names.map((name) => ({
      name,
      text: readFileSync(new URL(`examples/${name}`, VECTORS), 'utf8'),
    })),
  );
  assert.equal(rules.length + refused.length, names.length);
  assert.deepEqual(
    Object.fromEntries(refused.map(({ file, code, reason }) => [file, `${code} ${reason}`])),
    Object.fromEntries([
      ...[
        'event_count',
        'event_count_ecs',
        'temporal',
        'temporal_ordered',
        'value_avg',
        'value_count',
        'value_percentile',
        'value_sum',
      ].map((type) => [
        `correlation-${type}.yml`,
        `RULE_UNSUPPORTED correlation ${type.replace('_ecs', '')} is not supported`,
      ]),
      ['filter-filter_1.yml', 'RULE_UNSUPPORTED filters are not supported'],
      ['filter-filter_ecs.yml', 'RULE_UNSUPPORTED filters are not supported'],
      [
        'rules-rule_1.yml',
        'RULE_UNSUPPORTED logsource.product windows: only agent_sandbox is here',
      ],
      [
        'rules-rule_ecs.yml',
        'RULE_UNSUPPORTED taxonomy ecs is not supported: fields are those of a record',
      ],
    ]),
  );
});

test('an example of the specification runs when it is about this product', () => {
  const text = readFileSync(new URL('examples/rules-rule_1.yml', VECTORS), 'utf8');
  const ours = text
    .replace('product: windows', 'product: agent_sandbox')
    .replace('service: application', 'category: process');
  const loaded = loadRules([{ name: 'rule_1.yml', text: ours }]);
  assert.deepEqual(loaded.refused, []);
  const engine = new Engine(loaded.rules);
  const open = { kind: 'open', session: 's', shim: 'sup', t: '1' };
  const exec = { kind: 'process.exec', session: 's', shim: 'b', t: '2' };
  const stream = [
    { vantage: '', record: open },
    { vantage: 'guest', record: { ...exec, Provider_Name: 'application error' } },
    { vantage: 'guest', record: { ...exec, Provider_Name: 'other' } },
  ];
  const rows = parseStream(stream.map((line) => JSON.stringify(line)).join('\n'));
  assert.deepEqual(
    rows.map((row) => engine.observe(row).length),
    [0, 1, 0],
  );
});
