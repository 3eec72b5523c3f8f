/** What a flood costs a correlation: time by the record, and no memory of what it has forgotten. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DETECT_GROUPS_PER_RULE_MAX } from '@vitrine/schema';
import fc from 'fast-check';
import { Engine } from '../engine.ts';
import { Rows, rulesOf } from '../stream.fixture.ts';
import { counting } from './counting.fixture.ts';
import type { Mark } from './marks.ts';
import { measure } from './measure.ts';
import type { Counting } from './read.ts';
import { Tally } from './tally.ts';

test('a tally is the measure of what is in the window', () => {
  const types = ['value_count', 'value_sum', 'value_avg', 'value_percentile'] as const;
  const number = fc.oneof(
    fc.integer({ min: -9, max: 9 }),
    fc.constantFrom(0.1, 0.7, 2 ** 53, -(2 ** 53)),
  );
  const steps = fc.array(fc.record({ value: number, gone: fc.nat(2) }), { maxLength: 40 });
  fc.assert(
    fc.property(fc.constantFrom<Counting>(...types), steps, (type, added) => {
      const tally = new Tally(type);
      const marks: Mark[] = [];
      for (const { value, gone } of added) {
        marks.push({ t: 0, leaves: [], value });
        tally.add(value);
        for (const { value: old } of marks.splice(0, Math.min(gone, marks.length - 1))) {
          tally.remove(old);
        }
        assert.equal(tally.of(marks, 90) + 0, measure(type, marks, 90) + 0);
      }
    }),
  );
});

/** Milliseconds of the processor for so many records of one group, of which all are held. */
function costMs(condition: string, type: string, count: number): number {
  const rows = new Rows();
  const yaml = counting(type, condition).replace('10s', '1d').replace('{what', '{late: 0s, what');
  const engine = new Engine(rulesOf(yaml));
  engine.observe(rows.open());
  const reads = Array.from({ length: count }, (_, i) => rows.row('file.read', i / 100, { v: i }));
  const { user, system } = process.cpuUsage();
  for (const row of reads) engine.observe(row);
  const used = process.cpuUsage({ user, system });
  return (used.user + used.system) / 1_000;
}

test('a percentile of a full window costs a few microseconds a record', () => {
  const ms = costMs('condition: {field: v, gte: 1e9, percentile: 95}', 'value_percentile', 20_000);
  // Sorting five thousand numbers each time takes ten seconds.
  assert.ok(ms < 3_000, `${ms} ms`);
});

test('windows of groups that were forgotten leave nothing behind', () => {
  const rows = new Rows();
  const yaml = counting('event_count', 'group-by: [file.path], condition: {eq: 2}');
  const engine = new Engine(rulesOf(yaml.replace('{what', '{late: 0s, what')));
  engine.observe(rows.open());
  const flood = (): number => {
    for (let i = 0; i < 2 * DETECT_GROUPS_PER_RULE_MAX; i++) {
      engine.observe(rows.row('file.read', 0, { file: { path: `${rows.row('x', 0).index}` } }));
    }
    return JSON.stringify(engine.snapshot()).length;
  };
  flood();
  const first = flood();
  assert.ok(flood() < first * 1.1);
});
