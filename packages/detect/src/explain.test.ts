/** What a rule is said to ask, and what is said of an event it was asked about. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import { judgeEvent, outlineRule } from './explain.ts';
import { shippedRules } from './shipped.ts';

const textOf = (id: string): string =>
  shippedRules().find(({ name }) => name === `${id}.yml`)!.text;

function event(kind: string, vantage: string, record: JsonObject) {
  const place = { log: 'l', index: 7, leaf: '', session: 's', shim: 'in' };
  return { ...place, kind, vantage, record: { kind, ...record } };
}

test('a rule by itself: its kinds, its selections, their lines', () => {
  const { status, parts, correlations, stateful } = outlineRule(textOf('EGR-001'));
  assert.equal(status, 'experimental');
  assert.deepEqual([correlations, stateful], [[], {}]);
  assert.equal(parts.length, 1);
  const [{ name, kinds, vantage, condition, selections }] = parts as [(typeof parts)[0]];
  assert.deepEqual([name, kinds, vantage], ['egr_001', ['egress.request'], null]);
  assert.equal(condition, 'allowed and foreign');
  const line = { field: 'http.host', modifiers: ['expand'], values: ['%provider_hosts%'] };
  assert.deepEqual(selections[0], { name: 'allowed', alternatives: [[line]] });
});

test('of an event the line that did not hold is named, with what was found', () => {
  const open = { credentials: ['aa'], hosts: ['api.example'] };
  const http = { host: 'API.example', auth_fp: 'aa' };
  const judge = (http: JsonObject, kind = 'egress.request') =>
    judgeEvent(textOf('EGR-001'), event(kind, 'boundary', { http }), open)[0]!;
  const own = judge(http);
  assert.deepEqual([own.kindHeld, own.vantageHeld, own.held], [true, true, false]);
  const [allowed, foreign] = own.selections;
  assert.deepEqual([allowed!.held, foreign!.held], [true, false]);
  assert.equal(allowed!.alternatives[0]![0]!.found, 'API.example');
  assert.equal(foreign!.alternatives[0]![0]!.found, true);
  assert.equal(judge({ ...http, auth_fp: 'bb' }).held, true);
  assert.equal(judge({ ...http, auth_fp: 'bb' }, 'net.connect').kindHeld, false);
  const nowhere = judge({ auth_fp: 'bb' });
  assert.equal(nowhere.selections[0]!.alternatives[0]![0]!.found, undefined);
});

test('a correlation that asks for a fall says so', () => {
  const { stateful, correlations } = outlineRule(textOf('APR-002'));
  assert.deepEqual(stateful, { falling: { field: 'decision.latency_ms', first: 20, by: 0.5 } });
  assert.equal(correlations[0]!.type, 'value_avg');
});

test('a rule about two records has its partner beside it, and an observer that counts', () => {
  const { parts, stateful } = outlineRule(textOf('TEL-013'));
  assert.deepEqual(
    parts.map(({ name }) => name),
    ['tel_013', 'partner'],
  );
  assert.equal((stateful.absence as JsonObject).before, '5s');
  const exec = event('process.exec', 'agent', { process: { exe: '/bin/ls' } });
  const [own, partner] = judgeEvent(textOf('TEL-013'), exec, undefined);
  assert.deepEqual([own!.held, own!.kindHeld, own!.vantageHeld], [true, true, false]);
  assert.equal(partner!.held, false);
});

test('every shipped rule is taken apart, and each of its lines can be asked by itself', () => {
  const row = event('process.exec', 'host', { process: { exe: '/bin/ls' } });
  for (const { name, text } of shippedRules()) {
    const parts = judgeEvent(text, row, undefined);
    assert.ok(parts.length > 0, name);
    for (const part of parts) assert.ok(part.selections.length > 0, name);
  }
});
