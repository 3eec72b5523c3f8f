/** The language: what it reads, what it refuses and where, and that a tree is written as it was. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { QueryError } from '../error.ts';
import {
  QUERY_CHARS_MAX,
  QUERY_DEPTH_MAX,
  QUERY_TERMS_MAX,
  QUERY_WILDCARDS_MAX,
} from '../limits.ts';
import type { GroupNode, Query } from './ast.ts';
import { QUERY_FIELDS } from './fields.ts';
import { parseQuery } from './parse.ts';
import { fieldTerm, printQuery } from './print.ts';
import { queryTrees } from './trees.test.ts';
import { timeSpan } from './value.ts';

/** Without the places. */
function placeless(query: Query): unknown {
  return JSON.parse(JSON.stringify(query, (key, value) => (key === 'at' ? undefined : value)));
}

/** The canonical form of a text. */
function read(text: string): string {
  return printQuery(parseQuery(text));
}

function refusalOf(text: string): QueryError {
  try {
    parseQuery(text);
  } catch (error) {
    assert.ok(error instanceof QueryError, String(error));
    return error;
  }
  assert.fail(`was taken: ${text}`);
}

describe('a query', () => {
  it('is read as it was meant', () => {
    for (const [text, meant] of [
      ['', ''],
      ['kind:file.read', 'kind:file.read'],
      ['  wget   curl ', 'wget curl'],
      ['a AND b OR c', 'a b OR c'],
      ['a (b OR c)', 'a (b OR c)'],
      ['(a b) c', 'a b c'],
      ['-kind:file.read', '-kind:file.read'],
      ['NOT kind:file.read', '-kind:file.read'],
      ['NOT (a OR b)', 'NOT (a OR b)'],
      ['-(a b)', 'NOT (a b)'],
      ['-"a b"', 'NOT "a b"'],
      ['rm -rf', 'rm "-rf"'],
      ['kind:(file.read OR file.write)', 'kind:file.read OR kind:file.write'],
      ['kind:(NOT file.*) x', '-kind:file.* x'],
      ['bytes>=1000', 'bytes>=1000'],
      ['bytes >= 1000', 'bytes>=1000'],
      ['bytes:>=1000', 'bytes>=1000'],
      ['status:400..499', 'status:400..499'],
      ['status:*..499', 'status:*..499'],
      ['path:../etc', 'path:../etc'],
      ['path:*..*', 'path:*..*'],
      ['path:"1..2"', 'path:"1..2"'],
      ['time>now-1h', 'time>now-1h'],
      ['time:2026-11-29..2026-11-30T10:00', 'time:2026-11-29..2026-11-30T10:00'],
      ['host : x', 'host:x'],
      ['field:*'.replace('field', 'user'), 'user:*'],
      ['user:"*"', 'user:"*"'],
      ['http.req_bytes>5', 'http.req_bytes>5'],
      ['record.build.step:x', 'record.build.step:x'],
      ['https://x.example/a', '"https://x.example/a"'],
      ['10.0.0.1:443', '"10.0.0.1:443"'],
      ['not found', '"not" found'],
      ['a > b', 'a ">" b'],
      ['FOO=bar', '"FOO=bar"'],
      ['severity>=high', 'severity>=high'],
      ['severity:3..5', 'severity:3..5'],
      ['path:/a\\ b*', 'path:/a\\ b*'],
      ['path:a**b', 'path:a*b'],
      ['/v1/files?x', '/v1/files?x'],
    ] as const) {
      assert.equal(read(text), meant, text);
    }
  });

  it('says where each part of it stands', () => {
    const query = parseQuery('x kind:(a OR "b c") -pid:4') as GroupNode;
    const places = query.nodes.map((node) => {
      if (node.type === 'field' || node.type === 'text') return [node.at.from, node.at.to];
      return node.type === 'not' ? (node.node as { at: unknown }).at : node.nodes.length;
    });
    assert.deepEqual(places, [[0, 1], 2, { from: 21, to: 26 }]);
  });

  it('is refused with a code, a place, and what to do', () => {
    for (const [text, code, from, to, hint] of [
      ['x hots:y', 'QUERY_FIELD_UNKNOWN', 2, 6, /did you mean host\?/],
      ['kidn:y', 'QUERY_FIELD_UNKNOWN', 0, 4, /did you mean kind\?/],
      ['proces.pid:1', 'QUERY_FIELD_UNKNOWN', 0, 10, /did you mean process\.pid\?/],
      ['api.anthropic.com:443', 'QUERY_FIELD_UNKNOWN', 0, 17, /quotation marks/],
      ['zzzzzz:y', 'QUERY_FIELD_UNKNOWN', 0, 6, /^a member of that name is record\.zzzzzz/],
      ['"abc', 'QUERY_SYNTAX', 0, 1, /end the phrase/],
      ['(a b', 'QUERY_SYNTAX', 0, 1, /write \)/],
      ['a b)', 'QUERY_SYNTAX', 3, 4, /take it away/],
      ['a OR', 'QUERY_SYNTAX', 4, 4, /write a word/],
      ['AND a', 'QUERY_SYNTAX', 0, 3, /quotation marks/],
      ['()', 'QUERY_SYNTAX', 1, 2, /quotation marks/],
      ['kind:', 'QUERY_SYNTAX', 0, 5, /write kind:value/],
      ['kind: OR x', 'QUERY_SYNTAX', 0, 5, /write kind:value/],
      ['kind:(a b)', 'QUERY_SYNTAX', 8, 9, /write OR/],
      ['path:/a(1)', 'QUERY_SYNTAX', 5, 8, /quotation marks/],
      ['status=404', 'QUERY_SYNTAX', 0, 7, /write status:value/],
      ['kind:a or kind:b', 'QUERY_SYNTAX', 7, 9, /write OR/],
      ['kind>a', 'QUERY_VALUE_INVALID', 5, 6, /colon/],
      ['index:x', 'QUERY_VALUE_INVALID', 6, 7, /a number such as/],
      ['index:1*', 'QUERY_VALUE_INVALID', 6, 8, /a number such as/],
      ['time>yesterday', 'QUERY_VALUE_INVALID', 5, 14, /now-1h/],
      ['time:2026-02-30', 'QUERY_VALUE_INVALID', 5, 15, /now-1h/],
      ['bytes>many', 'QUERY_VALUE_INVALID', 6, 10, /a number such as/],
      ['severity:bad', 'QUERY_VALUE_INVALID', 9, 12, /critical/],
      ['severity:2..high', 'QUERY_VALUE_INVALID', 9, 16, /critical/],
    ] as const) {
      const error = refusalOf(text);
      assert.deepEqual([error.code, error.at], [code, { from, to }], text);
      assert.match(error.hint, hint, text);
      assert.match(error.message, new RegExp(`\\(column ${from + 1}\\)$`), text);
      assert.deepEqual(JSON.parse(JSON.stringify(error)).at, { from, to });
    }
  });

  it('has limits, and each is reached', () => {
    const chars = 'x'.repeat(QUERY_CHARS_MAX);
    const deep = (levels: number): string => `${'('.repeat(levels)}a${')'.repeat(levels)}`;
    const terms = (count: number): string => Array(count).fill('a').join(' ');
    const wild = (count: number): string => `${'a*'.repeat(count)}b`;
    for (const [good, bad] of [
      [chars, `${chars}x`],
      [deep(QUERY_DEPTH_MAX), deep(QUERY_DEPTH_MAX + 1)],
      ['NOT '.repeat(QUERY_DEPTH_MAX).concat('a'), 'NOT '.repeat(QUERY_DEPTH_MAX + 1).concat('a')],
      [terms(QUERY_TERMS_MAX), terms(QUERY_TERMS_MAX + 1)],
      [wild(QUERY_WILDCARDS_MAX), wild(QUERY_WILDCARDS_MAX + 1)],
    ] as const) {
      parseQuery(good);
      assert.equal(refusalOf(bad).code, 'QUERY_TOO_LARGE');
    }
  });
});

