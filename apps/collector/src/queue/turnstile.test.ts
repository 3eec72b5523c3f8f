import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Turnstile } from './turnstile.ts';

describe('the turnstile', () => {
  it('lets each sender through by turns, however many stand behind one', async () => {
    const turnstile = new Turnstile();
    const passed: string[] = [];
    const pass = (sender: string): Promise<void> =>
      turnstile.pass(sender).then(() => void passed.push(sender));
    const all = [...Array.from({ length: 50 }, () => pass('flood')), pass('a'), pass('b')];
    await Promise.all(all);
    assert.ok(passed.indexOf('a') <= 3 && passed.indexOf('b') <= 4, passed.slice(0, 6).join());
    assert.equal(passed.length, all.length);
  });

  it('gives the thread back between two turns', async () => {
    const turnstile = new Turnstile();
    let between = 0;
    const flood = Array.from({ length: 10 }, () => turnstile.pass('flood'));
    const tick = (): void => {
      between++;
      if (between < 20) setImmediate(tick);
    };
    setImmediate(tick);
    await Promise.all(flood);
    assert.ok(between >= 8, `${between} turns of the loop`);
  });
});
