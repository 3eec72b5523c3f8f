import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { EventItem } from '@vitrine/schema/api';
import type { Client } from '../client/client.ts';
import { AlertWatch } from './watch.ts';

const alert = (index: number, subject: string, rule = 'EGR-001') =>
  ({ index, record: { subject, rule } }) as never;

/** A client whose tail gives what `items` gives, then waits for the end. */
function tailing(items: AsyncIterable<EventItem>): Client {
  return {
    async *tail(_query: unknown, signal: AbortSignal) {
      yield* items;
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
      });
    },
  } as never;
}

function tailOfNothing(): AsyncIterable<EventItem> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('gone')) }) };
}

async function* later(...items: EventItem[]): AsyncGenerator<EventItem> {
  for (const item of items) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    yield item;
  }
}

/** As AbortSignal.timeout, but it keeps the process alive until then. */
function after(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}

function watching(t: TestContext, client: Client, after: number): AlertWatch {
  const watch = new AlertWatch(client, after);
  t.after(() => watch.stop());
  return watch;
}

describe('AlertWatch', () => {
  it('wakes at the first alert of the rule about the session, at no other', async (t) => {
    const watch = watching(
      t,
      tailing(later(alert(1, 'other'), alert(2, 'mine', 'X-001'), alert(3, 'mine'))),
      0,
    );
    const found = await watch.first('mine', 'EGR-001', after(1_000));
    assert.equal(found?.item.index, 3);
    assert.equal(watch.about('other').length, 1);
  });

  it('says that none came', async (t) => {
    const watch = watching(t, tailing(later(alert(1, 'other'))), 0);
    assert.equal(await watch.first('mine', 'EGR-001', after(30)), undefined);
  });

  it('does not call a broken watch silence', async (t) => {
    const broken = { tail: () => tailOfNothing() } as never;
    const watch = watching(t, broken, 0);
    await assert.rejects(watch.first('mine', 'EGR-001', after(1_000)), /gone/);
  });
});
