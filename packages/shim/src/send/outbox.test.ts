/** The outbox against a relay that is slow, away, full or refuses one event. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeLogsRequest, SHIM_BATCH_EVENTS_MAX, SHIM_QUEUE_EVENTS_MAX } from '@vitrine/schema';
import { ShimError } from '../error.ts';
import { StageIntake } from '../stage/intake.ts';
import { Outbox } from './outbox.ts';
import { Intake } from './post.ts';

type Post = (body: Buffer) => Promise<void>;

const event = (path: string) => ({ kind: 'file.read', t: '1', attributes: { 'file.path': path } });
const outboxOf = (post: Post, waitMs = 0) => new Outbox({ shim: 'x', post, waitMs, log: () => {} });
const numbersOf = (body: Buffer): unknown[] =>
  decodeLogsRequest(body).map(({ attributes }) => attributes['vitrine.shim.seq']);
const unheard = () => Promise.reject(new ShimError('SEND_UNHEARD', 'away'));

describe('an outbox', () => {
  it('numbers from 0 and resolves when the intake has the event', async () => {
    const intake = await new StageIntake().start();
    const post = new Intake(intake.socket);
    const outbox = outboxOf((body) => post.post(body));
    await outbox.add(event('/a'));
    await outbox.add(event('/b'));
    assert.deepEqual(
      intake.events.map(({ fields }) => fields.source),
      [
        { shim: 'x', seq: 0 },
        { shim: 'x', seq: 1 },
      ],
    );
    assert.deepEqual(intake.events[0]?.fields.file, { path: '/a' });
    post.close();
    await intake.end();
  });

  it('sends many in one request, in order, and waits for no more than it was told to', async () => {
    const bodies: Buffer[] = [];
    const outbox = outboxOf(async (body) => void bodies.push(body), 10);
    const count = SHIM_BATCH_EVENTS_MAX + 5;
    await Promise.all(Array.from({ length: count }, () => outbox.add(event('/a'))));
    assert.deepEqual(
      bodies.map((body) => numbersOf(body).length),
      [SHIM_BATCH_EVENTS_MAX, 5],
    );
    assert.deepEqual(
      bodies.flatMap(numbersOf),
      Array.from({ length: count }, (_, i) => i),
    );
  });

  it('tries again until the relay is back, with the same numbers', async () => {
    let tries = 0;
    const seen: unknown[] = [];
    const outbox = outboxOf(async (body) => {
      if (++tries < 4) throw new ShimError('SEND_UNHEARD', 'away');
      seen.push(...numbersOf(body));
    });
    await outbox.add(event('/a'));
    assert.deepEqual([tries, seen], [4, [0]]);
  });

  it('sends the same bytes again, whatever came meanwhile: they may be known already', async () => {
    const bodies: Buffer[] = [];
    const outbox = outboxOf(async (body) => {
      bodies.push(body);
      if (bodies.length > 1) return;
      void outbox.add(event('/b'));
      await unheard();
    });
    await outbox.add(event('/a'));
    await outbox.close(1_000);
    assert.deepEqual(bodies.map(numbersOf), [[0], [0], [1]]);
    assert.deepEqual(bodies[0], bodies[1]);
  });

  it('rejects after its bound and still delivers the event later', async () => {
    let away = true;
    const seen: unknown[] = [];
    const outbox = outboxOf(async (body) => {
      if (away) await unheard();
      seen.push(...numbersOf(body));
    });
    await assert.rejects(outbox.add(event('/a'), 30), { code: 'SEND_UNHEARD' });
    away = false;
    await sleep(100);
    assert.deepEqual(seen, [0]);
  });

  it('loses one event that is refused and not its neighbours', async () => {
    const seen: unknown[] = [];
    const outbox = outboxOf(async (body) => {
      const numbers = numbersOf(body);
      if (numbers.includes(2)) throw new ShimError('SEND_REFUSED', 'no');
      seen.push(...numbers);
    }, 5);
    const all = await Promise.allSettled(
      ['a', 'b', 'c', 'd', 'e'].map((p) => outbox.add(event(p))),
    );
    assert.deepEqual(seen, [0, 1, 3, 4]);
    assert.deepEqual(
      all.map(({ status }) => status === 'fulfilled'),
      [true, true, false, true, true],
    );
    assert.equal(outbox.counts.refused, 1);
  });

  it('says when it is full and when there is room', async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const outbox = outboxOf(() => gate);
    for (let i = 0; i < SHIM_QUEUE_EVENTS_MAX - 1; i++) void outbox.add(event('/a'));
    assert.equal(outbox.full, false);
    void outbox.add(event('/a'));
    assert.equal(outbox.full, true);
    const room = new Promise<void>((resolve) => outbox.onRoom(resolve));
    open();
    await room;
    assert.ok(outbox.size < SHIM_QUEUE_EVENTS_MAX / 2);
    await outbox.close(1_000);
  });

  it('counts what it cannot hand over before it ends', async () => {
    const outbox = outboxOf(unheard);
    const lost = outbox.add(event('/a'));
    lost.catch(() => {});
    await outbox.close(50);
    await assert.rejects(lost, { code: 'SEND_UNHEARD' });
    await assert.rejects(outbox.add(event('/b')), { code: 'SEND_UNHEARD' });
    assert.equal(outbox.counts.dropped, 2);
  });
});
