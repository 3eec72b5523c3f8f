/** Rules about two records: time, order, keys, ends, silence, bounds, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DETECT_LATENESS_MS,
  DETECT_PAIRS_PER_KEY_MAX,
  DETECT_PAIRS_PER_RULE_MAX,
  DETECT_SEAL_GAP_MS_MAX,
  DETECT_SESSIONS_MAX,
  DETECT_WINDOW_MS_MAX,
  type JsonObject,
} from '@vitrine/schema';
import fc from 'fast-check';
import type { AlertDraft } from '../alert.ts';
import { Engine } from '../engine.ts';
import type { DetectInput } from '../input.ts';
import { loadRules } from '../load.ts';
import type { Rule } from '../rule.ts';

const START_MS = 1_795_425_180_000;

function ruleOf(block: string, more = ''): Rule[] {
  const { rules, refused } = loadRules([{ name: 'T-001.yml', text: textOf(block, more) }]);
  assert.deepEqual(refused, []);
  return rules;
}

function textOf(block: string, more = ''): string {
  return `title: t
logsource: {product: agent_sandbox, category: file}
detection: {sel: {kind: file.read}, condition: sel}
x-vitrine:
  what: "{file.path}"
${block
  .split('\n')
  .map((line) => `  ${line}`)
  .join('\n')}
${more}`;
}

const ABSENCE = `absence:
  of: {sel: {kind: tool.call}, condition: sel}
  before: 2s
  after: 5s
suppress: {by: [file.path], for: 1s}`;
const KEYED = ABSENCE.replace('before', 'on: {file.path: tool.path}\n  before');
const JOIN = KEYED.replace('absence', 'join');

let index = 0;
function row(kind: string, seconds: number, fields: JsonObject = {}, session = 's'): DetectInput {
  index++;
  const t = `${START_MS + seconds * 1_000}000000`;
  const sup = kind === 'open' || kind === 'close';
  const shim = kind === 'seal' ? 'seal' : sup ? 'sup' : 'b.host';
  const of = kind === 'seal' ? 'log' : session;
  const record = { kind, session: of, shim, t, ...fields };
  const vantage = sup ? '' : 'host';
  return { log: 'l', index, leaf: String(index), session: of, shim, vantage, kind, record };
}

const open = (session = 's'): DetectInput => row('open', 0, { expected: [] }, session);
const close = (seconds = 1_000): DetectInput => row('close', seconds);
const seal = (seconds: number): DetectInput => row('seal', seconds);
/** As a log seals while a session is open. */
const seals = (from: number, to: number): DetectInput[] => {
  const steps = Math.ceil((to - from) / 10);
  return Array.from({ length: steps + 1 }, (_, i) => seal(Math.min(from + i * 10, to)));
};
const read = (seconds: number, path = 'a', session = 's'): DetectInput =>
  row('file.read', seconds, { file: { path } }, session);
const call = (seconds: number, path = 'a', session = 's'): DetectInput =>
  row('tool.call', seconds, { tool: { path } }, session);

function alertsOf(rules: Rule[], rows: DetectInput[]): AlertDraft[] {
  const engine = new Engine(rules);
  return rows.flatMap((one) => engine.observe(one));
}

/** Paths of the records without a partner. */
function found(block: string, rows: DetectInput[]): string[] {
  return alertsOf(ruleOf(block), [open(), ...rows]).map(({ what }) => what);
}

test('a partner in the window explains, one beside it does not', () => {
  const at = (seconds: number): string[] =>
    found(ABSENCE, [call(0), read(100), call(seconds), close()]);
  assert.deepEqual(
    [97.9, 98, 105, 105.1].map((s) => at(s).length),
    [1, 0, 0, 1],
  );
});

test('a record is judged by the log’s time, and not before the other source had its time', () => {
  const due = 10 + 5 + DETECT_LATENESS_MS / 1_000;
  const rows = [call(0), read(9), ...seals(10, due - 0.001)];
  assert.deepEqual(found(ABSENCE, rows), []);
  assert.deepEqual(found(ABSENCE, [...rows, seal(due)]), ['a']);
  assert.deepEqual(found(ABSENCE, [...rows, call(9), seal(due)]), [], 'it came late');
  assert.deepEqual(found(ABSENCE, [...rows, ...seals(due, 900), close()]), ['a'], 'once');
  const soon = ABSENCE.replace('before', 'late: 1s\n  before');
  const early = [call(0), read(9), seal(10), seal(15.999)];
  assert.deepEqual(found(soon, early), []);
  assert.deepEqual(found(soon, [...early, seal(16)]), ['a']);
});

