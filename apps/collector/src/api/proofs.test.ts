/**
 * What an auditor asks of a running collector: every claim of LOG.md §4 as a bundle that the
 * verifier accepts, over midnight and over a restart. Tests build on one another.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parseCheckpointNote, verifyBundle } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import { CollectorRig } from '../fixture/collector.ts';
import { dayOf, midnightNs } from '../sequence/days.ts';

const LOG = 'default.0.1';
const DAY = '2027-03-01';
const NEXT_DAY = '2027-03-02';
/** An hour before midnight, and going. */
const rig = new CollectorRig(midnightNs(NEXT_DAY) - 3_600_000_000_000n);
let pin = '';

before(async () => {
  await rig.start();
  await rig.push('s1', 300);
  await rig.push('s5', 1);
  await rig.sealed('s1', 299);
  await rig.sealed('s5', 0);
});
after(() => rig.remove());

describe('claims', () => {
  it('a range of a chain, with the admits that say how it came', async () => {
    const range = (first: number, last: number, more = '') =>
      `/v1/sessions/s1/chains/in/bundle?first=${first}&last=${last}${more}`;
    for (const [first, last] of [
      [0, 299],
      [7, 11],
      [299, 299],
    ] as const) {
      const verdict = await rig.verdictOf(range(first, last));
      assert.equal(verdict.code, 0, JSON.stringify(verdict.failure));
      const [chain] = verdict.chains;
      assert.deepEqual([chain?.chain, chain?.first, chain?.last], ['s1/in', first, last]);
      assert.equal(verdict.attached.length > 0, true);
      assert.equal(verdict.attached[0]?.kind, 'admit');
    }
    const given = { requireParts: true };
    assert.equal((await rig.verdictOf(range(7, 11), given)).code, 0);
    assert.equal((await rig.verdictOf(range(7, 11, '&parts=0'), given)).code, 3);
    assert.equal((await rig.verdictOf('/v1/sessions/s1/chains/sup/bundle?first=0&last=1')).code, 0);
    assert.deepEqual(await rig.refused(range(7, 300)), [404, 'NOT_FOUND']);
    assert.deepEqual(await rig.refused(range(11, 7)), [400, 'BAD_REQUEST']);
    assert.deepEqual(await rig.refused(range(7, 11).replace('first=7&', '')), [400, 'BAD_REQUEST']);
  });

  it('that no session of a name is open, where none is', async () => {
    for (const session of ['a', 's2', 's1x', 's10', 'zz', 's1:2']) {
      const verdict = await rig.verdictOf(`/v1/sessions/${session}/absence/bundle`);
      assert.equal(verdict.code, 0, `${session}: ${JSON.stringify(verdict.failure)}`);
      assert.deepEqual(verdict.claim, { type: 'absent', session });
    }
    for (const session of ['s1', 's5']) {
      const path = `/v1/sessions/${session}/absence/bundle`;
      assert.deepEqual(await rig.refused(path), [409, 'CLAIM_FALSE']);
    }
    assert.deepEqual(await rig.refused('/v1/sessions/a%2Fb/absence/bundle'), [400, 'BAD_REQUEST']);
  });

  it('and nothing about a day that is not over', async () => {
    const path = `/v1/sessions/s2/absence/bundle?day=${DAY}`;
    assert.deepEqual(await rig.refused(path), [503, 'NOT_READY']);
    for (const day of ['2027-3-1', '2027-02-30', 'yesterday', '']) {
      const wrong = `/v1/sessions/s2/absence/bundle?day=${day}`;
      assert.deepEqual(await rig.refused(wrong), [400, 'BAD_REQUEST'], day);
    }
    pin = await pinned();
  });
});

/** A pin as an auditor keeps it. */
async function pinned(): Promise<string> {
  const kept = await rig.note();
  const { origin, size, root } = parseCheckpointNote(kept);
  return JSON.stringify({ origin, size, root: root.toString('base64'), note: kept });
}

