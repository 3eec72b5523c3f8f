/** Flat names say where each value stands, and no two places share one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '@vitrine/schema/record';
import { flatten } from './flatten.ts';

describe('a record as fields', () => {
  it('names members, elements and what is empty', () => {
    const record = {
      process: { argv: ['sh', '-c'], env: {}, pid: 7 },
      hosts: [],
      ok: true,
      none: null,
      text: '',
    };
    assert.deepEqual(
      flatten(record).map(({ name, value, type }) => [name, value, type]),
      [
        ['process.argv[0]', 'sh', 'text'],
        ['process.argv[1]', '-c', 'text'],
        ['process.env', '{}', 'empty'],
        ['process.pid', '7', 'number'],
        ['hosts', '[]', 'empty'],
        ['ok', 'true', 'boolean'],
        ['none', 'null', 'null'],
        ['text', '', 'text'],
      ],
    );
  });

  it('tells a member with a dot from a nested one', () => {
    const names = flatten({ a: { b: 1 }, 'a.b': 2, 'c[0]': 3, c: [4] }).map(({ name }) => name);
    assert.deepEqual(names, ['a.b', '"a.b"', '"c[0]"', 'c[0]']);
    assert.equal(new Set(names).size, names.length);
  });

  it('follows a record as deep as one may be', () => {
    let record: JsonObject = { end: 1 };
    for (let i = 0; i < 15; i++) record = { m: record };
    assert.equal(flatten(record)[0]?.name, `${'m.'.repeat(15)}end`);
  });
});
