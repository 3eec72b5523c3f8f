/** `x-vitrine.falling`: which numbers are compared, both sides of each limit, and what is kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ALERT_EVIDENCE_MAX,
  DETECT_HELD_PER_GROUP_MAX,
  type Json,
  type JsonObject,
} from '@vitrine/schema';
import fc from 'fast-check';
import type { AlertDraft } from '../alert.ts';
import { Engine } from '../engine.ts';
import type { DetectInput } from '../input.ts';
import { base, documents, heard, Rows, refusalOf, rulesOf } from '../stream.fixture.ts';
import { correlation, counting, READ, type Read, said } from './counting.fixture.ts';
import { fallIn } from './falling.ts';
import { nearestRank } from './measure.ts';

const MS = 'field: ms, first: 2, by: 0.5';
const SAYS = '{match.count} {match.value} {match.median_first} {match.median_newest}';

function falling(members = MS, condition = 'field: n, gte: 1'): string {
  const yaml = counting('value_avg', `condition: {${condition}}`);
  const demand = `{falling: {${members}}, what: "${SAYS}"`;
  return yaml.replace('{what: "{match.count} {match.value}"', demand).replace('10s', '1h');
}

/** One answer a second, each of so many milliseconds. */
function answers(...times: (Json | undefined)[]): Read[] {
  return times.map((ms, s) => [s, ms === undefined ? { n: 1 } : { n: 1, ms }]);
}

test('the median of the newest has to be smaller by the share, of the first', () => {
  assert.deepEqual(said(falling(), answers(100, 100, 50, 50)), ['4 1 100 50']);
  assert.deepEqual(said(falling(), answers(100, 100, 51, 51)), []);
  const tenth = falling('field: ms, first: 1, by: 0.9');
  assert.deepEqual(said(tenth, answers(1_000, 100)), ['2 1 1000 100'], 'no fraction gets lost');
  assert.deepEqual(said(tenth, answers(1_000, 101)), []);
  const whole = falling('field: ms, first: 1, by: 1');
  assert.deepEqual(said(whole, answers(10, 0)), ['2 1 10 0']);
  assert.deepEqual(said(whole, answers(10, 1)), []);
  assert.deepEqual(said(whole, answers(0, 0)), [], 'of nothing there is no share');
  assert.deepEqual(said(whole, answers(-1, -9)), []);
});

test('the median is that of the nearest rank: one answer in three changes nothing', () => {
  const three = falling('field: ms, first: 3, by: 0.5');
  const first = [100, 9_000, 80];
  assert.deepEqual(said(three, answers(...first, 9_000, 50, 1)), ['6 1 100 50']);
  assert.deepEqual(said(three, answers(...first, 9_000, 51, 1)), []);
});

test('no number is on both sides, and those between are on neither', () => {
  assert.deepEqual(said(falling(), answers(100, 100, 10)), [], 'three are not twice two');
  assert.deepEqual(said(falling(), answers(100, 100, 9_000, 60, 50)), ['5 1 100 50']);
});

test('records without a number count for the average alone', () => {
  const reads = answers(100, undefined, 'long', '100', undefined, '10', null, 10);
  assert.deepEqual(said(falling(), reads), ['8 1 100 10'], 'decimal text is a number');
  assert.deepEqual(said(falling(), answers(...Array(9).fill(undefined))), []);
  const unasked = answers(100, 100, 10, 10).map(([s, { ms } = {}]): Read => [s, { ms: ms! }]);
  assert.deepEqual(said(falling(), unasked), [], 'what is not averaged is not compared either');
});

test('average, number and fall have to hold of the same window', () => {
  const fall = answers(100, 100, 10, 10);
  assert.deepEqual(said(falling(MS, 'field: n, gte: 1.1'), fall), []);
  const five = falling().replace('{falling', '{min: 5, falling');
  assert.deepEqual(said(five, fall), []);
  assert.deepEqual(said(five, [...fall, [4, { n: 1, ms: 10 }]]), ['5 1 100 10']);
});

test('what the window has left behind is not its first', () => {
  const minute = falling().replace('1h', '10s');
  const at = (seconds: number[]): Read[] =>
    seconds.map((s, i) => [s, { n: 1, ms: i < 2 ? 100 : 10 }]);
  assert.deepEqual(said(minute, at([0, 1, 9, 10])), ['4 1 100 10']);
  assert.deepEqual(said(minute, at([0, 1, 9, 10.001])), []);
});

test('what comes late is compared where it falls', () => {
  const rows = new Rows();
  const read = (s: number, ms: number): DetectInput => rows.row('file.read', s, { n: 1, ms });
  const [a, b, c, d] = [read(1, 100), read(2, 100), read(3, 10), read(4, 10)];
  const inOrder = heard(rulesOf(falling()), rows, [a, b, c, d]);
  assert.equal(inOrder.length, 1);
  assert.deepEqual(heard(rulesOf(falling()), rows, [d, b, c, a]), inOrder);
  // Nothing waits: the slow ones come last and are the first all the same, of the next record.
  const now = rulesOf(falling().replace('{falling', '{late: 0s, falling'));
  const next = read(5, 10);
  const [late] = heard(now, rows, [c, d, b, a, next]) as [AlertDraft];
  assert.equal(late.what, '5 1 100 10');
  assert.equal(late.evidence.at(-1)!.index, next.index);
});