const fromPin = (kept: string): string => {
  return `from=${encodeURIComponent((JSON.parse(kept) as { note: string }).note)}`;
};

describe('midnight', () => {
  it('gives the day its seal, also when the writer starts again before it', async () => {
    await rig.stop();
    rig.clockNs = midnightNs(NEXT_DAY) - 60_000_000_000n;
    await rig.start();
    await rig.push('s3', 2);
    await rig.sealed('s3', 1);
    assert.equal(dayOf(rig.clockNs), DAY);
    rig.clockNs = midnightNs(NEXT_DAY);
    await rig.push('s4', 1);
    await rig.sealed('s4', 0);
    for (const session of ['s2', 's4', 'a', 'zz']) {
      const path = `/v1/sessions/${session}/absence/bundle?day=${DAY}`;
      const verdict = await rig.verdictOf(path);
      assert.equal(verdict.code, 0, `${session}: ${JSON.stringify(verdict.failure)}`);
      assert.deepEqual(verdict.claim, { type: 'inactive', session, day: DAY });
    }
    for (const session of ['s1', 's3', 's5']) {
      const path = `/v1/sessions/${session}/absence/bundle?day=${DAY}`;
      assert.deepEqual(await rig.refused(path), [409, 'CLAIM_FALSE'], session);
    }
    const before = `/v1/sessions/s2/absence/bundle?day=2027-02-27`;
    assert.deepEqual(await rig.refused(before), [404, 'NOT_FOUND'], 'the log did not exist');
  });

  it('that passes while nothing runs is made up for, days without a writer too', async () => {
    await rig.stop();
    rig.clockNs = midnightNs('2027-03-04') + 1_000_000_000n;
    await rig.start();
    await rig.push('s6', 1);
    await rig.sealed('s6', 0);
    const on = (session: string, day: string) =>
      `/v1/sessions/${session}/absence/bundle?day=${day}`;
    await rig.until(async () =>
      (await rig.get(on('s2', '2027-03-03'))).answer.ok ? true : undefined,
    );
    assert.deepEqual(await rig.refused(on('s4', NEXT_DAY)), [409, 'CLAIM_FALSE']);
    for (const [session, day] of [
      ['s3', NEXT_DAY],
      ['s4', '2027-03-03'],
      ['s3', '2027-03-03'],
    ] as const) {
      const verdict = await rig.verdictOf(on(session, day));
      assert.equal(verdict.code, 0, `${session} ${day}: ${JSON.stringify(verdict.failure)}`);
    }
    assert.deepEqual(await rig.refused(on('s1', '2027-03-04')), [503, 'NOT_READY']);
  });

  it('is what fsck derives again', async () => {
    const last = (await rig.post('/v1/fsck', {})).trim().split('\n').at(-1)!;
    const { report } = JSON.parse(last) as { report: { ok: boolean; findings: object[] } };
    assert.deepEqual([report.ok, report.findings], [true, []]);
  });
});

