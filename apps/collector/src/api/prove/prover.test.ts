/** The prover: what it refuses before it reads anything. Whole bundles: main.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordRow, Store } from '@vitrine/store';
import { Prover } from './prover.ts';

test('a leaf behind the newest seal with heads is not ready, rather than an error', async () => {
  const reads: string[] = [];
  const store = new Proxy({} as Store, {
    get(_, name) {
      reads.push(String(name));
      throw new Error('read');
    },
  });
  const note = { log: 'default.0.1', size: 3, root: Buffer.alloc(32), note: '' };
  const prover = new Prover(store, note.log, { note, heads: [] });
  const rowAt = (idx: number): RecordRow => ({ idx, observed: '0', record: '{}' }) as RecordRow;
  await assert.rejects(prover.event(rowAt(3)), { code: 'NOT_READY' });
  assert.deepEqual(reads, []);
  await assert.rejects(prover.event(rowAt(2)), { message: 'read' });
});
