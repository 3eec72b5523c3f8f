import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CoverageAnswer, CoverageCell, SourceItem, SourcesItem } from '../client/answers.ts';
import { CliError } from '../error.ts';
import { sightFindings, stateWords } from './sight.ts';

function source(
  name: string,
  state: SourceItem['state'],
  more: Partial<SourceItem> = {},
): SourceItem {
  const base = { vantage: 'boundary', since: null, last_seen: null, losses: 0, reason: null };
  return { name, state, ...base, ...more };
}

function cell(component: string, state: CoverageCell['state'], sights: string[]): CoverageCell {
  const needs = sights.map((sight) => {
    const sessions = { seen: 0, claimed: 0, impaired: 0, missing: 0, [sight]: 1 };
    return { what: `${sight} things`, sessions };
  });
  const counts = { covered: 0, partly: 0, blind: 0, [state]: 1 };
  if (state === 'partly') counts.covered++;
  return { risk: 'user_misuse', component, state, sessions: counts, needs };
}

async function findings(items: SourcesItem[], cells: CoverageCell[]) {
  const coverage: CoverageAnswer = { sessions: items.length, cells };
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
    assert.deepEqual(await findings([{ session: 's', sources }], cells), [
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
    const well = [{ session: 's', sources: [source('a', 'healthy'), source('b', 'absent')] }];
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
