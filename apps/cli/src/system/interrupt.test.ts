import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onInterrupt } from './interrupt.ts';

describe('onInterrupt', () => {
  it('aborts at the first signal, bears more, and lets go at the end', async () => {
    const before = process.listenerCount('SIGHUP');
    const interrupt = onInterrupt();
    assert.equal(interrupt.signal.aborted, false);
    process.emit('SIGHUP');
    process.emit('SIGHUP');
    await interrupt.happened;
    assert.equal(interrupt.signal.aborted, true);
    interrupt.release();
    assert.equal(process.listenerCount('SIGHUP'), before);
  });
});
