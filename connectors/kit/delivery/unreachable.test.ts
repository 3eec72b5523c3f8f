import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DELIVERY_RETRY_MS_MIN, DELIVERY_WINDOW_ALERTS_MAX } from '@vitrine/schema';
import { sampleAlerts } from '../conformance/sample-log.ts';
import type { Outcome } from '../contract.ts';
import { OK, Rig } from './rig.ts';

/** All the others are taken before the first alert, whose two attempts end like this. */
async function outcomeOf(failure: Outcome): Promise<{ dead: number; lag: number }> {
  const subjects = Array.from({ length: DELIVERY_WINDOW_ALERTS_MAX + 20 }, (_, i) => `s${i}`);
  const alerts = sampleAlerts(subjects.map((subject) => ({ subject })));
  const first = alerts[0]!.id;
  const destination = ({ id }: { id: string }): Outcome => (id === first ? failure : OK);
  const rig = await Rig.start({ alerts, destination, start: 'beginning' });
  await rig.settle();
  await rig.advance(DELIVERY_RETRY_MS_MIN + 10);
  const { dead, lag } = rig.delivery.status();
  await rig.end();
  return { dead, lag };
}

describe('an alert that others overtook', () => {
  it('is no dead letter because the destination was away at its second attempt too', async () => {
    const away: Outcome = { kind: 'retry', reason: 'ECONNREFUSED', unreachable: true };
    const { dead, lag } = await outcomeOf(away);
    assert.equal(dead, 0);
    assert.ok(lag >= 1);
  });

  it('is one when the destination answered, and failed at it alone', async () => {
    assert.equal((await outcomeOf({ kind: 'retry', reason: 'HTTP 500' })).dead, 1);
  });
});
