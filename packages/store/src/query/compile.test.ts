/**
 * What the engine answers to a query is what `matcherOf` says of each row, for queries of every
 * shape over records of every kind; and no value of a query becomes part of a statement.
 */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { JSON_DEPTH_MAX, type JsonObject, QUERY_CHARS_MAX, QUERY_TERMS_MAX } from '@vitrine/schema';
import { fixTimes, matcherOf, parseQuery, printQuery, type Query } from '@vitrine/schema/query';
import { queryTrees } from '@vitrine/schema/query/fixture';
import fc from 'fast-check';
import { FsckRig } from '../fixture/fsck.ts';
import { FixtureLog, insert } from '../fixture/log.ts';
import { andQuery, textsOf } from './compile.ts';
import { Condition } from './condition.ts';

const RUNS = 120;
const START = 1_764_000_000_000_000_000n;
const HOUR = 3_600_000_000_000n;
const HASH = Buffer.alloc(32, 0x5a).toString('base64');
const made = new FixtureLog();
const { log } = made;
let rig: FsckRig;

/** Members of all types, and texts that are hard to quote. */
const EVENTS: [kind: string, fields: JsonObject][] = [
  ['file.read', { file: { path: '/etc/pass wd', bytes: 1000 }, process: { pid: 4711 } }],
  ['file.write', { file: { path: 'C:\\dir\\a"b', real_path: '/ETC/passwd', errno: 'EACCES' } }],
  [
    'egress.request',
    { http: { host: 'API.x.example', status: 404, req_bytes: 12, path: '/v1/%_' } },
  ],
  ['egress.request', { http: { host: 'api.y.example', status: 200, req_bytes: 0, denied: true } }],
  ['process.exec', { process: { pid: 12, argv: ['ls', '-rf', 'Ünder', 7, null, { deep: 'x' }] } }],
  ['process.exec', { process: { exe: '/bin/ÜNDER', pid: 4711, argv: [] }, user: 'ada' }],
  ['tool.call', { tool: { name: 'Bash', success: false }, user: { id: 'u1', email: 'A@x' } }],
  ['other', { own: { number: '12.5', text: 'line\nnext\ttab', list: ['1000', -5, 'EACCES'] } }],
  ['other', { own: { number: '1e3', text: HASH, empty: '', none: null, half: 'a\\nb' } }],
  ['other', { rule: 'EGR-001', host: { name: 'laptop', ip: '10.0.0.1' }, agent: { id: 'main' } }],
  ['telemetry.gap', { from: 3, to: 9, reason: 'shim_sequence' }],
];

const WORLD = {
  texts: [
    ...['file.read', '/etc/pass wd', 'passwd', 'C:\\dir\\a"b', 'EACCES', 'eacces', 'api.x.example'],
    ...['404', '4711', 'true', 'false', 'ünder', '/bin/Ünder', '-rf', 'line\nnext', HASH, '%', '_'],
    ...[
      '"errno":"EACCES"',
      '',
      'a',
      '\\n',
      'nobody',
      's1',
      'b0.host',
      'boundary',
      'high',
      'EGR-001',
    ],
  ],
  numbers: ['0', '-5', '-6', '7', '12', '12.5', '12.500001', '200', '404', '1000'],
  textFields: ['kind', 'session', 'vantage', 'agent', 'title', 'subject', 'shim', 'sandbox', 'via'],
  numberFields: ['index', 'seq'],
  memberFields: [
    ...['host', 'path', 'pid', 'status', 'bytes', 'errno', 'user', 'rule', 'exe', 'tool', 'reason'],
    ...['process.argv', 'tool.success', 'http.denied', 'record.own.number', 'record.own.text'],
    ...[
      'record.own.list',
      'record.own.none',
      'record.own',
      'record.severity',
      'http',
      'record.seq',
    ],
  ].filter((name) => name !== 'http'),
  timeFields: ['time', 'observed'],
  times: [
    ...['now', 'now-1h', 'now+1h', '2025-11-24', '2025-11-24T16:00', '2025-11-24T16:00:00.5Z'],
    ...['2026-01-01', '1970-01-01', String(START)],
  ],
};

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-query-')));
  made.open('s1', { host: { name: 'laptop', process: { pid: 4711 } }, user: 'ada' });
  const vantages = ['agent', 'boundary', 'host'];
  for (let i = 0; i < 60; i++) {
    const [kind, fields] = EVENTS[i % EVENTS.length]!;
    const vantage = vantages[i % 3]!;
    const t = String(START + (BigInt(i) * HOUR) / 20n + BigInt(i % 2));
    made.event(`s${i % 2}/b0.${vantage}`, kind, fields, { t, vantage });
  }
  for (const severity of ['low', 'HIGH', 'critical', 'bad']) {
    const fields = {
      severity,
      rule: 'EGR-001',
      subject: 's1',
      title: `Ünder ${severity}`,
      id: 'a1',
    };
    made.own('alert', 'alert', fields);
  }
  made.event('s1/b0.host', 'tool.call', { severity: 'high' });
  await insert(rig.store, made.seal());
});
after(() => rig.stop());

