/** Counting: what is counted, when, and by which groups. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALERT_EVIDENCE_MAX, type JsonObject } from '@vitrine/schema';
import { alertsOf, heard, Rows, refusalOf, rulesOf } from '../stream.fixture.ts';
import { counting, said } from './counting.fixture.ts';

const size = (bytes: number | string): JsonObject => ({ file: { bytes } });

test('event_count: so many within the timespan, once for each group and window', () => {
  const three = counting('event_count', 'condition: {gte: 3}');
  assert.deepEqual(said(three, [[0], [5], [10]]), ['3 3']);
  assert.deepEqual(said(three, [[0], [5], [10.001]]), []);
  assert.deepEqual(said(three, [[0], [5], [6], [7], [8]]), ['3 3']);
  assert.deepEqual(said(three, [[0], [1], [2], [12], [12.5], [13]]), ['3 3', '3 3']);
  assert.deepEqual(said(counting('event_count', 'condition: {gt: 3}'), [[0], [1], [2]]), []);
});

test('an alert with much evidence says all it would with little', () => {
  const rows = new Rows();
  const reads = Array.from({ length: ALERT_EVIDENCE_MAX + 5 }, (_, s) => {
    return rows.row('file.read', s / 10);
  });
  const many = counting('event_count', `condition: {gte: ${reads.length}}`);
  const [alert] = heard(rulesOf(many), rows, reads);
  assert.equal(alert!.evidence.length, ALERT_EVIDENCE_MAX);
  assert.equal(alert!.what, `${reads.length} ${reads.length}`);
  assert.deepEqual(alert!.event.match, { count: reads.length, value: reads.length });
});

test('a rule that is referred to raises nothing, unless the correlation generates it', () => {
  const rows = new Rows();
  const reads = [0, 1].map((s) => rows.row('file.read', s));
  const two = counting('event_count', 'condition: {gte: 2}');
  const rulesHeard = (yaml: string): string[] =>
    heard(rulesOf(yaml), rows, reads).map(({ rule }) => rule);
  assert.deepEqual(rulesHeard(two), ['T-001']);
  assert.deepEqual(rulesHeard(`${two}\ngenerate: true`), ['T-001.read', 'T-001']);
  assert.match(refusalOf(`${two}\ngenerate: maybe`), /RULE_INVALID generate/);
});

test('the group is the session by default, or what group-by names, across sessions', () => {
  const events: [number, JsonObject, string][] = [
    [0, { user: { id: 'a' } }, 's1'],
    [1, { user: { id: 'a' } }, 's2'],
    [2, { user: { id: 'b' } }, 's2'],
    [3, {}, 's1'],
    [3, {}, 's3'],
  ];
  const by = (groups: string): string[] =>
    said(counting('event_count', `${groups} condition: {gte: 2}`), events);
  assert.deepEqual(by(''), ['2 2', '2 2'], 'of s1 and of s2');
  assert.deepEqual(by('group-by: [user.id],'), ['2 2'], 'of a; a record without is in no group');
  assert.deepEqual(by('group-by: [user.id, session],'), []);
  assert.deepEqual(by('group-by: [open.user],'), ['2 2', '2 2'], 'as the collector says');
  assert.deepEqual(by('group-by: [kind],'), ['2 2']);
});

test('what is found across sessions is silent for its group, whichever session goes on', () => {
  const rows = new Rows();
  const burst = (s: number, session: string) =>
    [0, 1].map((i) => rows.row('file.read', s + i, { user: { id: 'a' } }, session));
  const silent = counting('event_count', 'group-by: [user.id], condition: {gte: 2}').replace(
    '1s',
    '15m',
  );
  const middle = [...burst(0, 's1'), ...burst(60, 's2'), ...burst(1_000, 's3')];
  const alerts = heard(rulesOf(silent), rows, middle);
  assert.deepEqual(
    alerts.map(({ subject }) => subject),
    ['s1', 's3'],
  );
});

test('value_count counts values, not records; of several fields together', () => {
  const hosts = counting('value_count', 'condition: {gte: 2, field: http.host}');
  const host = (name: unknown): JsonObject => ({ http: { host: name as string, port: 1 } });
  assert.deepEqual(said(hosts, [[0, host('a')], [1, host('A')], [2], [3, host('b')]]), ['3 2']);
  assert.deepEqual(
    said(hosts, [
      [0, host('a')],
      [1, host('a')],
    ]),
    [],
  );
  assert.deepEqual(
    said(hosts, [
      [0, host('a')],
      [11, host('b')],
    ]),
    [],
  );
  const both = hosts.replace('field: http.host', 'field: [http.host, http.port]');
  assert.deepEqual(
    said(both, [
      [0, host('a')],
      [1, { http: { host: 'a', port: 2 } }],
    ]),
    ['2 2'],
  );
});

test('value_sum, value_avg, value_percentile take numbers and decimal text', () => {
  const of = (type: string, condition: string): string =>
    counting(type, `condition: {field: file.bytes, ${condition}}`);
  const sizes: [number, JsonObject][] = [
    [0, size(10)],
    [1, size('20.5')],
    [2, size('many')],
    [3, size(30)],
  ];
  assert.deepEqual(said(of('value_sum', 'gt: 60'), sizes), ['3 60.5']);
  assert.deepEqual(said(of('value_sum', 'gt: 60.5'), sizes), []);
  assert.deepEqual(said(of('value_avg', 'gte: 20'), sizes), ['3 20.166666666666668']);
  assert.deepEqual(said(of('value_percentile', 'percentile: 50, gte: 20'), sizes), ['3 20.5']);
  assert.deepEqual(said(of('value_percentile', 'percentile: 100, gt: 29'), sizes), ['3 30']);
});

test('lt, lte, eq, neq and ranges judge a whole window, when it is over', () => {
  const of = (condition: string): string => counting('event_count', `condition: {${condition}}`);
  assert.deepEqual(said(of('lt: 3'), [[0], [9], [20], [21], [22]]), ['2 2']);
  assert.deepEqual(said(of('eq: 3'), [[0], [9], [20], [21], [22], [23]]), []);
  assert.deepEqual(said(of('gte: 2, lte: 3'), [[0], [20], [21], [22]]), ['3 3']);
  assert.deepEqual(said(of('neq: 1'), [[0], [20], [21]]), ['2 2']);
  const rows = new Rows();
  const closing = [rows.open(), rows.row('file.read', 0), rows.row('close', 1)];
  assert.equal(alertsOf(rulesOf(of('lt: 3')), closing).length, 1, 'the session ends the window');
});