test('the time in which no log was written is not held against a source', () => {
  const rows = [call(0), read(9), seal(10), seal(3_600)];
  const gap = DETECT_SEAL_GAP_MS_MAX / 1_000;
  const left = 5 + DETECT_LATENESS_MS / 1_000 - gap;
  assert.deepEqual(found(ABSENCE, [...rows, ...seals(3_601, 3_600 + left - 0.001)]), []);
  assert.deepEqual(found(ABSENCE, [...rows, ...seals(3_601, 3_600 + left)]), ['a']);
  assert.deepEqual(found(ABSENCE, [...rows, seal(100), seal(50), seal(101)]), [], 'a step back');
});

test('a source that has not spoken says nothing by its silence', () => {
  assert.deepEqual(found(ABSENCE, [read(100), close()]), []);
  assert.deepEqual(found(ABSENCE, [read(100), call(300), close()]), [], 'before its first word');
  const sources = ABSENCE.replace('before', 'sources: [x]\n  before');
  const rows = (expected: string[]): DetectInput[] => [
    row('open', 0, { expected }),
    read(100),
    close(),
  ];
  const count = (...expected: string[]): number => alertsOf(ruleOf(sources), rows(expected)).length;
  assert.deepEqual([count('x'), count('agent/x'), count('y'), count()], [1, 1, 0, 0]);
});

test('join finds the pair on its key, in both orders, and rests on both', () => {
  const first = [call(99), read(100)];
  const second = [read(100), call(102)];
  for (const rows of [first, second]) {
    const [alert, ...rest] = alertsOf(ruleOf(JOIN), [open(), ...rows, close()]);
    assert.deepEqual(rest, []);
    assert.deepEqual(
      alert!.evidence.map((one) => one.index),
      rows.map((one) => one.index),
    );
  }
  assert.deepEqual(found(JOIN, [call(99, 'b'), read(100), close()]), [], 'another key');
  assert.deepEqual(found(JOIN, [call(90), read(100), close()]), [], 'too far');
});

test('no record explains itself', () => {
  const same = ABSENCE.replace('tool.call', 'file.read');
  assert.deepEqual(found(same, [read(100), close()]), ['a']);
  assert.deepEqual(found(same, [read(100), read(101, 'b'), close()]), []);
});

const LASTING = `absence:
  of: {sel: {kind: tool.call}, condition: sel}
  until: {end: {kind: tool.result}, condition: end}
  pair: tool.id
  lasted: tool.ms
suppress: {by: [file.path], for: 1s}`;
const begin = (seconds: number, id = '1'): DetectInput =>
  row('tool.call', seconds, { tool: { id } });
const end = (seconds: number, id = '1', more: JsonObject = {}): DetectInput =>
  row('tool.result', seconds, { tool: { id, ...more } });

test('a partner lasts until its end, which may come after what it explains', () => {
  const silent = found(LASTING, [begin(10), read(50), end(60), close()]);
  assert.deepEqual(silent, []);
  assert.deepEqual(found(LASTING, [begin(10), read(50), end(49), close()]), ['a'], 'told late');
  assert.deepEqual(
    found(LASTING, [begin(10), end(49), begin(10), read(50), close()]),
    ['a'],
    'twice',
  );
  assert.deepEqual(found(LASTING, [begin(10), read(50), end(49, '2'), close()]), [], 'of another');
  const most = 10 + DETECT_WINDOW_MS_MAX / 1_000;
  assert.deepEqual(found(LASTING, [begin(10), read(most), read(most + 1, 'b'), close()]), ['b']);
});

test('an end alone says how long it had lasted', () => {
  const alone = (ms: number): string[] =>
    found(LASTING, [begin(0, '0'), end(1, '0'), read(50), end(60, '1', { ms }), close()]);
  assert.deepEqual([alone(10_000), alone(9_999)], [[], ['a']]);
});

test('the order of arrival makes no difference within the lateness', () => {
  const rows = [call(1), read(10), call(11), read(20, 'b'), read(31, 'c'), call(33, 'c'), call(60)];
  const ids = (order: DetectInput[]): string[] => found(ABSENCE, [...order, ...seals(70, 200)]);
  const expected = ids(rows).sort();
  assert.deepEqual(expected, ['b']);
  const shuffled = fc.shuffledSubarray(rows, { minLength: rows.length });
  fc.assert(fc.property(shuffled, (order) => assert.deepEqual(ids(order).sort(), expected)));
});

