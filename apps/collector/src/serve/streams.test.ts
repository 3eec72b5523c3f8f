import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PULL_KINDS_MAX, QUERY_CHARS_MAX, QueryError } from '@vitrine/schema';
import { PULL_STREAMS, type PullStream } from '@vitrine/schema/api';
import { matcherOf, printQuery } from '@vitrine/schema/query';
import { ApiError } from '../api/errors.ts';
import { conditionsOf, filterHash, filterParameters, pullFilter } from './streams.ts';

const filterOf = (stream: PullStream, given: Record<string, string> = {}) =>
  pullFilter(stream, (name) => given[name]);

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof ApiError || error instanceof QueryError, String(error));
    return error.code;
  }
  return 'none';
}

describe('filters of streams', () => {
  it('ask the store for what the stream has', () => {
    const asked = PULL_STREAMS.map((stream) => {
      const { query, ...rest } = conditionsOf(filterOf(stream), 0n);
      return { ...rest, query: printQuery(query ?? null) };
    });
    assert.deepEqual(asked, [
      { query: '-session:log' },
      { chain: 'log/alert', kinds: ['alert'], query: '' },
      { chain: 'log/seal', query: '' },
      { chain: 'log/audit', query: '' },
    ]);
  });

  it('narrow it', () => {
    const given = { kind: 'file.read,tool.call', session: 's1', sandbox: 'b1', q: 'curl' };
    const { query, ...rest } = conditionsOf(
      filterOf('events', { ...given, severity_gte: 'medium' }),
      0n,
    );
    assert.deepEqual(rest, { session: 's1', kinds: ['file.read', 'tool.call'] });
    assert.equal(printQuery(query!), 'sandbox:b1 severity>=2 curl');
    const about = filterOf('alerts', { session: 's1', severity_gte: 'high' });
    assert.deepEqual(conditionsOf(about, 0n).subject, 's1');
    assert.equal(printQuery(conditionsOf(about, 0n).query!), 'severity>=high');
  });

  it('leave out what another collector writes itself, unless it is asked for', () => {
    const queryOf = (given: Record<string, string>, replayed: boolean) =>
      printQuery(conditionsOf(filterOf('events', given), 0n, replayed).query ?? null);
    assert.equal(queryOf({}, true), '-session:log -shim:sup');
    assert.equal(queryOf({ kind: 'open,close' }, true), '-session:log');
    assert.equal(queryOf({}, false), '-session:log');
    assert.equal(conditionsOf(filterOf('alerts'), 0n, true).query, undefined);
  });

  it('never let records of the log itself into events', () => {
    const row = {
      ...{ agent: '', idx: 0, kind: 'access', observed: '0', peer: '', record: '{}', sandbox: '' },
      ...{
        seq: 0,
        severity: 0,
        shim: 'audit',
        subject: '',
        t: '0',
        title: '',
        vantage: '',
        via: '',
      },
    };
    for (const given of [
      {},
      { q: 'kind:access OR session:log' },
      { severity_gte: 'low', q: 'a' },
    ]) {
      const { query } = conditionsOf(filterOf('events', given as Record<string, string>), 0n);
      assert.equal(matcherOf(query!)({ ...row, session: 'log' }), false);
    }
    assert.equal(
      codeOf(() => filterOf('events', { session: 'log' })),
      'BAD_REQUEST',
    );
  });

  it('are the same where they ask the same, and come back out of a link', () => {
    const one = filterOf('events', { kind: 'b,a,b', q: 'x' });
    const again = filterOf('events', { ...Object.fromEntries(filterParameters(one)) });
    assert.equal(filterHash(again), filterHash(one));
    const others = [{ kind: 'a,b' }, { kind: 'a', q: 'x' }, { kind: 'a,b', q: 'y' }];
    for (const other of others) {
      assert.notEqual(
        filterHash(filterOf('events', other as Record<string, string>)),
        filterHash(one),
      );
    }
    assert.notEqual(filterHash(filterOf('alerts')), filterHash(filterOf('access')));
  });

  it('are refused where they are wrong', () => {
    const kinds = (count: number) => Array.from({ length: count }, (_, i) => `k${i}`).join();
    const wrong: [PullStream, Record<string, string>][] = [
      ['checkpoints', { kind: 'seal' }],
      ['access', { session: 's' }],
      ['alerts', { sandbox: 'b' }],
      ['events', { kind: 'File Read' }],
      ['events', { kind: kinds(PULL_KINDS_MAX + 1) }],
      ['events', { severity_gte: 'grave' }],
      ['events', { session: 'a b' }],
      ['events', { session: 's'.repeat(129) }],
      ['events', { q: 'x'.repeat(QUERY_CHARS_MAX + 1) }],
      // With it the record of who reads would be one that names nobody.
      ['events', { q: 'x\ud800' }],
    ];
    for (const [stream, given] of wrong) {
      assert.equal(
        codeOf(() => filterOf(stream, given)),
        'BAD_REQUEST',
        JSON.stringify(given),
      );
    }
    assert.equal(
      codeOf(() => filterOf('events', { q: 'colour:red' })),
      'QUERY_FIELD_UNKNOWN',
    );
    const most = { kind: kinds(PULL_KINDS_MAX), q: 'x'.repeat(QUERY_CHARS_MAX) };
    const longest = { ...most, session: 's'.repeat(128) };
    assert.equal(
      codeOf(() => filterOf('events', longest)),
      'none',
    );
  });
});
