/** What a correlation rests on, how long it waits, what it holds, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ALERT_EVIDENCE_MAX,
  DETECT_CORRELATED_MAX,
  DETECT_GROUPS_PER_RULE_MAX,
  DETECT_HELD_PER_GROUP_MAX,
  DETECT_HELD_PER_RULE_MAX,
  DETECT_TIMESPAN_MS_MAX,
} from '@vitrine/schema';
import type { AlertDraft } from '../alert.ts';
import { Engine } from '../engine.ts';
import { base, documents, heard, Rows, refusalOf, rulesOf } from '../stream.fixture.ts';
import { correlation, counting, READ } from './counting.fixture.ts';

test('an alert rests on the last records of its window, no more than it may', () => {
  const rows = new Rows();
  const count = 2 * ALERT_EVIDENCE_MAX;
  const reads = Array.from({ length: count }, (_, i) => rows.row('file.read', i / 100));
  const many = counting('event_count', `condition: {gte: ${count}}`);
  const [alert] = heard(rulesOf(many), rows, reads) as [AlertDraft];
  const indexes = alert.evidence.map(({ index }) => index);
  assert.deepEqual(
    indexes,
    reads.slice(count - ALERT_EVIDENCE_MAX).map(({ index }) => index),
  );
});

test('late: an alert waits for what may still come, or does not', () => {
  const two = counting('event_count', 'condition: {gte: 2}');
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
  const long = counting('event_count', 'condition: {gte: 4999}').replace('10s', '1d');
  const one = now(long);
  for (let i = 0; i < DETECT_HELD_PER_GROUP_MAX; i++) one.observe(rows.row('file.read', i));
  assert.deepEqual(one.evicted, {});
  one.observe(rows.row('file.read', 1));
  assert.deepEqual(one.evicted, { 'T-001': 1 });
  const many = now(counting('event_count', 'group-by: [file.path], condition: {gte: 2}'));
  const read = (i: number) => rows.row('file.read', 0, { file: { path: `p${i}` } });
  for (let i = 0; i < DETECT_GROUPS_PER_RULE_MAX; i++) many.observe(read(i));
  assert.deepEqual(many.evicted, {});
  assert.equal(many.observe(read(0)).length, 1, 'and now it is the one last used');
  many.observe(read(-1));
  assert.deepEqual(many.evicted, { 'T-001': 1 });
  assert.equal(many.observe(read(1)).length, 0, 'it was forgotten');
});

test('all records of a rule are bounded together: the longest unheard group is forgotten', () => {
  const rows = new Rows();
  const yaml = counting('event_count', 'group-by: [file.path], condition: {gte: 4999}');
  const engine = new Engine(rulesOf(yaml.replace('10s', '1d').replace('{what', '{late: 0s, what')));
  engine.observe(rows.open());
  const read = (path: string) => rows.row('file.read', 0, { file: { path } });
  const each = 2_000;
  for (let i = 0; i < DETECT_HELD_PER_RULE_MAX; i++) engine.observe(read(`p${i % each}`));
  assert.deepEqual(engine.evicted, {});
  engine.observe(read('one more'));
  assert.deepEqual(engine.evicted, { 'T-001': DETECT_HELD_PER_RULE_MAX / each });
});

test('what cannot be honoured is refused by name', () => {
  const of = (condition: string, type = 'event_count'): string =>
    refusalOf(counting(type, `condition: {${condition}}`));
  assert.match(of('gte: 5000'), /RULE_TOO_LARGE .*5000 is beyond what is counted/);
  assert.equal(rulesOf(counting('event_count', 'condition: {gte: 4999}')).length, 1);
  assert.match(of('over: 5'), /condition.over is not known/);
  assert.match(of('gte: "5"'), /gte is not a number/);
  assert.match(of('field: a'), /condition has no comparison/);
  assert.match(of('gte: 1, field: a'), /event_count has none/);
  assert.match(of('gte: 1', 'value_sum'), /value_sum needs one/);
  assert.match(of('gte: 1, field: a', 'value_percentile'), /RULE_UNSUPPORTED .*with percentile/);
  assert.match(of('lte: 1', 'temporal'), /RULE_UNSUPPORTED .*only gt and gte/);
  assert.match(of('gte: 1, field: [a, b]', 'value_sum'), /value_sum takes one/);
  assert.match(of('gte: 1', 'value_median'), /type value_median is not known/);
  const good = counting('event_count', 'condition: {gte: 2}');
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

test('min: how many values an average needs, of averages and percentiles only', () => {
  const of = (yaml: string, min: string): string => yaml.replace('{what', `{min: ${min}, what`);
  const average = counting('value_avg', 'condition: {field: n, gte: 1}');
  const rank = counting('value_percentile', 'condition: {field: n, percentile: 50, gte: 1}');
  const most = DETECT_HELD_PER_GROUP_MAX - 1;
  for (const yaml of [average, rank]) assert.equal(rulesOf(of(yaml, `${most}`)).length, 1);
  assert.match(refusalOf(of(average, `${most + 1}`)), /RULE_TOO_LARGE x-vitrine.min/);
  assert.match(refusalOf(of(average, '1.5')), /RULE_INVALID x-vitrine.min is not a whole number/);
  assert.match(refusalOf(of(average, '0')), /RULE_INVALID x-vitrine.min is not a number above 0/);
  const others = [
    counting('event_count', 'condition: {gte: 1}'),
    documents(READ, correlation('temporal', 'condition: {gte: 1}')),
  ];
  for (const yaml of others) assert.match(refusalOf(of(yaml, '2')), /is for value_avg and/);
  const alone = base('alone', 'file.read', 'x-vitrine: {min: 2}');
  assert.match(refusalOf(alone), /RULE_INVALID x-vitrine.min is not for a detection/);
});

test('what would be passed over in silence, or could never be true, is refused', () => {
  const good = counting('event_count', 'condition: {gte: 2}');
  const of = (condition: string): string =>
    refusalOf(counting('event_count', `condition: {${condition}}`));
  for (const never of ['lt: 1', 'lte: 0', 'eq: 0']) {
    assert.match(of(never), /RULE_UNSUPPORTED .* is true of no window/);
  }
  assert.equal(rulesOf(counting('event_count', 'condition: {lt: 2}')).length, 1);
  const both = (count: number): string =>
    documents(
      READ,
      base('b', 'x'),
      correlation('temporal', `condition: {gte: ${count}}`, '[read, b]'),
    );
  assert.equal(rulesOf(both(2)).length, 1);
  assert.match(refusalOf(both(3)), /2 rules are not so many/);
  const source = `${good}logsource: {product: windows}\n`;
  assert.match(refusalOf(source), /a correlation has no logsource/);
  assert.match(
    refusalOf(good.replace('{what', '{vantage: host, what')),
    /x-vitrine.vantage is for/,
  );
  const late = 'x-vitrine: {late: 5s}';
  assert.match(refusalOf(base('a', 'file.read', late)), /x-vitrine.late is for a correlation/);
  assert.match(refusalOf(documents(base('read', 'file.read', late), good)), /x-vitrine.late/);
  const filter = `title: f
logsource: {product: agent_sandbox}
filter: {rules: [T-001], sel: {a: 1}, condition: not sel}
`;
  assert.match(refusalOf(`${filter}detection: {one: {a: 1}, condition: one}`), /no detection/);
});
