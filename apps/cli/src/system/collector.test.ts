import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startError } from './collector.ts';

describe('startError', () => {
  it('finds the coded error and its hint in the last lines', () => {
    const lines = ['journal: 3 segments', 'error PORT_IN_USE: port 4319 is in use', '  hint: move'];
    const { code, message, hint } = startError(lines, 1);
    assert.deepEqual([code, message, hint], ['PORT_IN_USE', 'port 4319 is in use', 'move']);
  });

  it('reads a coded error that is JSON', () => {
    const given = { code: 'DATA_LOCKED', message: 'in use', hint: 'wait' };
    const line = `failed ${JSON.stringify(given)}`;
    const { code, message, hint } = startError(['x', line, 'stopped'], 1);
    assert.deepEqual([code, message, hint], ['DATA_LOCKED', 'in use', 'wait']);
  });

  it('hands on the last words where there is none', () => {
    const error = startError(['one', 'Error: boom'], 7);
    assert.equal(error.code, 'START_FAILED');
    assert.equal(error.message, 'the collector ended with 7');
    assert.match(error.hint, /boom/);
    assert.match(startError([], null).message, /a signal/);
  });
});
