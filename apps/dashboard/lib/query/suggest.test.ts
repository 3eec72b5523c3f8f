import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventItem } from '@vitrine/schema/api';
import { parseQuery } from '@vitrine/schema/query';
import { termOfMember } from './member.ts';
import { suggest } from './suggest.ts';
import { withTerm } from './term.ts';
import { valuesIn } from './values.ts';

const VALUES: Record<string, string[]> = { kind: ['file.read', 'file.write'], path: ['/a b'] };
const valuesOf = (field: string): string[] => VALUES[field] ?? [];

/** The text with its first suggestion taken; `|` is the caret. */
function taken(marked: string): string | undefined {
  const caret = marked.indexOf('|');
  const text = marked.replace('|', '');
  const { from, to, items } = suggest(text, caret, valuesOf);
  return items[0] && text.slice(0, from) + items[0].text + text.slice(to);
}

describe('a query that is being typed', () => {
  it('is completed at the caret: names, paths, values', () => {
    assert.equal(taken('ki|'), 'kind:');
    assert.equal(taken('x -ki| y'), 'x -kind: y');
    assert.equal(taken('(ki|)'), '(kind:)');
    assert.equal(taken('http.re|'), 'http.req_bytes:');
    assert.equal(taken('kind:|'), 'kind:file.read ');
    assert.equal(taken('-kind:WR|'), '-kind:file.write ');
    assert.equal(taken('path:/|'), 'path:"/a b" ');
    assert.equal(taken('zzzz|'), undefined);
    assert.equal(taken('hots:|'), undefined);
    assert.equal(taken('"a ki|'), undefined);
  });
});

describe('a value that is picked', () => {
  it('becomes a term of the query, and takes the place of the same one', () => {
    assert.equal(withTerm('', 'kind:a'), 'kind:a');
    assert.equal(withTerm('x', 'kind:a'), 'x kind:a');
    assert.equal(withTerm('x OR y', '-kind:a'), '(x OR y) -kind:a');
    assert.equal(withTerm('x kind:a', 'kind:a'), 'x kind:a');
    assert.equal(withTerm('x kind:a', '-kind:a'), 'x -kind:a');
    assert.equal(withTerm('"broken', 'kind:a'), 'kind:a');
  });

  it('is asked for by the name of its member', () => {
    for (const [name, value, term] of [
      ['kind', 'file.read', 'kind:file.read'],
      ['process.argv[0]', 'a b', 'process.argv:"a b"'],
      ['own.deep.x', '1', 'record.own.deep.x:1'],
      ['t', '1764000000000000000', 'time:1764000000000000000'],
      ['severity', 'high', 'severity:high'],
      ['severity', 'bad', 'record.severity:bad'],
      ['"a.b"', 'x', undefined],
      ['prev', 'x', 'record.prev:x'],
    ] as const) {
      assert.equal(termOfMember(name, value), term, name);
      if (term !== undefined) parseQuery(term);
    }
  });
});

describe('values to offer', () => {
  it('are those of the rows at hand, the most frequent first, then the fixed ones', () => {
    const row = (kind: string, host: string): EventItem =>
      ({ kind, record: { http: { host, status: 200 } } }) as unknown as EventItem;
    const items = [row('own.kind', 'b'), row('file.read', 'a'), row('file.read', 'a')];
    assert.deepEqual(valuesIn(items, 'kind').slice(0, 2), ['file.read', 'own.kind']);
    assert.ok(valuesIn(items, 'kind').includes('egress.request'));
    assert.deepEqual(valuesIn(items, 'host'), ['a', 'b']);
    assert.deepEqual(valuesIn(items, 'http.status'), ['200']);
    assert.deepEqual(valuesIn(items, 'hots'), []);
    assert.ok(valuesIn(items, 'time').includes('now-1h'));
  });
});
