/** What all rules hold together: its bound, who gives way, and that a restart changes nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DETECT_HELD_MAX, DETECT_PAIRS_PER_KEY_MAX } from '@vitrine/schema';
import { Engine } from './engine.ts';
import { base, documents, Rows, rulesOf } from './stream.fixture.ts';

const JOIN = 'x-vitrine: {join: {of: {s: {kind: tool.call}, condition: s}, before: 5m, after: 5m}}';
const RULES = rulesOf(
  base('a', 'file.read', JOIN),
  base('b', 'file.read', JOIN),
  base('c', 'file.write', 'x-vitrine: {gap: {seq: n}}'),
);
const SESSIONS = DETECT_HELD_MAX / 2 / DETECT_PAIRS_PER_KEY_MAX;
const SILENT = 9_000;

/** An engine whose first two rules hold all that may be held, the session itself counted. */
function full(rows: Rows): Engine {
  const engine = new Engine(RULES);
  for (let n = 0; n < SESSIONS; n++) {
    engine.observe(rows.open(`s${n}`));
    for (let i = 1; i < DETECT_PAIRS_PER_KEY_MAX; i++) {
      engine.observe(rows.row('file.read', i / 1_000, {}, `s${n}`));
    }
  }
  engine.observe(rows.row('seal', 10));
  return engine;
}

test('what all rules hold is bounded, and the fullest forgets its oldest', () => {
  const rows = new Rows();
  const engine = full(rows);
  assert.deepEqual(engine.evicted, {});
  engine.observe(rows.row('file.write', 11, { n: 1 }));
  const again = new Engine(RULES);
  again.restore(JSON.parse(JSON.stringify(engine.snapshot())));
  const seal = rows.row('seal', 20);
  for (const one of [engine, again]) {
    one.observe(seal);
    assert.deepEqual(one.evicted, { 'T-001': DETECT_PAIRS_PER_KEY_MAX - 1 });
  }
  assert.deepEqual(again.snapshot(), engine.snapshot());
});

test('each kind of rule gives way when it is the fullest', () => {
  const count = documents(
    base('r', 'file.read'),
    `title: c
correlation: {type: event_count, rules: [r], group-by: [n], timespan: 1h, condition: {gte: 9}}`,
  );
  const changed = 'x-vitrine: {changed: {value: v, group-by: [n]}}';
  const kinds = [count, base('c', 'file.read', changed), base('g', 'file.read', JOIN)];
  for (const text of [...kinds, base('g', 'file.read', 'x-vitrine: {gap: {seq: n}}')]) {
    const rows = new Rows();
    const [rule] = rulesOf(text);
    const watch = rule!.watch!();
    const engine = new Engine([{ ...rule!, watch: () => watch }]);
    engine.observe(rows.open());
    assert.deepEqual([watch.held, watch.shed(), watch.held], [0, [], 0], text);
    for (let n = 0; n < 5; n++) engine.observe(rows.row('file.read', n, { n: n * 2, v: n }));
    assert.ok(watch.held >= 5, text);
    while (watch.held > 0) {
      const { held, evicted } = watch;
      watch.shed();
      assert.ok(watch.held < held && watch.evicted > evicted, text);
    }
  }
});

test('the end of a session costs what it had, not what all have', () => {
  const rows = new Rows();
  const engine = new Engine(rulesOf(base('a', 'file.read', 'x-vitrine: {suppress: {for: 1h}}')));
  for (let n = 0; n < SILENT; n++) {
    engine.observe(rows.open(`s${n}`));
    assert.equal(engine.observe(rows.row('file.read', 1, {}, `s${n}`)).length, 1);
    assert.equal(engine.observe(rows.row('file.read', 2, {}, `s${n}`)).length, 0);
  }
  const before = process.cpuUsage();
  for (let n = 0; n < SILENT; n++) engine.observe(rows.row('close', 3, {}, `s${n}`));
  const { user } = process.cpuUsage(before);
  assert.ok(user < 2_000_000, `${user} µs`);
  const { silence } = engine.snapshot();
  assert.deepEqual(silence, [[], []]);
});
