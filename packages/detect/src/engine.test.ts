/** The engine over rows: who describes a session, order, silence, bounds, what alerts say. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  ALERT_DRAFT_BYTES_MAX,
  BATCH_RECORDS_MAX,
  DETECT_ALERTS_PER_RULE_MAX,
  DETECT_SESSIONS_MAX,
  type JsonObject,
} from '@vitrine/schema';
import type { AlertDraft } from './alert.ts';
import { Engine } from './engine.ts';
import type { DetectInput } from './input.ts';
import { loadRules } from './load.ts';
import type { Rule } from './rule.ts';
import { shippedRules } from './shipped.ts';

const RULES = loadRules(shippedRules()).rules;
const SECOND = 1_000_000_000n;
const START = 1_795_425_180n * SECOND;

let index = 0;
function row(session: string, shim: string, kind: string, fields: JsonObject = {}): DetectInput {
  index++;
  const leaf = createHash('sha256').update(String(index)).digest('base64');
  const record = { kind, session, shim, t: String(START), ...fields };
  const vantage = shim === 'sup' ? '' : 'boundary';
  return { log: 'default.0.1', index, leaf, session, shim, vantage, kind, record };
}

function open(session: string, fields: JsonObject = {}): DetectInput {
  return row(session, 'sup', 'open', {
    host: { name: 'h1', edr: { vendor: 'v', device_id: 'd' } },
    credentials: ['own'],
    hosts: ['api.example.com'],
    grants: [],
    ...fields,
  });
}

function request(session: string, fp: string, t = START, shim = 'b1.boundary'): DetectInput {
  const http = { host: 'api.example.com', method: 'POST', path: '/v1/files', auth_fp: fp };
  return row(session, shim, 'egress.request', { t: String(t), http });
}

function run(rows: DetectInput[], rules: Rule[] = RULES): AlertDraft[] {
  const engine = new Engine(rules);
  return rows.flatMap((input) => engine.observe(input));
}

test('an alert says what, where, who could have lied, and what to do', () => {
  const fired = request('s', 'foreign');
  const [alert, ...rest] = run([open('s'), fired]);
  assert.deepEqual(rest, []);
  const evidence = [{ index: fired.index, leaf: fired.leaf, log: 'default.0.1' }];
  const canonical = JSON.stringify({ evidence, rule: 'EGR-001', subject: 's' });
  const id = `alr_${createHash('sha256').update(canonical).digest('hex').slice(0, 32)}`;
  assert.deepEqual(
    { ...alert, tags: [], todo: '' },
    {
      id,
      rule: 'EGR-001',
      title: 'Foreign credential on an allowed provider host',
      severity: 'critical',
      subject: 's',
      vantage: 'boundary',
      what:
        'POST /v1/files to api.example.com carried a credential (foreign) that was not given to ' +
        'this session; the answer was unknown.',
      todo: '',
      evidence,
      host: { name: 'h1', edr: { vendor: 'v', device_id: 'd' } },
      tags: [],
      event: {
        kind: 'egress.request',
        http: { host: 'api.example.com', method: 'POST', path: '/v1/files', auth_fp: 'foreign' },
      },
    },
  );
  assert.ok(alert!.tags.includes('attack-v18.t1567'));
  assert.ok(alert!.tags.includes('ase.risk.external_attacker'));
});

test('only sup describes a session, and nothing of the log itself is read', () => {
  const forged = { ...open('s', { credentials: ['foreign'] }), shim: 'b1.boundary' };
  assert.equal(run([open('s'), forged, request('s', 'foreign')]).length, 1);
  const unknown = [
    { ...open('s'), shim: 'b1.guest' },
    request('s', 'foreign'),
    row('t', 'sup', 'open'),
  ];
  assert.deepEqual(run(unknown), [], 'without an open of sup no host is allowed');
  for (const shim of ['alert', 'admit', 'audit', 'receipt']) {
    assert.deepEqual(run([row('log', 'sup', 'open'), row('log', shim, 'telemetry.gap')]), []);
  }
  assert.deepEqual(run([row('', '', 'seal')]), []);
});

test('rows that stand before their open in a batch are judged with it', () => {
  const early = [request('s', 'foreign'), request('s', 'own'), open('s')];
  assert.deepEqual(
    run(early).map(({ evidence }) => evidence[0]!.index),
    [early[0]!.index],
  );
  const engine = new Engine(RULES);
  assert.deepEqual(engine.observe(request('a', 'foreign')), []);
  const gap = row('b', 'b1.guest', 'telemetry.gap');
  assert.deepEqual(engine.observe(gap), []);
  assert.equal(engine.observe(row('', '', 'seal')).length, 1, 'the batch has ended');
});

test('the rows that wait for an open are bounded', () => {
  const engine = new Engine(RULES);
  let alerts = 0;
  for (let i = 0; i <= BATCH_RECORDS_MAX; i++) {
    const reason = `r${i % 3}`;
    alerts += engine.observe(row('s', 'b', i < 3 ? 'telemetry.gap' : 'other', { reason })).length;
    if (i < BATCH_RECORDS_MAX) assert.equal(alerts, 0);
  }
  assert.equal(alerts, 3);
});

test('the same rows give the same alerts, in any batches and after new rules', () => {
  const rows = ['a', 'b', 'c'].flatMap((session) => [
    request(session, 'x'),
    request(session, 'own'),
    row(session, 'b1.guest', 'telemetry.drop', { reason: 'full' }),
    open(session),
    request(session, 'y'),
  ]);
  const expected = run(rows);
  assert.equal(expected.length, 9);
  const engine = new Engine([]);
  engine.replace(RULES);
  const again = rows.flatMap((input, i) => {
    if (i === 7) engine.replace([...RULES]);
    return engine.observe(input);
  });
  assert.deepEqual(again, expected);
});

test('a loop raises one alert, until its time is over or its key is another', () => {
  const minutes = (count: number): bigint => START + BigInt(count) * 60n * SECOND;
  const times = [0, 1, 14, 15, 16, 3];
  const loop = times.map((count) => request('s', 'x', minutes(count)));
  const fired = run([open('s'), ...loop]).map(({ evidence }) => evidence[0]!.index);
  assert.deepEqual(fired, [loop[0]!.index, loop[3]!.index], 'a step back does not count');
  assert.equal(run([open('s'), request('s', 'x'), request('s', 'y')]).length, 2);
  assert.equal(run([open('s'), request('s', 'x'), open('t'), request('t', 'x')]).length, 2);
  const closed = [request('s', 'x'), row('s', 'sup', 'close'), open('s'), request('s', 'x')];
  assert.equal(run([open('s'), ...closed]).length, 2, 'a session that closed is forgotten');
});

test('keys that are made up one by one are held to a number of alerts', () => {
  const rows = Array.from({ length: DETECT_ALERTS_PER_RULE_MAX + 50 }, (_, i) =>
    request('s', `key${i}`),
  );
  assert.equal(run([open('s'), ...rows]).length, DETECT_ALERTS_PER_RULE_MAX + 1);
});

test('of too many open sessions the longest unheard is forgotten', () => {
  const engine = new Engine(RULES);
  for (let i = 0; i < DETECT_SESSIONS_MAX; i++) engine.observe(open(`s${i}`));
  assert.equal(engine.observe(request('s0', 'x')).length, 1);
  engine.observe(open('one-more'));
  assert.equal(engine.observe(request('s0', 'y')).length, 1, 's0 was heard');
  engine.observe(request('s1', 'x'));
  assert.equal(engine.observe(row('', '', 'seal')).length, 0, 's1 was not');
});

test('words of the record are cut and cleaned, and an alert fits its bound', () => {
  const hostile = `\u202e\u001b[31m${'漢'.repeat(4_000)}`;
  const fired = request('s', 'x');
  fired.record.http = {
    host: 'api.example.com',
    auth_fp: hostile,
    method: hostile,
    path: hostile,
    function: hostile,
  };
  const host = { name: hostile, process: { exe: hostile, pid: 1 }, os: hostile, list: [hostile] };
  const [alert] = run([open('s', { host }), fired]);
  const text = JSON.stringify(alert);
  assert.ok(Buffer.byteLength(text) <= ALERT_DRAFT_BYTES_MAX, String(Buffer.byteLength(text)));
  assert.ok(!/[\u202e\u001b]/.test(alert!.what + JSON.stringify(alert!.event)));
  assert.equal(alert!.event.kind, 'egress.request');
});

test('a gap that the collector tells of stands on the collector’s word', () => {
  const target = { chain: 's/b1.guest' };
  const [alert] = run([open('s'), row('s', 'sup', 'gap', { target, reason: 'evicted' })]);
  assert.equal(alert!.vantage, 'host');
  assert.deepEqual(alert!.event, { kind: 'gap', target, reason: 'evicted' });
});
