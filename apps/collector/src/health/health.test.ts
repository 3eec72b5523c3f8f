/** Sources and coverage from what was heard: each state, who may answer for whom, each cell. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type JsonObject,
  SOURCE_DROPPING_MS,
  SOURCE_QUIET_MS,
  SOURCE_SILENT_MS,
} from '@vitrine/schema';
import type { SourceItem } from '@vitrine/schema/api';
import type { SourceNotice, SourceTail } from '@vitrine/store';
import { coverageOf } from './coverage.ts';
import { heardSources } from './heard.ts';
import { type JudgedSource, judgeSources } from './judge.ts';

const NOW_MS = 1_764_000_000_000;
const HOST = { host: { name: 'h' } };

function ns(agoMs: number): string {
  return `${NOW_MS - agoMs}000000`;
}

function tail(
  name: string,
  vantage: string,
  agoMs = 1_000,
  more: Partial<SourceTail> = {},
): SourceTail {
  const heard = ns(agoMs);
  const base = { session: 's', records: 5, whole: true, spoke: heard, kinds: ['other'] };
  return { ...base, name, vantage, heard, ...more };
}

function notice(
  kind: string,
  name: string,
  vantage: string,
  agoMs = 1_000,
  record: JsonObject = {},
): SourceNotice {
  const newest = JSON.stringify({ kind, ...record });
  return { session: 's', vantage, name, kind, count: 1, heard: ns(agoMs), newest };
}

interface Given {
  opened?: JsonObject;
  tails?: SourceTail[];
  notices?: SourceNotice[];
  closed?: boolean;
}

function judge({ opened = {}, tails = [], notices = [], closed = false }: Given): JudgedSource[] {
  const heard = heardSources({ tails, notices });
  return judgeSources({ opened, closed, heard, nowNs: BigInt(NOW_MS) * 1_000_000n });
}

function itemsOf(given: Given): SourceItem[] {
  return judge(given).map(({ item }) => item);
}

function statesOf(given: Given): Record<string, string> {
  return Object.fromEntries(
    itemsOf(given).map(({ name, vantage, state }) => [`${vantage}/${name}`, state]),
  );
}

describe('a source', () => {
  it('with heartbeats is silent when it misses them', () => {
    const at = (agoMs: number): string[] =>
      itemsOf({
        tails: [tail('strace', 'boundary', agoMs)],
        notices: [notice('telemetry.heartbeat', 'strace', 'boundary', agoMs)],
      }).map(({ state }) => state);
    assert.deepEqual([at(SOURCE_SILENT_MS), at(SOURCE_SILENT_MS + 1)], [['healthy'], ['silent']]);
  });

  it('without heartbeats is silent when others go on, and only then', () => {
    const agent = tail('claude-code/hook', 'agent', SOURCE_QUIET_MS + 2_000);
    assert.equal(itemsOf({ tails: [agent] })[0]!.state, 'healthy', 'all are idle');
    const states = (agoMs: number): Record<string, string> =>
      statesOf({ tails: [agent, tail('strace', 'boundary', agoMs)] });
    assert.equal(states(2_000)['agent/claude-code'], 'healthy');
    assert.equal(states(1_999)['agent/claude-code'], 'silent');
  });

  it('that was announced and not heard is named, and so is one that cannot be had', () => {
    const opened = {
      ...HOST,
      expected: ['boundary/egress', 'strace'],
      absent: [{ source: 'gvisor', reason: 'no runsc' }],
    };
    const items = itemsOf({ opened });
    assert.deepEqual(
      items.map(({ name, vantage, state, reason }) => [name, vantage, state, reason]),
      [
        ['egress', 'boundary', 'never', null],
        ['strace', null, 'never', null],
        ['relay', null, 'never', null],
        ['gvisor', null, 'absent', 'no runsc'],
      ],
    );
    assert.deepEqual(itemsOf({ opened: { source: { via: 'otlp' } } }), [], 'a push has no relay');
  });

  it('is not the relay by calling itself so', () => {
    const notices = ['telemetry.hello', 'telemetry.bye'].map((kind) => {
      return notice(kind, 'relay', 'agent', 1_000, { versions: { relay: '9' }, shims: [] });
    });
    for (const name of ['relay', 'relay/log']) {
      const states = statesOf({ opened: HOST, tails: [tail(name, 'agent')], notices });
      assert.equal(states['null/relay'], 'never');
    }
  });

  it('drops while its newest loss is fresh, whoever tells of it', () => {
    const losing = (kind: string, name: string, vantage: string, agoMs: number): SourceItem[] =>
      itemsOf({ tails: [tail(name, 'boundary')], notices: [notice(kind, name, vantage, agoMs)] });
    const states = [SOURCE_DROPPING_MS - 1, SOURCE_DROPPING_MS].map(
      (agoMs) => losing('telemetry.gap', 'strace', 'boundary', agoMs)[0]!,
    );
    assert.deepEqual(
      states.map(({ state, losses }) => [state, losses]),
      [
        ['dropping', 1],
        ['healthy', 1],
      ],
    );
    const [relay] = losing('gap', '', '', 5_000);
    assert.deepEqual(
      [relay!.name, relay!.state, relay!.vantage],
      ['relay', 'dropping', 'boundary'],
    );
  });

  it('has ended when it said goodbye, until it speaks again', () => {
    const bye = notice('telemetry.bye', 'strace', 'boundary', 60_000);
    const at = (agoMs: number): string =>
      itemsOf({ tails: [tail('strace', 'boundary', agoMs)], notices: [bye] })[0]!.state;
    assert.deepEqual([at(60_000), at(1_000)], ['ended', 'healthy']);
    assert.equal(itemsOf({ tails: [tail('x', 'guest')], closed: true })[0]!.state, 'ended');
  });

  it('tells its version when it begins, and its relay how many records it sent', () => {
    const shims = [{ name: 'strace', records: 9_000 }, { name: 7 }, null];
    const versions = { shim: '0.3.0' };
    const items = itemsOf({
      tails: [tail('strace', 'boundary', 1_000, { whole: false })],
      notices: [
        notice('telemetry.heartbeat', '', 'boundary', 1_000, { shims }),
        notice('telemetry.hello', '', 'boundary', 9_000, { versions: { relay: '0.1.0' } }),
        notice('telemetry.hello', 'strace', 'boundary', 9_000, { versions }),
      ],
    });
    const told = items.map(({ name, version, records, more }) => [name, version, records, more]);
    assert.deepEqual(told.sort(), [
      ['relay', '0.1.0', 0, false],
      ['strace', '0.3.0', 9_000, false],
    ]);
  });

  it('is one for all its signals', () => {
    const tails = ['hook', 'log', 'hook'].map((signal) => tail(`a/b/${signal}`, 'agent'));
    const [source, ...rest] = itemsOf({ tails });
    assert.deepEqual(rest, []);
    assert.deepEqual(
      [source!.name, source!.signals, source!.records],
      ['a/b', ['hook', 'log'], 15],
    );
  });
});

describe('the agent', () => {
  const forged = tail('strace', 'agent', 1_000, { kinds: ['process.exec'] });

  it('cannot answer for a source that stands outside it', () => {
    const opened = { expected: ['strace', 'boundary/egress', 'run'] };
    const tails = [forged, tail('egress', 'agent'), tail('run', 'agent')];
    assert.deepEqual(statesOf({ opened, tails }), {
      'null/strace': 'never',
      'boundary/egress': 'never',
      'null/run': 'never',
      'agent/run': 'unexpected',
      'agent/strace': 'unexpected',
      'agent/egress': 'unexpected',
    });
    const boundary = ['strace', 'egress', 'run'].map((name) => tail(name, 'boundary'));
    const states = Object.values(statesOf({ opened, tails: boundary }));
    assert.deepEqual(states, ['healthy', 'healthy', 'healthy']);
  });

  it('does not make the environment covered by calling itself a tracer', () => {
    const programs = (source: SourceTail): string[] => {
      const [cell] = coverageOf([judge({ tails: [source] })]);
      const { sessions } = cell!.needs.find(({ what }) => what === 'programs that start')!;
      return Object.entries(sessions).flatMap(([state, count]) => (count > 0 ? [state] : []));
    };
    assert.deepEqual(programs(forged), ['claimed']);
    assert.deepEqual(programs({ ...forged, name: 'own/log' }), ['claimed']);
    assert.deepEqual(programs({ ...forged, vantage: 'boundary' }), ['seen']);
  });

  it('need not be announced; who stands outside it must be', () => {
    const opened = { expected: ['egress'] };
    const tails = [
      tail('claude-code/log', 'agent'),
      tail('egress', 'boundary'),
      tail('x', 'guest'),
    ];
    assert.deepEqual(statesOf({ opened, tails }), {
      'guest/x': 'unexpected',
      'agent/claude-code': 'healthy',
      'boundary/egress': 'healthy',
    });
  });
});

describe('the coverage', () => {
  const tails = [
    tail('strace', 'boundary'),
    tail('egress', 'boundary'),
    tail('claude-code/hook', 'agent', 1_000, { kinds: ['mcp.connection', 'memory.load'] }),
  ];
  const states = (...sessions: JudgedSource[][]): string[] =>
    coverageOf(sessions).map(({ state }) => state);

  it('has nine cells, all of them blind without a source', () => {
    assert.deepEqual(states(), Array(9).fill('blind'));
    assert.deepEqual(states(judge({})), Array(9).fill('blind'));
  });

  it('is whole when all who see are well', () => {
    assert.deepEqual(states(judge({ tails })), Array(9).fill('covered'));
    assert.deepEqual(states(judge({ tails, closed: true })), Array(9).fill('covered'), 'was so');
  });

  it('loses with a source what only that one sees', () => {
    const without = (name: string): string[] =>
      states(judge({ tails: tails.filter((one) => one.name !== name) }));
    assert.deepEqual(without('strace').slice(0, 3), ['partly', 'covered', 'covered']);
    assert.deepEqual(without('claude-code/hook').slice(0, 3), ['covered', 'blind', 'partly']);
  });

  it('is impaired by one that is silent, and says by whom', () => {
    const notices = [notice('telemetry.heartbeat', 'strace', 'boundary', 60_000)];
    const old = [tail('strace', 'boundary', 60_000), ...tails.slice(1)];
    const [cell] = coverageOf([judge({ tails: old, notices })]);
    const [programs] = cell!.needs;
    assert.deepEqual(programs!.sessions, { seen: 0, claimed: 0, impaired: 1, missing: 0 });
    assert.deepEqual(programs!.by, ['strace']);
  });

  it('is that of the worst session, with how many are how', () => {
    const [cell] = coverageOf([judge({ tails }), judge({}), judge({ tails: tails.slice(0, 1) })]);
    assert.equal(cell!.state, 'blind');
    assert.deepEqual(cell!.sessions, { covered: 1, partly: 1, blind: 1 });
  });
});
