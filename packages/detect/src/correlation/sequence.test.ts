/** Sequences, aliases, and correlations of correlations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base, documents, heard, Rows, refusalOf, rulesOf } from '../stream.fixture.ts';
import { correlation, READ } from './counting.fixture.ts';

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
correlation: {type: event_count, rules: [read], group-by: [file.path], timespan: 10s,
  condition: {gte: 3}}`,
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
