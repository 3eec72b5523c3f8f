/** What the page says of states, needs and cells. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type CoverageCell,
  type CoverageNeed,
  SOURCE_STATES,
  type SourceItem,
} from '@vitrine/schema/api';
import {
  cellExtent,
  needWords,
  RISK_WORDS,
  recordsText,
  STATE_WORDS,
  stateDetail,
  wordOf,
} from './words.ts';

const SOURCE: SourceItem = {
  name: 'x',
  vantage: 'boundary',
  state: 'healthy',
  since: null,
  expected: true,
  version: null,
  records: 1_234,
  more: true,
  signals: [],
  last_seen: null,
  losses: 0,
  last_loss: null,
  reason: null,
  sees: null,
};

describe('a source', () => {
  it('has a word for each state, all different', () => {
    assert.equal(new Set(SOURCE_STATES.map((state) => STATE_WORDS[state])).size, 7);
  });

  it('is described by what is so beside its state', () => {
    assert.equal(stateDetail(SOURCE), '');
    assert.equal(stateDetail({ ...SOURCE, state: 'absent', reason: 'no runsc' }), 'no runsc');
    assert.match(stateDetail({ ...SOURCE, state: 'never' }), /nothing came/);
    const telling = { ...SOURCE, signals: ['hook', 'log'], losses: 1, expected: false, sees: 'it' };
    assert.equal(stateDetail(telling), 'by hook, log · 1 loss told · not announced · it');
  });

  it('has at least the records that were counted', () => {
    assert.equal(recordsText(SOURCE), '1,234+');
    assert.equal(recordsText({ ...SOURCE, more: false }), '1,234');
  });
});

describe('the coverage', () => {
  const sessions = { seen: 0, claimed: 0, impaired: 0, missing: 0 };
  const need: CoverageNeed = { what: 'x', from: 'agent', sessions, by: [] };
  const cell = (covered: number, blind: number): CoverageCell => {
    const counts = { covered, partly: 0, blind };
    return {
      risk: 'user_misuse',
      component: 'model',
      state: blind > 0 ? 'blind' : 'covered',
      sessions: counts,
      needs: [],
    };
  };

  it('says how often a need is met how, and of one session only how', () => {
    assert.equal(needWords(need), 'no session to look at');
    assert.equal(needWords({ ...need, sessions: { ...sessions, missing: 1 } }), 'seen by nobody');
    const words = needWords({ ...need, sessions: { ...sessions, seen: 2, missing: 1 } });
    assert.equal(words, '2 × seen, 1 × seen by nobody');
  });

  it('says of how many sessions the worst is true', () => {
    assert.deepEqual([cell(1, 0), cell(0, 2), cell(3, 1)].map(cellExtent), ['', '', 'in 1 of 4']);
  });

  it('shows a word it does not know as it is', () => {
    assert.equal(wordOf(RISK_WORDS, 'user_misuse'), 'User misuse');
    assert.equal(wordOf(RISK_WORDS, 'a_new_one'), 'a new one');
    assert.equal(wordOf(RISK_WORDS, 'constructor'), 'constructor');
  });
});
