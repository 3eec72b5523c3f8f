/**
 * The laws of what remembers: a run that was stopped and resumed anywhere gives what the whole run
 * gives; the order of arrival within the lateness changes nothing; new rules leave the state of
 * others alone.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import fc from 'fast-check';
import type { AlertDraft } from './alert.ts';
import { Engine } from './engine.ts';
import { DetectError } from './error.ts';
import type { DetectInput } from './input.ts';
import { alertsOf, base, documents, Rows, rulesOf } from './stream.fixture.ts';

const READ = base('read', 'file.read');
const SENT = base('sent', 'egress.request');

function counting(type: string, more: string, timespan = '20s'): string {
  const correlation = `{type: ${type}, rules: [read, sent], timespan: ${timespan}, ${more}}`;
  return documents(READ, SENT, `title: c\ncorrelation: ${correlation}`);
}

function stateful(kind: string, block: string): string {
  return base('own', kind, `x-vitrine: {suppress: {by: [http.host], for: 20s}, ${block}}`);
}

/** In order of time, whatever the order of arrival. */
const ORDERED = [
  counting('event_count', 'group-by: [session], condition: {gte: 4}'),
  counting('event_count', 'group-by: [http.host], condition: {lt: 3}'),
  counting('value_count', 'group-by: [user.id], condition: {gte: 2, field: http.host}'),
  counting('value_sum', 'group-by: [session, http.host], condition: {gt: 100, field: http.bytes}'),
  counting('value_percentile', 'condition: {gte: 50, percentile: 60, field: http.bytes}'),
  counting('temporal', 'group-by: [user.id]'),
  counting('temporal_ordered', 'group-by: [session]'),
  documents(
    READ,
    SENT,
    `title: many
name: many
correlation: {type: event_count, rules: [read], group-by: [http.host], timespan: 30s,
  condition: {gte: 2}}`,
    `title: top
generate: true
correlation: {type: temporal_ordered, rules: [many, sent], group-by: [session], timespan: 40s}`,
  ),
  stateful(
    'egress.request',
    'taint: {source: {s: {kind: file.read}, condition: s}, seen: http.host, used: http.host, ' +
      'unless: {p: {kind: tool.call}, condition: p}, within: 1m}',
  ),
  stateful('file.read', 'changed: {value: http.host, group-by: [user.id]}'),
  stateful('file.read', 'changed: {value: http.host, group-by: [user.id], against: last}'),
  stateful(
    'file.read',
    'changed: {value: http.host, group-by: [user.id], known: {k: {kind: tool.call}, condition: k}}',
  ),
  stateful(
    'egress.request',
    'baseline: {sum: http.bytes, within: 20s, group-by: [session, http.host], ' +
      'against: [http.host], factor: 2, floor: 60, min: 3}',
  ),
  stateful(
    'egress.request',
    'baseline: {within: 30s, group-by: [user.id], factor: 1.5, quantile: 50, min: 2}',
  ),
  stateful('file.read', 'gap: {seq: n}').replace('by: [http.host]', 'by: [match.from]'),
  `${counting('value_avg', 'group-by: [user.id], condition: {gte: 4, field: n}', '60s')}
x-vitrine: {min: 5, falling: {field: http.bytes, first: 2, by: 0.3}}`,
];
/** Whose time a record comes in matters as well. */
const OTHERS = [
  stateful(
    'file.read',
    'gap: {seq: n, covered: {by: {d: {kind: telemetry.drop}, condition: d}, from: n, to: m}}',
  ),
  stateful('file.read', 'absence: {of: {s: {kind: tool.call}, condition: s}, before: 5s}'),
  stateful(
    'egress.request',
    'join: {of: {s: {kind: file.read}, condition: s}, on: {http.host: http.host}, ' +
      'before: 20s, after: 3s}',
  ),
  stateful(
    'file.read',
    'absence: {of: {s: {kind: tool.call}, condition: s}, until: {e: {kind: egress.request}, ' +
      'condition: e}, pair: user.id, before: 2s, after: 2s}',
  ),
];
const KINDS = ['file.read', 'egress.request', 'tool.call', 'telemetry.drop'];
const LATE_S = 30;
const LONG_S = 200;

