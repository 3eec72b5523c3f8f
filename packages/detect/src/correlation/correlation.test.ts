/** Correlations: what is counted, when, by which groups; what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ALERT_EVIDENCE_MAX,
  DETECT_CORRELATED_MAX,
  DETECT_GROUPS_PER_RULE_MAX,
  DETECT_HELD_PER_GROUP_MAX,
  DETECT_TIMESPAN_MS_MAX,
  type JsonObject,
} from '@vitrine/schema';
import type { AlertDraft } from '../alert.ts';
import { Engine } from '../engine.ts';
import { alertsOf, base, documents, heard, Rows, refusalOf, rulesOf } from '../stream.fixture.ts';

const READ = base('read', 'file.read');

function correlation(type: string, more: string, rules = '[read]', outer = ''): string {
  return `title: c
correlation: {type: ${type}, rules: ${rules}, timespan: 10s, ${more}}
fields: [match.count, match.value]
x-vitrine: {what: "{match.count} {match.value}", suppress: {for: 1s}}
${outer}`;
}

function text(type: string, more: string): string {
  return documents(READ, correlation(type, more));
}

/** What each alert says of reads at these seconds with these members. */
function said(yaml: string, reads: [seconds: number, fields?: JsonObject, session?: string][]) {
  const rows = new Rows();
  const middle = reads.map(([s, fields, session]) => rows.row('file.read', s, fields, session));
  return heard(rulesOf(yaml), rows, middle).map(({ what }) => what);
}

const size = (bytes: number | string): JsonObject => ({ file: { bytes } });

test('event_count: so many within the timespan, once for each group and window', () => {
  const three = text('event_count', 'condition: {gte: 3}');
  assert.deepEqual(said(three, [[0], [5], [10]]), ['3 3']);
  assert.deepEqual(said(three, [[0], [5], [10.001]]), []);
  assert.deepEqual(said(three, [[0], [5], [6], [7], [8]]), ['3 3']);
  assert.deepEqual(said(three, [[0], [1], [2], [12], [12.5], [13]]), ['3 3', '3 3']);
  assert.deepEqual(said(text('event_count', 'condition: {gt: 3}'), [[0], [1], [2]]), []);
});