describe('a pin of days ago', () => {
  it('holds for every claim, and only with the proof that the log grew out of it', async () => {
    const paths = [
      '/v1/sessions/s4/bundle?',
      '/v1/sessions/s1/chains/in/bundle?first=2&last=3&',
      `/v1/events/${LOG}/5/bundle?`,
      '/v1/sessions/s2/absence/bundle?',
      `/v1/sessions/s2/absence/bundle?day=${DAY}&`,
    ];
    for (const path of paths) {
      const verdict = await rig.verdictOf(path + fromPin(pin), { pin });
      assert.equal(verdict.code, 0, `${path}: ${JSON.stringify(verdict.failure)}`);
      assert.equal((await rig.verdictOf(path, { pin })).code, 3, path);
    }
  });

  it('of the newest tree needs none', async () => {
    const kept = await pinned();
    const path = `/v1/sessions/s2/absence/bundle?${fromPin(kept)}`;
    const { bytes } = await rig.get(path);
    const { checkpoint } = JSON.parse(bytes.toString()) as JsonObject;
    const { size } = parseCheckpointNote(String(checkpoint));
    const verdict = await rig.verdictOf(path, { pin: kept });
    assert.equal(verdict.code, 0, `at ${size}: ${JSON.stringify(verdict.failure)}`);
  });

  it('of a log that was rewritten is answered with a proof that does not hold', async () => {
    const { note: kept } = JSON.parse(pin) as { note: string };
    const [origin, size, root, ...rest] = kept.split('\n') as [string, string, string];
    const other = [origin, size, `${root[0] === 'A' ? 'B' : 'A'}${root.slice(1)}`, ...rest];
    const path = `/v1/sessions/s2/absence/bundle?from=${encodeURIComponent(other.join('\n'))}`;
    const { bytes } = await rig.get(path);
    const { consistency } = JSON.parse(bytes.toString()) as { consistency: { from: string } };
    assert.equal(consistency.from, other.join('\n'), 'as it was given, not as the store has it');
  });

  it('of another log, or none at all, is refused', async () => {
    const at = (text: string) => `/v1/sessions/s2/absence/bundle?from=${encodeURIComponent(text)}`;
    const { note: kept } = JSON.parse(pin) as { note: string };
    assert.deepEqual(await rig.refused(at('x')), [400, 'BAD_REQUEST']);
    assert.deepEqual(await rig.refused(at(`other${kept}`)), [400, 'BAD_REQUEST']);
    const larger = kept.replace(/\n\d+\n/, '\n99999999\n');
    assert.deepEqual(await rig.refused(at(larger)), [409, 'PIN_AHEAD']);
  });
});

describe('the evidence of a session', () => {
  /** Raises an alert by rule APR-004. */
  async function alerted(session: string): Promise<string> {
    const attributes = {
      'session.id': session,
      'event.sequence': 1,
      'approval.to': 'bypassPermissions',
    };
    await rig.emit([{ eventName: 'approval.mode_change', timeUnixNano: '1', attributes }]);
    return rig.until(async () => {
      const { bytes } = await rig.get(`/v1/alerts?session=${session}`);
      const { items } = JSON.parse(bytes.toString()) as { items: { record: { id: string } }[] };
      return items[0]?.record.id;
    });
  }

  it('has the alerts about it beside it, and what people made of them, of no other', async () => {
    const [mine, other] = [await alerted('alerted'), await alerted('alerted.x')];
    const close = { state: 'closed', verdict: 'false_positive', comment: 'not for the bundle' };
    for (const [id, act] of [
      [mine, { state: 'acknowledged' }],
      [other, { state: 'acknowledged' }],
      [mine, close],
    ] as const) {
      assert.equal((await rig.send(`/v1/alerts/${id}/state`, act)).status, 201);
    }
    const path = '/v1/sessions/alerted/bundle';
    const verdict = await rig.until(async () => {
      const found = await rig.verdictOf(path, { requireParts: true });
      return found.attached.length >= 3 ? found : undefined;
    });
    assert.equal(verdict.code, 0, JSON.stringify(verdict.failure));
    const said = verdict.attached.map(({ chain, kind }) => `${chain} ${kind}`);
    const act = 'log/alert alert.state';
    assert.deepEqual(said, ['log/alert alert', act, act]);
    const text = (await rig.get(path)).bytes.toString();
    const { attached } = JSON.parse(text) as { attached: { record: string }[] };
    const records = attached.map(({ record }) => JSON.parse(record) as JsonObject);
    assert.deepEqual(
      records.map(({ subject, verdict: decided = null }) => [subject, decided]),
      [
        ['alerted', null],
        ['alerted', null],
        ['alerted', 'false_positive'],
      ],
    );
    assert.ok(
      !text.includes(close.comment),
      'comments are contents of the log, not of the session',
    );
    // One bit of one of them, and the bundle proves nothing any more.
    const forged = text.replace('false_positive', 'benign_positiv');
    assert.equal(verifyBundle(Buffer.from(forged), rig.trust, { now: rig.clockNs }).code, 1);
  });
});
