import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AT_NS, emptyLog, openEntry, recordsOf, seal } from '../fixture/log.ts';
import { applyAlert } from './alert.ts';
import { BatchDraft } from './draft.ts';
import { planBatch } from './plan.ts';
import type { LogState } from './state.ts';

const finding = { id: 'alr_1', subject: 's1', rule: 'EGR-001' };

/** Kinds of the own records that one finding gives. */
function alerts(state: LogState): unknown[] {
  const draft = new BatchDraft(state, () => Buffer.alloc(16));
  applyAlert(draft, finding, String(AT_NS));
  const records = recordsOf(planBatch(draft, AT_NS));
  return records.filter((record) => record.shim === 'alert').map((record) => record.id);
}

describe('an alert', () => {
  it('is written once, however often detection finds it', () => {
    const state = emptyLog();
    seal(state, [openEntry('s1')]);
    assert.deepEqual(alerts(state), ['alr_1']);
    assert.deepEqual(alerts(state), []);
  });

  it('leaves nothing behind when its session closes', () => {
    const state = emptyLog();
    seal(state, [openEntry('s1')]);
    alerts(state);
    seal(state, [{ kind: 'close', session: 's1', reason: 'runtime', observed: String(AT_NS) }]);
    assert.equal(state.alertIds.size, 0);
  });
});
