import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALERT_ACTS_WAITING_MAX } from '@vitrine/schema';
import type { RecordRow, Store } from '@vitrine/store';
import { Tail } from '../api/tail.ts';
import type { Entry, OwnEntry } from '../queue/entry.ts';
import { Triage } from './triage.ts';

const BY = { token: '12ab34cd', role: 'analyst' };
const ACT = { state: 'acknowledged' as const };

/** A log whose store is away: what is appended stays in the queue until the test publishes it. */
class Away {
  readonly queued: OwnEntry[] = [];
  readonly tail = new Tail();
  full = false;
  readonly triage: Triage;

  constructor() {
    const alerts = {
      ofId: (_log: string, _size: number, id: string) =>
        Promise.resolve({ seq: 0, subject: 's', record: JSON.stringify({ id }) } as RecordRow),
      lastActs: () => Promise.resolve(new Map()),
    };
    this.triage = new Triage({
      store: { alerts } as unknown as Pick<Store, 'alerts'>,
      log: 'default.0.1',
      journal: {
        append: (entry: Entry) => {
          if (this.full) return Promise.reject(new Error('the queue is full'));
          this.queued.push(entry as OwnEntry);
          return Promise.resolve();
        },
      } as never,
      tail: this.tail,
      clock: { nowNs: () => 1n },
      size: () => 10,
      waitMsMax: 1,
    });
  }

  publish(entry: OwnEntry, shim = 'alert'): void {
    const record = JSON.stringify(entry.fields);
    this.tail.publish([{ session: 'log', shim, kind: entry.record, record } as RecordRow]);
  }
}

describe('an act that the log does not have yet', () => {
  it('is no yes, and keeps others from the alert until it comes', async () => {
    const away = new Away();
    const { triage, queued } = away;
    assert.equal(await triage.act('a', ACT, BY), undefined);
    await assert.rejects(triage.act('a', ACT, BY), { code: 'STATE_CONFLICT' });
    assert.equal(await triage.act('b', ACT, BY), undefined);
    assert.equal(queued.length, 2);
    // A record of that kind in another chain says nothing about an alert (LOG.md §2).
    away.publish(queued[0]!, 'audit');
    await assert.rejects(triage.act('a', ACT, BY), { code: 'STATE_CONFLICT' });
    away.publish(queued[0]!);
    assert.equal(await triage.act('a', ACT, BY), undefined);
    assert.equal(queued.length, 3);
  });

  it('is refused where so many wait, and not one earlier', async () => {
    const { triage, queued } = new Away();
    const ids = Array.from({ length: ALERT_ACTS_WAITING_MAX }, (_, n) => `a${n}`);
    await Promise.all(ids.map((id) => triage.act(id, ACT, BY)));
    assert.equal(queued.length, ALERT_ACTS_WAITING_MAX);
    await assert.rejects(triage.act('one more', ACT, BY), { code: 'NOT_READY' });
    assert.equal(queued.length, ALERT_ACTS_WAITING_MAX);
  });

  it('that the queue refused leaves the alert free', async () => {
    const away = new Away();
    away.full = true;
    await assert.rejects(away.triage.act('a', ACT, BY), /the queue is full/);
    away.full = false;
    assert.equal(await away.triage.act('a', ACT, BY), undefined);
  });
});