test('a fall is what the definition says, of any numbers', () => {
  const number = fc.option(fc.integer({ min: -2, max: 12 }), { nil: undefined, freq: 2 });
  const law = fc.property(
    fc.array(number, { maxLength: 14 }),
    fc.integer({ min: 1, max: 4 }),
    fc.constantFrom(0.25, 0.5, 1),
    (trends, first, by) => {
      const marks = trends.map((trend, t) => ({ t, leaves: [], value: 1, trend }));
      const known = trends.filter((trend) => trend !== undefined);
      const before = nearestRank(known.slice(0, first), 50);
      const after = nearestRank(known.slice(-first), 50);
      const fell = known.length >= 2 * first && before > 0 && (before - after) / before >= by;
      const found = fallIn({ field: 'ms', first, by }, marks);
      assert.equal(found !== undefined, fell);
      if (found === undefined) return;
      assert.deepEqual(found.match, { median_first: before, median_newest: after });
      assert.equal(new Set(found.marks).size, 2 * first);
    },
  );
  fc.assert(law, { numRuns: 300 });
});

test('the alert rests on the newest, on the first, and as far as it may on those between', () => {
  const rows = new Rows();
  const count = 3 * ALERT_EVIDENCE_MAX;
  const reads = Array.from({ length: count }, (_, i) =>
    rows.row('file.read', i, { n: 1, ms: i < count - 1 ? 100 : 10 }),
  );
  const [alert] = heard(rulesOf(falling()), rows, reads) as [AlertDraft];
  const indexes = alert.evidence.map(({ index }) => index);
  const own = reads.map(({ index }) => index);
  assert.equal(indexes.length, ALERT_EVIDENCE_MAX);
  assert.deepEqual(indexes, [...own.slice(0, 2), ...own.slice(2 - ALERT_EVIDENCE_MAX)]);
});

test('of more than it may rest on the alert has the newest that were compared', () => {
  const rows = new Rows();
  const first = ALERT_EVIDENCE_MAX + 1;
  const reads = Array.from({ length: 2 * first }, (_, i) =>
    rows.row('file.read', i, { n: 1, ms: i < first || i === 2 * first - 2 ? 100 : 10 }),
  );
  const all = rulesOf(falling(`field: ms, first: ${first}, by: 0.5`));
  const [alert] = heard(all, rows, reads) as [AlertDraft];
  assert.deepEqual(
    alert.evidence.map(({ index }) => index),
    reads.slice(-ALERT_EVIDENCE_MAX).map(({ index }) => index),
  );
});

test('as many as a group holds are compared; what it forgets is counted', () => {
  const first = Math.floor((DETECT_HELD_PER_GROUP_MAX - 1) / 2);
  const most = falling(`field: ms, first: ${first}, by: 0.5`).replace(
    '{falling',
    '{late: 0s, falling',
  );
  const rows = new Rows();
  const engine = new Engine(rulesOf(most));
  engine.observe(rows.open());
  const alerts = Array.from({ length: 2 * first }, (_, i) =>
    engine.observe(rows.row('file.read', i / 10, { n: 1, ms: i < first ? 100 : 10 })),
  ).flat();
  assert.deepEqual(
    alerts.map(({ what }) => what),
    [`${2 * first} 1 100 10`],
  );
  assert.deepEqual(engine.evicted, {});
  for (let i = 2 * first; i <= DETECT_HELD_PER_GROUP_MAX; i++) {
    engine.observe(rows.row('file.read', i / 10, { n: 1, ms: 10 }));
  }
  assert.deepEqual(engine.evicted, { 'T-001': 1 });
  assert.match(
    refusalOf(falling(`field: ms, first: ${first + 1}, by: 0.5`)),
    /RULE_TOO_LARGE .*first/,
  );
});

/** What an engine makes of rows after it was written down and read back. */
function resumed(
  yaml: string,
  before: readonly DetectInput[],
  to = yaml,
  changed = (x: string) => x,
) {
  const first = new Engine(rulesOf(yaml));
  for (const row of before) first.observe(row);
  const text = changed(JSON.stringify(first.snapshot()));
  const engine = new Engine(rulesOf(to));
  const { dropped } = engine.restore(JSON.parse(text));
  return { engine, dropped, text };
}