async function answersOf(query: Query): Promise<number[]> {
  const asked = query === null ? {} : { query };
  const size = made.size;
  const rows = await rig.store.events({ log, size, order: 'asc', limit: size, ...asked });
  return rows.map(({ idx }) => idx);
}

function meantBy(query: Query): number[] {
  const matches = matcherOf(query);
  return made.rows.filter(matches).map(({ idx }) => idx);
}

/** Other comparisons than those that were asked for. */
const OFF: Record<string, string> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

/** How often a query finds some rows and not others: of the others nothing would be learned. */
let telling = 0;

describe('a compiled query', () => {
  it('finds exactly the rows that the tree means', async () => {
    await fc.assert(
      fc.asyncProperty(queryTrees(WORLD), async (tree) => {
        const query = fixTimes(tree, START + HOUR);
        const meant = meantBy(query);
        if (meant.length > 0 && meant.length < made.rows.length) telling++;
        assert.deepEqual(await answersOf(query), meant, printQuery(query));
      }),
      { numRuns: RUNS },
    );
    assert.ok(telling > RUNS / 5, `${telling} of ${RUNS} told rows apart`);
  });

  it('would be found out by one bound that is off by one', async () => {
    const off = (query: Query): Query =>
      JSON.parse(JSON.stringify(query), (key, value) =>
        key === 'op' ? (OFF[value] ?? value) : value,
      );
    const trees = fc.sample(queryTrees(WORLD), 4 * RUNS).filter((tree) => {
      const query = fixTimes(tree, START);
      return String(meantBy(query)) !== String(meantBy(off(query)));
    });
    const query = fixTimes(trees[0] ?? null, START);
    assert.notDeepEqual(await answersOf(off(query)), meantBy(query), printQuery(query));
  });

  it('finds what a person means', async () => {
    for (const [text, count] of [
      ['kind:file.read', 6],
      ['kind:FILE.*', 12],
      ['errno:eacces', 6],
      ['process.argv:ünder', 6],
      ['process.argv:7', 6],
      ['path:"c:\\dir\\a\\"b"', 6],
      ['status:400..499', 6],
      ['status>=200 -status:404', 6],
      ['severity>=high', 2],
      ['severity:3..5', 4],
      ['user:ada', 6],
      ['record.own.number>12', 5],
      ['"line\nnext"', 5],
      ['user:* NOT kind:open', 10],
    ] as const) {
      const query = parseQuery(text);
      assert.equal((await answersOf(query)).length, count, text);
      assert.equal(meantBy(query).length, count, text);
    }
  });

  it('finds no row that lacks the texts by which the index of words is asked', () => {
    fc.assert(
      fc.property(queryTrees(WORLD), (tree) => {
        const query = fixTimes(tree, START);
        if (query === null) return;
        const pieces = textsOf(query).flatMap((text) => text.toLowerCase().split(/[^0-9a-z]/));
        const isAscii = textsOf(query).every((text) => /^[ -~]*$/.test(text));
        if (!isAscii) return;
        for (const row of made.rows.filter(matcherOf(query))) {
          const record = row.record.toLowerCase();
          for (const piece of pieces) assert.ok(record.includes(piece), printQuery(query));
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('is taken by the engine as large as a query may be', async () => {
    const many = (term: (n: number) => string, join: string): string => {
      const all = Array.from({ length: QUERY_TERMS_MAX }, (_, n) => term(n));
      while (all.join(join).length > QUERY_CHARS_MAX) all.pop();
      return all.join(join);
    };
    const deep = (steps: number): string => `record.${'a.'.repeat(steps - 1)}b`;
    const step = (n: number): string => `${String.fromCharCode(97 + (n % 26))}${n}`;
    const texts = [
      many((n) => `host:*a${n}*b*c*d*e*f*g*h`, ' '),
      many((n) => `NOT path:*a${n}*b*c*d*e*f*g*`, ' '),
      many((n) => `path>${n}`, ' OR '),
      many(
        (n) => `record.${Array.from({ length: 9 }, (_, i) => step(9 * n + i)).join('.')}:1`,
        ' OR ',
      ),
      `${deep(JSON_DEPTH_MAX)}:x OR ${deep(JSON_DEPTH_MAX + 1)}>1 OR NOT ${deep(900)}:*`,
    ];
    for (const text of texts) {
      const query = parseQuery(text);
      assert.deepEqual(await answersOf(query), meantBy(query), text);
    }
  });

  it('has no value in its statement', () => {
    const secret = 'zq9xk';
    for (const field of ['kind', 'host', 'record.zq9xk', 'session', 'title', '']) {
      const name = field === '' ? '' : `${field}:`;
      for (const text of [`${name}${secret}`, `${name}*${secret}*b`, `${name}"${secret}'"`]) {
        const where = new Condition();
        andQuery(where, parseQuery(text)!);
        assert.ok(!String(where).includes(secret), String(where));
        assert.ok(JSON.stringify(where.params).includes(secret));
      }
    }
  });
});
