/** What the page says of a connector in each state, and of settings that lead to secrets. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConnectorItem, TestReport } from '@vitrine/schema/api';
import {
  causeText,
  lagText,
  STANDING_WORDS,
  settingText,
  standingOf,
  standingText,
  verdictText,
} from './words.ts';

const ITEM: ConnectorItem = {
  name: 'soc',
  type: 'webhook',
  guarantee: 'answered',
  state: 'running',
  cursor: -1,
  lag: 0,
  lagMs: 0,
  delivered: 0,
  failed: 0,
  failures: { retry: 0, split: 0, dead: 0, pause: 0 },
  retries: 0,
  inFlight: 0,
  unconfirmed: 0,
  breaker: 'closed',
  pausedBy: null,
  pausedReason: null,
  dead: 0,
  lastError: null,
  lastErrorHint: null,
  lastErrorAt: null,
  lastSuccessAt: null,
};

describe('a connector', () => {
  it('that a person paused is told from one that the destination refuses', () => {
    const held: ConnectorItem = { ...ITEM, state: 'paused', pausedBy: 'person' };
    const refused: ConnectorItem = { ...ITEM, state: 'paused', pausedBy: 'answers' };
    assert.deepEqual([held, refused].map(standingOf), ['held', 'paused']);
    assert.notEqual(STANDING_WORDS[standingOf(held)], STANDING_WORDS[standingOf(refused)]);
    assert.match(standingText(held), /^A person paused it/);
    assert.match(standingText(refused), /a person can repair/);
    assert.equal(standingText(ITEM), '');
  });

  it('says what waits and for how long', () => {
    assert.equal(lagText(ITEM), 'nothing');
    assert.equal(lagText({ ...ITEM, lag: 1_200, lagMs: 4_200 }), '1,200 for 4.2 s');
  });
});

describe('the last error of a connector', () => {
  it('is told without its hint, which is told beside it', () => {
    const lastErrorHint = 'check host and port';
    const told = { ...ITEM, lastErrorHint, lastError: 'ECONNREFUSED; check host and port' };
    assert.equal(causeText(told), 'ECONNREFUSED');
    assert.equal(causeText({ ...told, lastError: 'HTTP 401' }), 'HTTP 401');
    assert.equal(causeText(ITEM), '');
  });
});

describe('a setting', () => {
  it('is read as a line, and a secret only says where it is', () => {
    assert.equal(settingText('https://soc.example/'), 'https://soc.example/');
    assert.equal(settingText(['loopback', '10.0.0.0/8']), 'loopback, 10.0.0.0/8');
    assert.equal(settingText([]), 'none');
    assert.equal(settingText({ env: 'X' }), 'secret in the environment variable X');
    assert.equal(
      settingText({ mechanism: 'plain', password: { file: '/run/p' } }),
      'mechanism: plain, password: secret in the file /run/p',
    );
  });
});

describe('a test', () => {
  it('is not called confirmed where it is only sent', () => {
    const told = { connector: 'soc', type: 'webhook', alert: 'alr_1', steps: [] };
    const report: TestReport = { ...told, ok: true, confirmed: true };
    assert.match(verdictText(report), /confirmed it/);
    assert.match(verdictText({ ...report, confirmed: false }), /Nobody can confirm it/);
    assert.match(verdictText({ ...report, ok: false, confirmed: false }), /was not taken/);
  });
});
