import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AT_NS, emptyLog, openEntry, recordsOf, seal } from '../fixture/log.ts';
import { addFindings, applyAlert, type Findings, takeFindings } from './alert.ts';
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

describe('what detection found', () => {
  const found = (count: number) => Array.from({ length: count }, () => finding);

  it('goes into batches by whole stretches, up to a bound', () => {
    const findings: Findings[] = [];
    for (const [count, to] of [
      [2, 10],
      [0, 20],
      [1, 30],
      [1, 40],
      [5, 50],
    ] as const) {
      addFindings(findings, found(count), to);
    }
    const batches = [];
    while (findings.length > 0) {
      const taken = takeFindings(findings, 3);
      batches.push(taken.map(({ alerts, to }) => [alerts.length, to]));
    }
    const expected = [
      [
        [2, 20],
        [1, 30],
      ],
      [[1, 40]],
      [[5, 50]],
    ];
    assert.deepEqual(batches, expected, 'a stretch with more than a batch may have is alone in it');
  });

  it('is nothing, and yet read', () => {
    const findings: Findings[] = [];
    addFindings(findings, [], 10);
    addFindings(findings, [], 20);
    assert.deepEqual(takeFindings(findings, 3), [{ alerts: [], to: 20 }]);
    assert.deepEqual(takeFindings(findings, 3), []);
  });
});
