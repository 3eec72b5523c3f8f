import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SessionItem } from '@vitrine/schema/api';
import { closedText, countText, hostText } from './words.ts';

const item = (more: Partial<SessionItem>): SessionItem =>
  ({ state: 'closed', reason: 'runtime', host: null, ...more }) as SessionItem;

describe('a session in words', () => {
  it('says why it was closed, and nothing while it is open', () => {
    assert.equal(closedText(item({})), 'Closed: the sandbox is gone');
    assert.equal(closedText(item({ reason: 'idle' })), 'Closed: nothing came for an hour');
    assert.equal(closedText(item({ reason: null })), 'Closed: no reason given');
    assert.equal(closedText(item({ reason: 'constructor' })), 'Closed: constructor');
    assert.equal(closedText(item({ reason: 'a\u202eb' })), 'Closed: a⟨U+202E⟩b');
    assert.equal(closedText(item({ state: 'open' })), undefined);
  });

  it('names its host where that is known', () => {
    assert.equal(hostText(item({ host: { id: 'i', ip: '10.0.0.1', name: 'n' } })), 'n');
    assert.equal(hostText(item({})), '');
    assert.equal(countText(1_234_567), '1,234,567');
  });
});
