/**
 * Shipped rules from what emitters write to the alert: every firing stream and its silent twin,
 * which differs in one fact; and the recordings of real work.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type AlertDraft, Engine, loadRules, SHIPPED_RULES, shippedRules } from '@vitrine/detect';
import type { Json } from '@vitrine/schema';
import { rawStream } from './raw-stream.ts';

const HERE = new URL('./', import.meta.url);
const STREAMS = new URL('streams/', SHIPPED_RULES);
const VECTORS = '../vectors/claude-code/';
const STREAMS_MIN = 2;
/** When the recorded session of Claude Code is put, for hooks have no time. */
const START_S = 1_795_425_180;
const { rules } = loadRules(shippedRules());
const folders = readdirSync(STREAMS).sort();

function namesOf(id: string, form: 'fires' | 'silent'): string[] {
  const names = readdirSync(new URL(`${id}/`, STREAMS)).filter((name) => name.endsWith('.txt'));
  const own = names.filter((name) => name.startsWith(form));
  return own.map((name) => name.slice(form.length)).sort();
}

function textOf(id: string, name: string): string {
  return readFileSync(new URL(`${id}/${name}`, STREAMS), 'latin1');
}

function alertsOf(text: string, whole = false): AlertDraft[] {
  const engine = new Engine(rules);
  return rawStream(text, whole).flatMap((row) => engine.observe(row));
}

function recorded(file: string, base = '../../packages/shim/fixtures/'): string[] {
  const text = readFileSync(new URL(base + file, HERE), 'latin1');
  return text.split('\n').filter((line) => line !== '');
}

test('every shipped rule has streams of raw output', () => {
  assert.deepEqual(rules.map(({ id }) => id).sort(), folders);
  for (const id of folders) {
    for (const form of ['fires', 'silent'] as const) {
      assert.ok(namesOf(id, form).length >= STREAMS_MIN, `${id}: ${form}`);
    }
  }
});

for (const id of folders) {
  test(`${id} from raw output: fires once, and is silent on the twin`, () => {
    const rule = rules.find((one) => one.id === id)!;
    const of = (name: string): AlertDraft[] =>
      alertsOf(textOf(id, name)).filter((alert) => alert.rule === id);
    const names = namesOf(id, 'fires');
    assert.deepEqual(namesOf(id, 'silent'), names);
    for (const name of names) {
      const [alert, ...more] = of(`fires${name}`);
      assert.ok(alert !== undefined && more.length === 0, `fires${name}: ${more.length}`);
      assert.equal(alert.severity, rule.level);
      assert.equal(alert.host.name, 'build-7');
      assert.ok(!/[{}]/.test(alert.what), alert.what);
      assert.deepEqual(of(`silent${name}`), [], name);
      assert.equal(changes(textOf(id, `fires${name}`), textOf(id, `silent${name}`)).size, 1, name);
    }
  });
}

test('a real session of Claude Code, hooks and telemetry, raises nothing', () => {
  const hooks = recorded('hooks.jsonl', VECTORS).map((line, i) => `hook ${START_S + i}.5 ${line}`);
  const requests = recorded('otlp-json.jsonl', VECTORS).map((line) => JSON.parse(line));
  const logs = requests.filter(({ url }) => url === '/v1/logs');
  const lines = [...hooks, ...logs.map(({ body }) => `otlp ${JSON.stringify(body)}`)];
  assert.ok(hooks.length > 50 && logs.length > 0);
  // Nobody traced it: without the plumbing no rule waits for what a tracer would have seen.
  assert.deepEqual(alertsOf(lines.join('\n'), true), []);
});

for (const source of ['strace', 'gvisor', 'bpftrace']) {
  test(`the recorded workload under ${source} raises what it does on purpose, no more`, () => {
    const grants = [
      { path: '/tmp/rec/ws', mode: 'rw' },
      { path: '/tmp/rec/ro', mode: 'ro' },
    ];
    const lines = recorded(`${source}.txt`).slice(1);
    const text = [
      `open ${JSON.stringify({ grants })}`,
      ...lines.map((line) => `${source} ${line}`),
    ];
    const found = alertsOf(text.join('\n'), true).map(({ rule }) => rule);
    assert.deepEqual(found, ['FS-002', 'FS-001', 'FS-011']);
  });
}

/** Changes from one stream to the other; one that is made in several places counts once. */
function changes(a: string, b: string): Set<string> {
  const [left, right] = [a.split('\n'), b.split('\n')];
  assert.equal(left.length, right.length);
  const found = left.flatMap((line, i) => {
    // What only one of both has is a remark in the other.
    if (line === `# ${right[i]}` || `# ${line}` === right[i]) return [line];
    const [before, json] = cutJson(line);
    const [after, otherJson] = cutJson(right[i]!);
    return [...(before === after ? [] : [`${before} > ${after}`]), ...valuesApart(json, otherJson)];
  });
  return new Set(found);
}

function cutJson(line: string): [string, Json] {
  const at = line.indexOf(' {"');
  return at < 0 ? [line, null] : [line.slice(0, at), JSON.parse(line.slice(at + 1)) as Json];
}

function valuesApart(a: Json | undefined, b: Json | undefined): string[] {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b ? [] : [`${a} > ${b}`];
  }
  const [left, right] = [a, b] as Record<string, Json>[];
  const keys = new Set([...Object.keys(left!), ...Object.keys(right!)]);
  return [...keys].flatMap((key) => valuesApart(left![key], right![key]));
}
