import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { openStore } from '@vitrine/store';
import { AT_NS, emptyLog, KEY, LOG, openEntry, seal } from '../fixture/log.ts';
import { commitBatch } from '../insert/commit.ts';
import { toRows } from '../insert/row.ts';
import type { CloseEntry, Entry } from '../queue/entry.ts';
import { IntentStore } from '../sequence/intents.ts';
import { closedSince } from './before.ts';

it('a session whose close is on its way is told of, like those that closed since', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-before-'));
  const store = await openStore({ mode: 'embedded', dir: join(dir, 'store') }, () => {});
  t.after(async () => {
    await store.close();
    rmSync(dir, { recursive: true });
  });
  const state = emptyLog();
  const intents = new IntentStore(dir);
  const target = { tenant: 'default', origin: KEY.origin, key: KEY, store, intents };
  const publish = async (...entries: Entry[]): Promise<number> => {
    const { batch } = seal(state, entries);
    await intents.commit(batch);
    await commitBatch(target, batch, toRows('default', batch), false);
    return batch.size;
  };
  const close = (session: string): CloseEntry => {
    return { kind: 'close', session, reason: 'runtime', observed: String(AT_NS) };
  };
  const names = ['before', 'since', 'going', 'open'];
  await publish(...names.map(openEntry));
  const position = await publish(close('before'));
  const size = await publish(close('since'));
  seal(state, [close('going')]);
  const reader = { store, log: LOG, sessions: () => state.sessions.values() };
  const told = await closedSince(reader, position, size);
  assert.deepEqual(told.map(({ session }) => session).sort(), ['going', 'since']);
});
