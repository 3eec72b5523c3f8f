import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SESSION_IDLE_MS } from '@vitrine/schema';
import { AT_NS, emptyLog } from '../fixture/log.ts';
import { BatchDraft } from './draft.ts';
import { closeIdle } from './idle.ts';
import { openSession } from './life.ts';

const IDLE_NS = BigInt(SESSION_IDLE_MS) * 1_000_000n;
const salt = (): Buffer => Buffer.alloc(16);

it('silent sessions that a batch has no room for are closed by the next ones', () => {
  const state = emptyLog();
  const opening = new BatchDraft(state, salt);
  for (let i = 0; i < 10; i++) openSession(opening, `s${i}`, String(AT_NS), {}, true);
  const left = [];
  for (let batch = 0; batch < 4; batch++) {
    const draft = new BatchDraft(state, salt);
    closeIdle(draft, AT_NS + IDLE_NS, 4);
    assert.ok(draft.count <= 4);
    left.push(state.sessions.size);
  }
  assert.deepEqual(left, [6, 2, 0, 0]);
});

it('sessions that were heard within the time stay open', () => {
  const state = emptyLog();
  openSession(new BatchDraft(state, salt), 's', String(AT_NS), {}, true);
  closeIdle(new BatchDraft(state, salt), AT_NS + IDLE_NS - 1n);
  assert.equal(state.sessions.size, 1);
});
