import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';

const QUEUE = createRequire(import.meta.url).resolve('kafkajs/src/network/requestQueue/index.js');
const WARNING = new URL('warning.ts', import.meta.url).href;

/** What a process prints that does this. */
function printed(code: string, quiet: boolean): string {
  const first = quiet
    ? `const { withoutNegativeTimeouts } = await import('${WARNING}'); withoutNegativeTimeouts();`
    : '';
  const args = ['--input-type=module', '-e', `${first}${code}`];
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 }).stderr;
}

/** The very line of kafkajs that sets the timer. */
const OF_KAFKAJS = `
  import { createRequire } from 'node:module';
  const Queue = createRequire('${QUEUE}')('${QUEUE}');
  const logger = { debug() {} };
  const queue = new Queue({ isConnected: () => true, logger, requestTimeout: 1, clientId: 'x' });
  queue.scheduleCheckPendingRequests();
  // It sets the timer for ever.
  setTimeout(() => process.exit(), 50);
`;

describe('the warning about negative timers', () => {
  it('is not shown when kafkajs causes it, and was before', () => {
    assert.match(printed(OF_KAFKAJS, false), /TimeoutNegativeWarning/);
    assert.equal(printed(OF_KAFKAJS, true), '');
  });

  it('is shown when anybody else causes it, as every other warning is', () => {
    assert.match(printed('setTimeout(() => {}, -1);', true), /TimeoutNegativeWarning/);
    assert.match(
      printed("process.emitWarning('mind', 'OtherWarning');", true),
      /OtherWarning: mind/,
    );
  });
});