interface Event {
  kind: string;
  t: number;
  /** How long each of two runs waits for it, seconds. */
  delays: [number, number];
  host: number;
  user: number;
  bytes: number;
  session: number;
  n: number;
}

const someEvents = fc.array(
  fc.record<Event>({
    kind: fc.constantFrom(...KINDS, 'file.read', 'egress.request'),
    t: fc.integer({ min: 0, max: LONG_S * 4 }).map((quarter) => quarter / 4),
    delays: fc.tuple(fc.nat(LATE_S - 1), fc.nat(LATE_S - 1)),
    host: fc.nat(2),
    user: fc.nat(2),
    bytes: fc.nat(60),
    session: fc.nat(1),
    n: fc.nat(30),
  }),
  { minLength: 1, maxLength: 50, size: 'max' },
);

/** Reads of a session are numbered as they happened, with one number in three left out. */
function numbered(events: readonly Event[]): Map<number, number> {
  const next = [0, 0];
  const order = events.map((_, i) => i).sort((a, b) => events[a]!.t - events[b]!.t || a - b);
  const reads = order.filter((i) => events[i]!.kind === 'file.read');
  return new Map(
    reads.map((i) => {
      const { session, host } = events[i]!;
      next[session]! += host === 2 ? 2 : 1;
      return [i, next[session]!];
    }),
  );
}

/** The rows of a log in which each event comes after its delay. */
function streamOf(events: readonly Event[], run: 0 | 1, closes = LONG_S + 60): DetectInput[] {
  const rows = new Rows();
  const opens = ['s0', 's1'].map((name) => rows.open(name, { expected: ['host'] }));
  const numbers = numbered(events);
  const came = events.map(({ kind, t, delays, host, user, bytes, session, ...more }, i) => {
    const n = numbers.get(i) ?? more.n;
    const fields = { http: { host: `h${host}`, bytes }, user: { id: `u${user}` }, n, m: n + 3 };
    return { at: t + delays[run], row: rows.row(kind, t, fields, `s${session}`) };
  });
  const close = { at: closes, row: rows.row('close', closes, {}, 's0') };
  const seals = rows.seals(5, LONG_S + 200).map((row, i) => ({ at: (i + 1) * 5, row }));
  // A batch ends with its seal; the order within it is that of arrival.
  const all = [...came, close, ...seals].sort((a, b) => a.at - b.at);
  return [...opens, ...all.map(({ row }) => row)];
}

/** Of rules that remember: one about single records is heard at once, and first come first told. */
function idsOf(alerts: AlertDraft[]): string[] {
  const told = alerts.filter(({ rule }) => !rule.includes('.'));
  return told.map(({ rule, id }) => `${rule} ${id}`).sort();
}

test('what came in another order within the lateness raises the same alerts', () => {
  const rules = rulesOf(...ORDERED);
  let raised = 0;
  const law = fc.property(someEvents, (events) => {
    const [one, other] = ([0, 1] as const).map((run) => alertsOf(rules, streamOf(events, run)));
    raised += one!.length;
    assert.deepEqual(idsOf(other!), idsOf(one!));
  });
  fc.assert(law, { numRuns: 30 });
  assert.ok(raised > 100, `only ${raised} alerts were compared`);
});

test('a run that was stopped anywhere and resumed gives what the whole run gives', () => {
  const rules = rulesOf(...ORDERED, ...OTHERS);
  let raised = 0;
  const law = fc.property(someEvents, fc.nat(99), fc.nat(LONG_S), (events, percent, closes) => {
    const stream = streamOf(events, 0, closes);
    const cut = Math.floor((stream.length * percent) / 100);
    const whole = alertsOf(rules, stream);
    const first = new Engine(rules);
    const before = stream.slice(0, cut).flatMap((row) => first.observe(row));
    const text = JSON.stringify(first.snapshot());
    const second = new Engine(rules);
    assert.deepEqual(second.restore(JSON.parse(text)).dropped, []);
    assert.equal(JSON.stringify(second.snapshot()), text);
    const after = stream.slice(cut).flatMap((row) => second.observe(row));
    raised += before.length > 0 && after.length > 0 ? 1 : 0;
    assert.deepEqual([...before, ...after], whole);
    assert.deepEqual(second.evicted, first.evicted);
  });
  fc.assert(law, { numRuns: 30 });
  assert.ok(raised > 0, 'no run had alerts on both sides');
});

