import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEDUPE_WINDOW_MS } from '@vitrine/schema';
import { Repeats } from './repeats.ts';

describe('repeated requests', () => {
  it('drops the same bytes of the same principal inside the window, not beyond it', async () => {
    const repeats = new Repeats();
    let appended = 0;
    const send = (principal: string, atMs: number): Promise<boolean> =>
      repeats.once(principal, 'hash', atMs, async () => ++appended);
    assert.equal(await send('p', 0), false);
    assert.equal(await send('p', DEDUPE_WINDOW_MS - 1), true);
    assert.equal(await send('q', DEDUPE_WINDOW_MS - 1), false, 'another principal is no repeat');
    assert.equal(await send('p', DEDUPE_WINDOW_MS), false, 'two equal records may both be true');
    assert.equal(appended, 3);
  });

  it('answers a repeat only when the first copy is durable', async () => {
    const repeats = new Repeats();
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = repeats.once('p', 'h', 0, () => promise);
    let answered = false;
    const second = repeats
      .once('p', 'h', 0, async () => {})
      .then(() => {
        answered = true;
      });
    await new Promise((r) => setImmediate(r));
    assert.equal(answered, false);
    resolve();
    await Promise.all([first, second]);
    assert.equal(answered, true);
  });

  it('forgets a copy that was not kept', async () => {
    const repeats = new Repeats();
    const failing = repeats.once('p', 'h', 0, () => Promise.reject(new Error('no space')));
    await assert.rejects(failing, /no space/);
    assert.equal(await repeats.once('p', 'h', 0, async () => {}), false);
  });

  it('remembers what the journal held before a restart', async () => {
    const repeats = new Repeats();
    repeats.remember({
      kind: 'push',
      principal: 'p',
      signal: 'logs',
      contentType: 'json',
      observed: '5000000',
      peer: '',
      hash: 'h',
      body: Buffer.alloc(0),
    });
    assert.equal(await repeats.once('p', 'h', 6, async () => {}), true);
  });
});
