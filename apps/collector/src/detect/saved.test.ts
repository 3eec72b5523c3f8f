/** What is gone on from, and from how far. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DETECT_SAVED_BYTES_MAX, DETECT_SAVED_ROWS_MAX } from '@vitrine/schema';
import type { Store } from '@vitrine/store';
import { Saver } from './saved.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-saved-'));
after(() => rmSync(dir, { recursive: true }));
const STATE = new Uint8Array(Buffer.from('{}'));
const store = { record: async () => ({ leaf: Buffer.alloc(32) }) } as unknown as Store;

function saver(name: string, lines: string[] = []): Saver {
  const print = (line: string): void => void lines.push(line);
  return new Saver({ store, log: 'l', path: join(dir, name), ask: () => {}, print }, 0);
}

test('what was saved is gone on from, unless that takes longer than to begin anew', async () => {
  const lines: string[] = [];
  const one = saver('far', lines);
  one.take({ to: 10, state: STATE, ms: 1 });
  one.durable(10);
  const near = await one.usable(10 + DETECT_SAVED_ROWS_MAX);
  assert.deepEqual([near?.to, near?.state], [10, STATE]);
  assert.equal(await one.usable(11 + DETECT_SAVED_ROWS_MAX), undefined);
  assert.match(lines[0]!, /too long ago/);
});

test('what does not fit is not saved, and what was saved before stays', async () => {
  const lines: string[] = [];
  const one = saver('large', lines);
  one.take({ to: 10, state: STATE, ms: 1 });
  one.durable(10);
  const large = { length: DETECT_SAVED_BYTES_MAX + 1 } as Uint8Array<ArrayBuffer>;
  for (const state of [large, null]) {
    one.take({ to: 20, state, ms: 1 });
    one.durable(20);
    assert.equal((await one.usable(20))?.to, 10);
  }
  assert.equal(lines.length, 2);
});
