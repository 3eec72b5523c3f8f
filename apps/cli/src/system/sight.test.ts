import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type {
  Component,
  CoverageAnswer,
  CoverageCell,
  CoverageNeed,
  SightState,
  SourceItem,
  SourcesItem,
} from '@vitrine/schema/api';
import { CliError } from '../error.ts';
import { sightFindings, stateWords } from './sight.ts';

function source(
  name: string,
  state: SourceItem['state'],
  more: Partial<SourceItem> = {},
): SourceItem {
  return {
    ...{ name, state, vantage: 'boundary', since: null, expected: true, version: null },
    ...{ records: 0, more: false, signals: [], last_seen: null, losses: 0, last_loss: null },
    ...{ reason: null, sees: null },
    ...more,
  };
}

function sessionOf(sources: SourceItem[]): SourcesItem {
  return { session: 's', state: 'open', runtime: null, host: null, user: null, sources };
}

function cell(
  component: Component,
  state: CoverageCell['state'],
  sights: SightState[],
): CoverageCell {
  const needs = sights.map((sight): CoverageNeed => {
    const sessions = { seen: 0, claimed: 0, impaired: 0, missing: 0, [sight]: 1 };
    return { what: `${sight} things`, from: 'boundary', sessions, by: [] };
  });
  const counts = { covered: 0, partly: 0, blind: 0, [state]: 1 };
  if (state === 'partly') counts.covered++;
  return { risk: 'user_misuse', component, state, sessions: counts, needs };
}

async function findings(items: SourcesItem[], cells: CoverageCell[]) {
  const coverage: CoverageAnswer = { sessions: items.length, whole: true, cells, size: 1 };
  const client = {
    sources: async () => ({ items, cursor: null, size: 1 }),
    coverage: async () => coverage,
  };
  const found = await sightFindings(client);
  return found.map(({ check, state, found: words }) => [check, state, words]);
}

describe('what doctor says of sources', () => {
  it('names each that is not well, and what cannot be seen', async () => {
    const since = '1764000000000000000';
    const sources = [source('strace', 'silent', { since }), source('egress', 'healthy')];
    const cells = [
      cell('environment', 'partly', ['seen', 'impaired', 'claimed']),
      cell('model', 'covered', ['seen']),
    ];
    assert.deepEqual(await findings([sessionOf(sources)], cells), [
      ['sources', 'warn', '1 of 2 sources are well, of 1 open sessions'],
      ['source strace', 'warn', 's: silent since 2025-11-24T16:00:00.000Z'],
      [
        'sight of user misuse',
        'warn',
        'environment partly in 1 of 2 sessions (no impaired things; ' +
          "by the agent's word alone: claimed things); " +
          'model covered',
      ],
    ]);
  });

  it('has nothing to warn of when all are well, or nothing is open', async () => {
    const well = [sessionOf([source('a', 'healthy'), source('b', 'absent')])];
    const found = await findings(well, [cell('model', 'covered', ['seen'])]);
    assert.deepEqual(
      found.map(([, state]) => state),
      ['ok', 'ok'],
    );
    assert.deepEqual(await findings([], []), [['sources', 'ok', 'no session is open']]);
  });

  it('says when it cannot ask', async () => {
    const refuse = async (): Promise<never> => {
      throw new CliError('API_UNREACHABLE', 'nobody answers', '');
    };
    const [finding, ...rest] = await sightFindings({ sources: refuse, coverage: refuse });
    assert.deepEqual(rest, []);
    assert.match(finding!.found, /nobody answers/);
  });

  it('has words for every state', () => {
    const states = ['never', 'silent', 'dropping', 'unexpected', 'absent', 'ended'] as const;
    const words = states.map((state) => stateWords(source('x', state)));
    assert.equal(new Set(words).size, states.length);
  });
});