test('what the rule remembers is bounded by key, and counted', () => {
  const engine = new Engine(ruleOf(ABSENCE));
  for (const one of [open(), call(0)]) engine.observe(one);
  for (let i = 0; i < DETECT_PAIRS_PER_KEY_MAX; i++) engine.observe(read(100));
  assert.deepEqual(engine.evicted, {});
  engine.observe(read(100));
  assert.deepEqual(engine.evicted, { 'T-001': 1 });
  assert.equal(engine.observe(close()).length, 1);
});

test('and in all: the longest unheard session is forgotten', () => {
  const engine = new Engine(ruleOf(KEYED));
  const fill = (session: string, count: number): void => {
    for (let i = 0; i < count; i++) engine.observe(call(1, `p${i}`, session));
  };
  for (const session of ['old', 's']) engine.observe(open(session));
  fill('old', DETECT_PAIRS_PER_RULE_MAX / 2);
  fill('s', DETECT_PAIRS_PER_RULE_MAX / 2);
  assert.deepEqual(engine.evicted, {});
  engine.observe(call(1, 'x'));
  assert.deepEqual(engine.evicted, { 'T-001': DETECT_PAIRS_PER_RULE_MAX / 2 });
  // What is over is let go of, and makes room.
  for (const one of seals(1, 200)) engine.observe(one);
  fill('s', DETECT_PAIRS_PER_RULE_MAX);
  assert.deepEqual(engine.evicted, { 'T-001': DETECT_PAIRS_PER_RULE_MAX / 2 });
});

test('sessions that say nothing more are forgotten too', () => {
  const engine = new Engine(ruleOf(ABSENCE));
  for (const one of [open('first'), call(0, 'a', 'first')]) engine.observe(one);
  for (let i = 0; i < DETECT_SESSIONS_MAX; i++) {
    engine.observe(open(`s${i}`));
    engine.observe(call(0, 'a', `s${i}`));
  }
  assert.deepEqual(engine.evicted, { 'T-001': 1 });
});

test('new rules keep what the same file remembers, and nothing of another', () => {
  const after = (next: Rule[]): number => {
    const engine = new Engine(ruleOf(ABSENCE));
    for (const one of [open(), call(0), read(100)]) engine.observe(one);
    engine.replace(next);
    return engine.observe(close()).length;
  };
  assert.deepEqual(
    [after(ruleOf(ABSENCE)), after(ruleOf(`${ABSENCE}\nrisk: []`)), after([])],
    [1, 0, 0],
  );
});

test('a block that cannot be honoured is refused by name', () => {
  const minutes = DETECT_WINDOW_MS_MAX / 60_000;
  const bad: [block: string, reason: RegExp][] = [
    ['absence: {}', /absence\.of is not a map/],
    ['absence: []', /absence is not a map/],
    [`${ABSENCE}\n${JOIN.split('\n').slice(0, 3).join('\n')}`, /not both/],
    [ABSENCE.replace('before', 'within: 3s\n  before'), /absence\.within is not known/],
    [ABSENCE.replace('2s', `${minutes + 1}m`), /before is longer than/],
    [ABSENCE.replace('2s', 'soon'), /before is not like/],
    [LASTING.replace('  pair: tool.id\n', ''), /until and pair/],
    [ABSENCE.replace('before', 'categories: [none]\n  before'), /category none/],
    [ABSENCE.replace('before', 'categories: file\n  before'), /categories is not a list/],
    [ABSENCE.replace('before', 'on: {a: 5}\n  before'), /on\.a is not a text/],
    [ABSENCE.replace('before', 'lasted: 5\n  before'), /lasted is not a text/],
    [ABSENCE.replace('sel: {kind: tool.call}, condition: sel', 'x: {a: b}'), /condition/],
  ];
  for (const [block, reason] of bad) {
    const { refused } = loadRules([{ name: 'T-001.yml', text: textOf(block) }]);
    assert.match(refused[0]?.reason ?? 'taken', reason, block);
  }
  const longest = ABSENCE.replace('2s', `${minutes}m`);
  assert.equal(ruleOf(longest).length, 1);
});