test('numbers outlive a stop; those of the rule as it was before are dropped', () => {
  const now = falling().replace('{falling', '{late: 0s, falling');
  const rows = new Rows();
  const fields = answers(100, 100, 10).map(([s, more]) => rows.row('file.read', s, more));
  const before = [rows.open(), ...fields];
  const last = rows.row('file.read', 9, { n: 1, ms: 10 });
  const kept = resumed(now, before);
  assert.deepEqual(kept.dropped, []);
  assert.equal(kept.engine.observe(last).length, 1);
  assert.equal(JSON.stringify(resumed(now, before).engine.snapshot()), kept.text);
  const without = now.replace(/falling: \{[^}]*\}, /, '');
  const older = resumed(without, before, now);
  assert.deepEqual(older.dropped, ['T-001']);
  assert.equal(older.engine.observe(last).length, 0);
  // A mark without its number, however it came about, is on neither side.
  const bare = resumed(now, before, now, (text) => text.replaceAll(/,1,(100|10)\]/g, ',1]'));
  assert.notEqual(bare.text, kept.text);
  assert.equal(bare.engine.observe(last).length, 0);
});

test('what a rule without it writes down is what it was', () => {
  const rows = new Rows();
  const plain = falling().replace(/falling: \{[^}]*\}, /, 'late: 0s, ');
  const before = [rows.open(), rows.row('file.read', 1, { n: 1, ms: 10 })];
  const { text } = resumed(plain, before);
  assert.match(text, /,\[\[1,"leaf1=+","l"\]\],1\]/);
});

test('where it cannot be honoured it is refused by name', () => {
  const of = (members: string): string => refusalOf(falling(members));
  assert.equal(rulesOf(falling()).length, 1);
  assert.match(of('first: 2, by: 0.5'), /RULE_INVALID x-vitrine.falling.field is not a text/);
  assert.match(of('field: ms, by: 0.5'), /RULE_INVALID .*falling.first is not a number above 0/);
  assert.match(of('field: ms, first: 0, by: 0.5'), /falling.first is not a number above 0/);
  assert.match(of('field: ms, first: 1.5, by: 0.5'), /falling.first is not a whole number/);
  assert.match(of('field: ms, first: 2'), /RULE_INVALID .*falling.by is not a number above 0/);
  assert.match(of('field: ms, first: 2, by: 0'), /falling.by is not a number above 0/);
  assert.match(of('field: ms, first: 2, by: 1.01'), /falling.by is not a share up to 1/);
  assert.equal(rulesOf(falling('field: ms, first: 2, by: 1')).length, 1);
  assert.match(of(`${MS}, newest: 2`), /RULE_INVALID x-vitrine.falling.newest is not known/);
  const listed = falling().replace(`{${MS}}`, '[ms]');
  assert.match(refusalOf(listed), /RULE_INVALID x-vitrine.falling is not a map/);
  const elsewhere = /RULE_UNSUPPORTED x-vitrine.falling is for value_avg with gt or gte/;
  for (const test of ['lt: 1', 'lte: 1', 'eq: 1', 'neq: 1', 'gte: 0, lte: 1']) {
    assert.match(refusalOf(falling(MS, `field: n, ${test}`)), elsewhere, test);
  }
  const demand = (yaml: string): string => yaml.replace('{what', `{falling: {${MS}}, what`);
  const others = [
    counting('event_count', 'condition: {gte: 1}'),
    counting('value_count', 'condition: {field: n, gte: 1}'),
    counting('value_sum', 'condition: {field: n, gte: 1}'),
    counting('value_percentile', 'condition: {field: n, percentile: 50, gte: 1}'),
    documents(READ, correlation('temporal', 'condition: {gte: 1}')),
    documents(READ, base('b', 'x'), correlation('temporal_ordered', '', '[read, b]')),
  ];
  for (const yaml of others) assert.match(refusalOf(demand(yaml)), elsewhere, yaml);
  const own = `x-vitrine: {falling: {${MS}}}`;
  assert.match(refusalOf(base('alone', 'file.read', own)), /falling is not for a detection/);
  const below = counting('value_avg', 'condition: {field: n, gte: 1}');
  const inner = documents(base('read', 'file.read', own), below.slice(below.indexOf('title: c')));
  assert.match(refusalOf(inner), /falling is not for a detection/);
});

test('records of any form are borne', () => {
  const rules = rulesOf(
    falling('field: ms, first: 1, by: 0.5').replace('{falling', '{late: 0s, falling'),
  );
  const value = fc.oneof(fc.jsonValue(), fc.double(), fc.constant(`${'9'.repeat(64)}`));
  const law = fc.property(fc.array(value, { maxLength: 6 }), (values) => {
    const rows = new Rows();
    const engine = new Engine(rules);
    engine.observe(rows.open());
    for (const ms of values as Json[]) {
      engine.observe(rows.row('file.read', 1, { n: 1, ms } as JsonObject));
    }
    const text = JSON.stringify(engine.snapshot());
    const other = new Engine(rules);
    other.restore(JSON.parse(text));
    assert.equal(JSON.stringify(other.snapshot()), text);
  });
  fc.assert(law, { numRuns: 300 });
});