test('a rule that is referred to raises nothing, unless the correlation generates it', () => {
  const rows = new Rows();
  const reads = [0, 1].map((s) => rows.row('file.read', s));
  const two = text('event_count', 'condition: {gte: 2}');
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
    said(text('event_count', `${groups} condition: {gte: 2}`), events);
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
  const silent = text('event_count', 'group-by: [user.id], condition: {gte: 2}').replace(
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
  const hosts = text('value_count', 'condition: {gte: 2, field: http.host}');
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
    text(type, `condition: {field: file.bytes, ${condition}}`);
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
  const of = (condition: string): string => text('event_count', `condition: {${condition}}`);
  assert.deepEqual(said(of('lt: 3'), [[0], [9], [20], [21], [22]]), ['2 2']);
  assert.deepEqual(said(of('eq: 3'), [[0], [9], [20], [21], [22], [23]]), []);
  assert.deepEqual(said(of('gte: 2, lte: 3'), [[0], [20], [21], [22]]), ['3 3']);
  assert.deepEqual(said(of('neq: 1'), [[0], [20], [21]]), ['2 2']);
  const rows = new Rows();
  const closing = [rows.open(), rows.row('file.read', 0), rows.row('close', 1)];
  assert.equal(alertsOf(rulesOf(of('lt: 3')), closing).length, 1, 'the session ends the window');
});

const STEPS = documents(
  base('a', 'file.read'),
  base('b', 'file.write'),
  base('c', 'file.delete'),
  correlation('TYPE', 'group-by: [session]', '[a, b, c]'),
);

function steps(yaml: string, kinds: [string, number][]): number {
  const rows = new Rows();
  const middle = kinds.map(([kind, s]) => rows.row(`file.${kind}`, s));
  return heard(rulesOf(yaml), rows, middle).length;
}

test('temporal: all of them in any order; temporal_ordered: in theirs', () => {
  const any = STEPS.replace('TYPE', 'temporal');
  const ordered = STEPS.replace('TYPE', 'temporal_ordered');
  const both = (kinds: [string, number][]): number[] => [steps(any, kinds), steps(ordered, kinds)];
  assert.deepEqual(
    both([
      ['read', 0],
      ['write', 5],
      ['delete', 10],
    ]),
    [1, 1],
  );
  assert.deepEqual(
    both([
      ['delete', 0],
      ['write', 5],
      ['read', 10],
    ]),
    [1, 0],
  );
  assert.deepEqual(
    both([
      ['read', 0],
      ['write', 5],
      ['delete', 10.1],
    ]),
    [0, 0],
  );
  assert.deepEqual(
    both([
      ['read', 0],
      ['write', 5],
    ]),
    [0, 0],
  );
  // The sequence that began last is the one that counts.
  assert.deepEqual(
    both([
      ['read', 0],
      ['read', 4],
      ['write', 5],
      ['delete', 12],
    ]),
    [1, 1],
  );
  assert.deepEqual(
    both([
      ['read', 0],
      ['write', 1],
      ['read', 4],
      ['delete', 12],
    ]),
    [0, 0],
  );
  const two = any.replace('group-by: [session]', 'group-by: [session], condition: {gte: 2}');
  assert.equal(
    steps(two, [
      ['read', 0],
      ['delete', 3],
    ]),
    1,
  );
  assert.equal(
    steps(two, [
      ['read', 0],
      ['read', 3],
    ]),
    0,
  );
});

test('one record is not two steps of a sequence, but meets two rules of a temporal', () => {
  const two = documents(READ, base('also', 'file.*'), correlation('TYPE', '', '[read, also]'));
  assert.equal(steps(two.replace('TYPE', 'temporal'), [['read', 0]]), 1);
  assert.equal(steps(two.replace('TYPE', 'temporal_ordered'), [['read', 0]]), 0);
  assert.equal(
    steps(two.replace('TYPE', 'temporal_ordered'), [
      ['read', 0],
      ['read', 1],
    ]),
    1,
  );
});

test('an alias is another field in each rule', () => {
  const yaml = documents(
    READ,
    base('sent', 'egress.request'),
    correlation(
      'temporal_ordered',
      'group-by: [path], aliases: {path: {read: file.path, sent: http.path}}',
      '[read, sent]',
    ),
  );
  const rows = new Rows();
  const run = (path: string): number =>
    heard(rulesOf(yaml), rows, [
      rows.row('file.read', 0, { file: { path: '/a' } }),
      rows.row('egress.request', 1, { http: { path } }, 'other'),
    ]).length;
  assert.deepEqual([run('/a'), run('/b')], [1, 0]);
  assert.match(refusalOf(yaml.replace(', sent: http.path', '')), /path has no field of sent/);
  assert.match(refusalOf(yaml.replace('[path]', '[p]')), /no group-by has it/);
});

const CHAIN = documents(
  READ,
  base('sent', 'egress.request'),
  `title: many
name: many
correlation: {type: event_count, rules: [read], group-by: [file.path], timespan: 10s, condition: {gte: 3}}`,
  correlation('temporal_ordered', 'group-by: [session]', '[many, sent]'),
);

test('a correlation of correlations: the outermost alone alerts, by its own groups', () => {
  const rows = new Rows();
  const read = (s: number, path: string) => rows.row('file.read', s, { file: { path } });
  const sent = rows.row('egress.request', 8);
  const reads = [read(0, 'a'), read(1, 'a'), read(2, 'a')];
  const [alert, ...more] = heard(rulesOf(CHAIN), rows, [...reads, sent]);
  assert.equal(more.length, 0);
  assert.deepEqual(
    alert!.evidence.map(({ index }) => index),
    [sent, ...reads].map(({ index }) => index),
  );
  assert.equal(heard(rulesOf(CHAIN), rows, [...reads.slice(1), read(2, 'b'), sent]).length, 0);
  const before = rows.row('egress.request', 1.5);
  assert.equal(heard(rulesOf(CHAIN), rows, [...reads, before]).length, 0, 'before it, in time');
});

test('an alert rests on the last records of its window, no more than it may', () => {
  const rows = new Rows();
  const count = 2 * ALERT_EVIDENCE_MAX;
  const reads = Array.from({ length: count }, (_, i) => rows.row('file.read', i / 100));
  const many = text('event_count', `condition: {gte: ${count}}`);
  const [alert] = heard(rulesOf(many), rows, reads) as [AlertDraft];
  const indexes = alert.evidence.map(({ index }) => index);
  assert.deepEqual(
    indexes,
    reads.slice(count - ALERT_EVIDENCE_MAX).map(({ index }) => index),
  );
});

test('late: an alert waits for what may still come, or does not', () => {
  const two = text('event_count', 'condition: {gte: 2}');
  const when = (yaml: string): number => {
    const rows = new Rows();
    const engine = new Engine(rulesOf(yaml));
    const stream = [rows.open(), rows.row('file.read', 0), rows.row('file.read', 1)];
    stream.push(...rows.seals(5, 100));
    return stream.findIndex((row) => engine.observe(row).length > 0);
  };
  assert.equal(when(two), 3 + 6, 'thirty seconds after the seal that covers them');
  assert.equal(when(two.replace('{what', '{late: 10s, what')), 3 + 2);
  assert.equal(when(two.replace('{what', '{late: 0s, what')), 2);
});

test('groups and the records of one are bounded, and what is forgotten is counted', () => {
  const rows = new Rows();
  const now = (yaml: string): Engine => {
    const engine = new Engine(rulesOf(yaml.replace('{what', '{late: 0s, what')));
    engine.observe(rows.open());
    return engine;
  };
  const long = text('event_count', 'condition: {gte: 4999}').replace('10s', '1d');
  const one = now(long);
  for (let i = 0; i < DETECT_HELD_PER_GROUP_MAX; i++) one.observe(rows.row('file.read', i));
  assert.deepEqual(one.evicted, {});
  one.observe(rows.row('file.read', 1));
  assert.deepEqual(one.evicted, { 'T-001': 1 });
  const many = now(text('event_count', 'group-by: [file.path], condition: {gte: 2}'));
  const read = (i: number) => rows.row('file.read', 0, { file: { path: `p${i}` } });
  for (let i = 0; i < DETECT_GROUPS_PER_RULE_MAX; i++) many.observe(read(i));
  assert.deepEqual(many.evicted, {});
  assert.equal(many.observe(read(0)).length, 1, 'and now it is the one last used');
  many.observe(read(-1));
  assert.deepEqual(many.evicted, { 'T-001': 1 });
  assert.equal(many.observe(read(1)).length, 0, 'it was forgotten');
});

test('what cannot be honoured is refused by name', () => {
  const of = (condition: string, type = 'event_count'): string =>
    refusalOf(text(type, `condition: {${condition}}`));
  assert.match(of('gte: 5000'), /RULE_TOO_LARGE .*5000 is beyond what is counted/);
  assert.equal(rulesOf(text('event_count', 'condition: {gte: 4999}')).length, 1);
  assert.match(of('over: 5'), /condition.over is not known/);
  assert.match(of('gte: "5"'), /gte is not a number/);
  assert.match(of('field: a'), /condition has no comparison/);
  assert.match(of('gte: 1, field: a'), /event_count has none/);
  assert.match(of('gte: 1', 'value_sum'), /value_sum needs one/);
  assert.match(of('gte: 1, field: a', 'value_percentile'), /RULE_UNSUPPORTED .*with percentile/);
  assert.match(of('lte: 1', 'temporal'), /RULE_UNSUPPORTED .*only gt and gte/);
  assert.match(of('gte: 1, field: [a, b]', 'value_sum'), /value_sum takes one/);
  assert.match(of('gte: 1', 'value_median'), /type value_median is not known/);
  const good = text('event_count', 'condition: {gte: 2}');
  const days = DETECT_TIMESPAN_MS_MAX / 86_400_000;
  assert.equal(rulesOf(good.replace('10s', `${days}d`)).length, 1);
  assert.match(refusalOf(good.replace('10s', `${days + 1}d`)), /RULE_TOO_LARGE/);
  assert.match(refusalOf(good.replace('[read]', '[other]')), /RULE_UNSUPPORTED .*other is in no/);
  assert.match(refusalOf(documents(READ, READ, good)), /two documents with the name read/);
  assert.match(refusalOf(documents(base('lone', 'file.read'), good)), /nothing refers to/);
  const self = good.replace('title: c', 'title: c\nname: c').replace('[read]', '[read, c]');
  assert.match(refusalOf(self), /refer to each other/);
  const many = Array.from({ length: DETECT_CORRELATED_MAX + 1 }, (_, i) => `r${i}`);
  const bases = many.map((name) => base(name, 'file.read'));
  const of30 = (names: string[]): string =>
    documents(...bases.slice(0, names.length), correlation('temporal', '', `[${names}]`));
  assert.match(refusalOf(of30(many)), /RULE_TOO_LARGE/);
  assert.equal(rulesOf(of30(many.slice(1).map((_, i) => `r${i}`))).length, 1);
  const pair = 'x-vitrine: {join: {of: {a: {kind: x}, condition: a}, before: 1s}}';
  assert.match(
    refusalOf(
      documents(base('read', 'file.read', pair), correlation('event_count', 'condition: {gte: 1}')),
    ),
    /x-vitrine.join is not supported in a rule/,
  );
});