const WORLD = {
  texts: [
    'file.read',
    '/etc/pass wd',
    'a"b\\c',
    'Ünder(x)',
    'now-1h',
    '-rf',
    'OR',
    '*',
    'a:b',
    '1..2',
  ],
  numbers: ['0', '-5', '1000', '12.5'],
  textFields: ['kind', 'session', 'title'],
  numberFields: ['index', 'seq'],
  memberFields: ['host', 'pid', 'http.req_bytes', 'record.own'],
  timeFields: ['time', 'observed'],
  times: ['now', 'now-1h', '2026-11-29', '2026-11-29T10:30:00.5Z', '2026-11-29T10:30+02:00'],
};

/** Texts of the language's own characters: most are refused, and the rest may mean anything. */
const NOISE = fc
  .array(
    fc.oneof(
      fc.constantFrom(...QUERY_FIELDS.map(({ name }) => name), ...WORLD.texts, ...WORLD.times),
      fc.constantFrom(
        ':',
        '(',
        ')',
        '"',
        '*',
        '\\',
        '-',
        ' ',
        ' OR ',
        ' NOT ',
        '..',
        '>=',
        '<',
        '1',
      ),
      fc.string({ unit: 'grapheme', maxLength: 2 }),
    ),
    { maxLength: 12 },
  )
  .map((list) => list.join(''));