test('rows that wait for their open are in a snapshot as well', () => {
  const rows = new Rows();
  const rules = rulesOf(READ);
  const first = new Engine(rules);
  assert.deepEqual(first.observe(rows.row('file.read', 1)), []);
  const second = new Engine(rules);
  second.restore(JSON.parse(JSON.stringify(first.snapshot())));
  assert.equal(second.observe(rows.open()).length, 1);
});

test('other rules, or another file of one, leave the state of the rest', () => {
  const [counted, changed] = [ORDERED[0]!, ORDERED[9]!];
  const rows = new Rows();
  const reads = [0, 1, 2].map((s) => rows.row('file.read', s));
  const engine = new Engine(rulesOf(counted, changed));
  for (const row of [rows.open(), ...reads]) engine.observe(row);
  const other = changed.replace('title: own', 'title: other');
  const to = rulesOf(counted, other, READ);
  assert.deepEqual(engine.replace(to), {
    added: ['T-003'],
    removed: [],
    changed: ['T-002'],
    kept: ['T-001'],
  });
  const rest = [rows.row('file.read', 3), ...rows.seals(5, 60)];
  const rulesHeard = rest.flatMap((row) => engine.observe(row)).map(({ rule }) => rule);
  assert.deepEqual(rulesHeard, ['T-003', 'T-001'], 'four reads, three of them from before');
  assert.deepEqual(engine.replace([]).removed, ['T-001', 'T-002', 'T-003']);
});

test('a snapshot drops what belongs to another rule, and what is none is refused', () => {
  const rules = rulesOf(ORDERED[0]!, ORDERED[9]!);
  const engine = new Engine(rules);
  const rows = new Rows();
  for (const row of [rows.open(), rows.row('file.read', 0, { user: { id: 'a' } })]) {
    engine.observe(row);
  }
  const snapshot = engine.snapshot();
  const others = rulesOf(`${ORDERED[0]!}\nlevel: high`);
  const dropped = new Engine(others).restore(snapshot);
  assert.deepEqual(dropped, { kept: [], dropped: ['T-001', 'T-002'] });
  const wrong: unknown[] = [
    null,
    [],
    {},
    { ...snapshot, format: 'x' },
    { ...snapshot, sessions: [['s', 7]] },
    { ...snapshot, silence: null },
    { ...snapshot, early: [[1]] },
    { ...snapshot, rules: { 'T-001': 1 } },
    { ...snapshot, rules: { 'T-001': { hash: rules[0]!.hash, state: [1, 2] } } },
  ];
  for (const one of wrong) {
    const is = (error: unknown): boolean =>
      error instanceof DetectError && error.code === 'SNAPSHOT_INVALID' && error.hint !== '';
    assert.throws(() => new Engine(rules).restore(one), is, JSON.stringify(one));
  }
});

test('records of any form, and snapshots with any member exchanged, are borne', () => {
  const rules = rulesOf(...ORDERED, ...OTHERS);
  const rows = new Rows();
  const names = ['http', 'user', 'n', 'm', 't', 'seq'] as const;
  const anything = fc.dictionary(fc.constantFrom(...names), fc.jsonValue());
  const someRows = fc.array(fc.tuple(fc.constantFrom(...KINDS), anything), { maxLength: 30 });
  const law = fc.property(someRows, fc.nat(), fc.jsonValue(), (given, place, value) => {
    const engine = new Engine(rules);
    const fields = given.map(([kind, record]) => rows.row(kind, 0, record as JsonObject));
    for (const row of [rows.open(), ...fields, ...rows.seals(5, 60)]) engine.observe(row);
    const text = JSON.stringify(engine.snapshot());
    let count = 0;
    JSON.parse(text, (_, one) => {
      count++;
      return one;
    });
    let nth = 0;
    const other = JSON.parse(text, (_, one) => (nth++ === place % count ? value : one));
    try {
      new Engine(rules).restore(other);
    } catch (error) {
      assert.ok(error instanceof DetectError, String(error));
    }
  });
  fc.assert(law, { numRuns: 50 });
});
