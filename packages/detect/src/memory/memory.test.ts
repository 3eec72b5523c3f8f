/** gap, baseline, taint, changed: what they find, what they let pass, what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DETECT_HELD_PER_GROUP_MAX,
  DETECT_HISTORY_MAX,
  EGRESS_NAMES_MAX,
  type JsonObject,
} from '@vitrine/schema';
import { Engine } from '../engine.ts';
import { base, heard, Rows, refusalOf, rulesOf } from '../stream.fixture.ts';

function rule(kind: string, what: string, block: string): string {
  return base('own', kind, `x-vitrine: {what: "${what}", suppress: {for: 1s}, ${block}}`);
}

type Told = [kind: string, seconds: number, fields?: JsonObject, session?: string];

function said(yaml: string, told: Told[]): string[] {
  const rows = new Rows();
  const middle = told.map(([kind, s, fields, session]) => rows.row(kind, s, fields, session));
  return heard(rulesOf(yaml), rows, middle).map(({ what }) => what);
}

const GAP = rule(
  'file.read',
  '{match.from}-{match.to}: {match.count}',
  `suppress: {by: [match.from], for: 1s}, gap: {seq: event.sequence,
     covered: {by: {d: {kind: telemetry.drop}, condition: d},
     on: {shim: source.shim}}}`,
).replace('suppress: {for: 1s}, ', '');
const nth = (n: number | string): JsonObject => ({ event: { sequence: n } });

test('gap: numbers that never came, by chain, with the record behind them', () => {
  const reads = (...numbers: (number | string)[]): string[] =>
    said(
      GAP,
      numbers.map((n, i) => ['file.read', i, nth(n)]),
    );
  assert.deepEqual(reads(1, 2, 3), []);
  assert.deepEqual(reads(7, 8, 11, 12), ['9-10: 2']);
  assert.deepEqual(reads(1, 4, 3, 2), [], 'they came, only later');
  assert.deepEqual(reads(1, 6, 4), ['2-3: 2', '5-5: 1']);
  assert.deepEqual(reads(5, 3), ['4-4: 1'], 'the first to come need not be the first');
  assert.deepEqual(reads(1, '3'), ['2-2: 1']);
  assert.deepEqual(reads(1, 'many', 2), []);
  const apart: Told[] = [
    ['file.read', 0, nth(1), 's1'],
    ['file.read', 0, nth(3), 's2'],
    ['file.read', 1, nth(2), 's1'],
  ];
  assert.deepEqual(said(GAP, apart), []);
});

test('gap: a loss that was owned up to is none, before or behind it, in whole or in part', () => {
  const drop = (from: number, to: number, shim = 'b.host'): JsonObject => {
    return { from, to, source: { shim } };
  };
  const with_ = (s: number, loss: JsonObject): string[] =>
    said(GAP, [
      ['file.read', 1, nth(1)],
      ['telemetry.drop', s, loss],
      ['file.read', 2, nth(6)],
    ]);
  assert.deepEqual(with_(1.5, drop(2, 5)), []);
  assert.deepEqual(with_(3, drop(2, 5)), []);
  assert.deepEqual(with_(3, drop(3, 4)), ['2-2: 1', '5-5: 1']);
  assert.deepEqual(with_(3, drop(2, 5, 'c.host')), ['2-5: 4'], 'of another chain');
  assert.deepEqual(with_(3, { from: 'x' }), ['2-5: 4']);
  assert.deepEqual(with_(3, drop(5, 2)), ['2-5: 4']);
  const losses: Told[] = [drop(7, 8), drop(2, 3), drop(4, 4), drop(6, 7)].map((loss) => [
    'telemetry.drop',
    3,
    loss,
  ]);
  const reads: Told[] = [1, 11].map((n) => ['file.read', n, nth(n)]);
  assert.deepEqual(said(GAP, [...reads, ...losses]), ['5-5: 1', '9-10: 2']);
});

test('gap: what is missing is bounded, and told when the session ends', () => {
  const rows = new Rows();
  const engine = new Engine(rulesOf(GAP));
  engine.observe(rows.open());
  for (let i = 0; i <= DETECT_HELD_PER_GROUP_MAX; i++) {
    engine.observe(rows.row('file.read', i / 10, nth(2 * i)));
  }
  assert.deepEqual(engine.evicted, {});
  engine.observe(rows.row('file.read', 999, nth(99_999)));
  assert.deepEqual(engine.evicted, { 'T-001': 1 });
  assert.ok(engine.observe(rows.row('close', 1_000)).length > 10);
});

const BASELINE = rule(
  'egress.request',
  '{match.value} over {match.threshold}, as {match.baseline}',
  'baseline: {sum: http.req_bytes, within: 1m, group-by: [session, http.host], ' +
    'against: [http.host], factor: 3, floor: 100, min: 3}',
);

function sent(bytes: number[], start = 0, host = 'a', session = 's'): Told[] {
  return bytes.map((size, i) => [
    'egress.request',
    (start + i) * 120,
    { http: { host, req_bytes: size } },
    session,
  ]);
}

test('baseline: until enough was seen the floor counts, then what is usual for its like', () => {
  assert.deepEqual(said(BASELINE, sent([100, 90])), []);
  assert.deepEqual(said(BASELINE, sent([101])), ['101 over 100, as 0']);
  const usual = sent([80, 80, 80], 0, 'a', 'before');
  assert.deepEqual(said(BASELINE, [...usual, ...sent([240], 5)]), []);
  assert.deepEqual(said(BASELINE, [...usual, ...sent([241], 5)]), ['241 over 240, as 80']);
  assert.deepEqual(said(BASELINE, [...usual, ...sent([200], 5, 'b')]), ['200 over 100, as 0']);
  const parts = sent([200], 5).concat(sent([50], 5.4));
  assert.deepEqual(said(BASELINE, [...usual, ...parts]), ['250 over 240, as 80']);
  const apart = sent([200], 5).concat(sent([50], 6.5));
  assert.deepEqual(said(BASELINE, [...usual, ...apart]), []);
});

test('baseline: going far beyond does not make it usual at a stroke', () => {
  const usual = sent([80, 80, 80]);
  const flood = Array.from({ length: 5 }, () => 10_000);
  const thresholds = said(BASELINE, [...usual, ...sent(flood, 3)]).map((what) =>
    Number(/over ([\d.]+)/.exec(what)![1]),
  );
  assert.equal(thresholds.length, 5);
  assert.ok(thresholds[1]! < 2 * 240, String(thresholds));
});

test('baseline: a quantile, a count, and no floor', () => {
  const counted = rule(
    'egress.request',
    '{match.value}/{match.threshold}',
    'baseline: {within: 1m, group-by: [http.host], factor: 2, min: 3, quantile: 50}',
  );
  const burst = (count: number, minute: number): Told[] =>
    Array.from(
      { length: count },
      (_, i): Told => ['egress.request', minute * 60 + i / 10, { http: { host: 'a' } }],
    );
  const usual = [...burst(2, 0), ...burst(2, 1), ...burst(9, 2)];
  assert.deepEqual(said(counted, usual), [], 'nothing is known yet');
  assert.deepEqual(said(counted, [...usual, ...burst(4, 5)]), []);
  assert.deepEqual(said(counted, [...usual, ...burst(5, 5)]), ['5/4']);
});

test('baseline: of a quantile the last samples count', () => {
  const most = rule(
    'egress.request',
    '{match.threshold}',
    'baseline: {sum: n, within: 10s, group-by: [kind], factor: 2, min: 1, quantile: 100}',
  );
  const minutes = (small: number): Told[] => [
    ['egress.request', 0, { n: 10 }],
    ...Array.from({ length: small }, (_, i): Told => ['egress.request', 15 + i * 12, { n: 1 }]),
    ['egress.request', 15 + small * 12, { n: 15 }],
  ];
  assert.deepEqual(said(most, minutes(DETECT_HISTORY_MAX - 1)), []);
  assert.deepEqual(said(most, minutes(DETECT_HISTORY_MAX)), ['2']);
});

const TAINT = rule(
  'egress.request',
  '{match.value}',
  `taint: {source: {s: {kind: tool.result}, condition: s}, seen: [tool.hosts, tool.fps],
     used: [http.host, http.auth_fp],
     unless: {p: {kind: prompt.submit}, condition: p}, named: prompt.hosts, within: 1m}`,
);

test('taint: what came in from outside and is used within the window, in order', () => {
  const read: Told = ['tool.result', 10, { tool: { hosts: ['Evil.example', 'b'], fps: 'f1' } }];
  const use = (s: number, http: JsonObject, session = 's'): Told => [
    'egress.request',
    s,
    { http },
    session,
  ];
  assert.deepEqual(said(TAINT, [read, use(11, { host: 'evil.EXAMPLE' })]), ['evil.example']);
  assert.deepEqual(said(TAINT, [read, use(11, { host: 'x', auth_fp: ['f0', 'f1'] })]), ['f1']);
  assert.deepEqual(said(TAINT, [read, use(11, { host: 'c' })]), []);
  assert.deepEqual(said(TAINT, [read, use(9, { host: 'b' })]), [], 'used before it was seen');
  assert.deepEqual(said(TAINT, [read, use(70, { host: 'b' })]), ['b']);
  assert.deepEqual(said(TAINT, [read, use(70.5, { host: 'b' })]), []);
  assert.deepEqual(said(TAINT, [read, use(11, { host: 'b' }, 'other')]), []);
  const again: Told = ['tool.result', 100, { tool: { hosts: ['b'] } }];
  assert.deepEqual(said(TAINT, [read, again, use(120, { host: 'b' })]), ['b'], 'seen once more');
});

test('taint: one of many that came in together is none less', () => {
  const fps = Array.from({ length: EGRESS_NAMES_MAX }, (_, n) => `${n}`.padStart(64, '0'));
  for (const fp of [fps[0], fps.at(-1)]) {
    const rows: Told[] = [
      ['tool.result', 10, { tool: { fps } }],
      ['egress.request', 11, { http: { auth_fp: [...fps.slice(0, -1).map((n) => `x${n}`), fp!] } }],
    ];
    assert.deepEqual(said(TAINT, rows), [fp]);
  }
});

test('taint: what the user named first is no plant, what the user named afterwards is', () => {
  const told = (asked: number): string[] =>
    said(TAINT, [
      ['tool.result', 10, { tool: { hosts: ['b'] } }],
      ['prompt.submit', asked, { prompt: { hosts: ['B'] } }],
      ['egress.request', 20, { http: { host: 'b' } }],
    ]);
  assert.deepEqual([told(5), told(15)], [[], ['b']]);
});

const changed = (more: string): string =>
  rule(
    'mcp.tool',
    '{match.expected} is {match.value}',
    `changed: {value: tool.def_hash, group-by: [mcp.server, tool.name]${more}}`,
  );
const tool = (
  s: number,
  hash: string | null,
  name = 't',
  kind = 'mcp.tool',
  session = 's',
): Told => [kind, s, { mcp: { server: 'm' }, tool: { name, def_hash: hash } }, session];

test('changed: another value than the first, the last, or the approved one', () => {
  const values = [tool(0, 'a'), tool(2, 'a'), tool(4, 'b', 't', 'mcp.tool', 's2'), tool(6, 'b')];
  assert.deepEqual(said(changed(''), values), ['a is b', 'a is b'], 'across sessions');
  assert.deepEqual(said(changed(', against: last'), values), ['a is b']);
  assert.deepEqual(said(changed(''), [tool(0, 'a'), tool(1, 'b', 'other'), tool(2, null)]), []);
  const approved = changed(', known: {k: {kind: approval.decision}, condition: k}');
  assert.deepEqual(said(approved, values), [], 'nothing was approved');
  const yes = (s: number, hash: string): Told => tool(s, hash, 't', 'approval.decision');
  assert.deepEqual(said(approved, [yes(1, 'a'), ...values]), ['a is b', 'a is b']);
  assert.deepEqual(said(approved, [yes(1, 'a'), yes(5, 'b'), ...values]), ['a is b']);
});

test('what is not understood is refused by name', () => {
  const refused = (block: string): string => refusalOf(rule('x', 'w', block));
  const source = 'source: {s: {kind: y}, condition: s}';
  for (const [block, reason] of [
    ['gap: {}', /x-vitrine.gap.seq is not a text/],
    ['gap: {seq: n, over: 1}', /x-vitrine.gap.over is not known/],
    ['gap: {seq: n, covered: {by: {a: {b: c}, condition: a}, as: x}}', /covered.as is not known/],
    ['gap: {seq: n, late: soon}', /gap.late is not like 30s/],
    ['baseline: {within: 1m}', /baseline.factor is not a number above 0/],
    ['baseline: {within: 2d, factor: 2}', /baseline.within is longer than a day/],
    ['baseline: {within: 1m, factor: 2, min: 1.5}', /min is not a whole number/],
    ['baseline: {within: 1m, factor: 2, weight: 2}', /weight is above 1/],
    ['baseline: {within: 1m, factor: 2, quantile: 101}', /quantile is above 100/],
    ['baseline: {within: 1m, factor: 2, quantile: 5, weight: 1}', /exclude each other/],
    [`taint: {${source}, used: a, within: 1m}`, /taint.seen is not a list of texts/],
    [`taint: {${source}, used: a, seen: b}`, /taint.within is not like 30s/],
    ['taint: {seen: a, used: a, within: 1m}', /taint.source is not a map/],
    ['changed: {value: a}', /changed.group-by: the list is empty/],
    ['changed: {value: a, group-by: [b], against: other}', /neither first nor last/],
    ['changed: {value: a, group-by: [b], against: last, known: {k: {a: b}, condition: k}}', /excl/],
    ['changed: {value: a, group-by: [b]}, gap: {seq: n}', /changed or gap, not both/],
  ] as const) {
    assert.match(refused(block), reason);
  }
});