describe('a tree', () => {
  it('is written as text that is read as the same tree', () => {
    fc.assert(
      fc.property(queryTrees(WORLD), (query) => {
        const text = printQuery(query);
        let parsed: Query;
        try {
          parsed = parseQuery(text);
        } catch (error) {
          if (error instanceof QueryError && error.code === 'QUERY_TOO_LARGE') return;
          throw error;
        }
        assert.deepEqual(placeless(parsed), placeless(query), text);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of any text that is taken is the same again, and any other text is refused', () => {
    let taken = 0;
    fc.assert(
      fc.property(NOISE, (text) => {
        let query: Query;
        try {
          query = parseQuery(text);
        } catch (error) {
          assert.ok(error instanceof QueryError, String(error));
          assert.ok(error.at.from <= error.at.to && error.at.to <= text.length);
          return;
        }
        taken++;
        assert.deepEqual(placeless(parseQuery(printQuery(query))), placeless(query), text);
      }),
      { numRuns: 5_000 },
    );
    assert.ok(taken > 500, `${taken} were taken`);
  });

  it('of a value is a term for exactly it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const parsed = parseQuery(fieldTerm('host', value));
        assert.deepEqual(parsed?.type === 'field' && parsed.test, { op: 'is', pieces: [value] });
      }),
    );
  });
});

describe('a time', () => {
  const NOW = 1_764_410_400_000_000_000n;
  const DAY = 86_400_000_000_000n;

  it('is what its text leaves open', () => {
    const day = timeSpan('2026-11-29', NOW)!;
    assert.equal(day.last - day.first + 1n, DAY);
    const minute = timeSpan('2026-11-29T10:30Z', NOW)!;
    assert.equal(minute.last - minute.first + 1n, 60_000_000_000n);
    assert.equal(minute.first, timeSpan('2026-11-29T12:30:00+02:00', NOW)!.first);
    const tenth = timeSpan('2026-11-29T10:30:00.5', NOW)!;
    assert.equal(tenth.first, minute.first + 500_000_000n);
    assert.equal(tenth.last - tenth.first + 1n, 100_000_000n);
    assert.equal(timeSpan('now-1d', NOW)!.first, NOW - DAY);
    assert.equal(timeSpan('now-999999w', NOW)!.first, 0n);
    assert.equal(timeSpan('1764410400000000001', NOW)!.first, NOW + 1n);
    for (const text of ['', 'today', '2026-13-01', '2026-11-29T25:00', 'now-1y', '17644104']) {
      assert.equal(timeSpan(text, NOW), undefined, text);
    }
  });
});
