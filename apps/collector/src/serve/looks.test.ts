import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type JsonObject, PULL_LOOK_MS, PULL_LOOKS_MAX } from '@vitrine/schema';
import { type Look, Looks } from './looks.ts';

const principal = { id: 't1', role: 'reader', tenant: 'default' } as const;
const look: Look = { principal, stream: 'alerts', how: { format: 'ndjson' } };

function rig(t: TestContext, append?: () => Promise<void>) {
  const told: JsonObject[] = [];
  const lines: string[] = [];
  const clock = { nowMs: 0 };
  t.mock.timers.enable({ apis: ['setInterval'] });
  const looks = new Looks({
    append: async (fields) => {
      await append?.();
      told.push(fields);
    },
    nowMs: () => clock.nowMs,
    print: (line) => lines.push(line),
  });
  const pass = async (ms: number): Promise<void> => {
    clock.nowMs += ms;
    t.mock.timers.tick(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { looks, told, lines, pass };
}

const statesOf = (told: JsonObject[]) => told.map(({ pull }) => (pull as JsonObject).state);

describe('who looked', () => {
  it('stands in the log before the first answer, and with its sums later', async (t) => {
    const { looks, told, pass } = rig(t);
    for (let i = 0; i < 100; i++) {
      const given = await looks.begin(look, 5);
      assert.equal(told.length, 1, 'a poller does not make the log grow');
      given({ records: 2, first: 10 + i, last: 11 + i });
    }
    (await looks.begin(look, 111))({ records: 0, first: null, last: null });
    await pass(PULL_LOOK_MS - 1);
    assert.equal(told.length, 1);
    await pass(5_000);
    const by = { token: 't1', role: 'reader' };
    const about = { action: 'pull.alerts', target: { name: 'alerts' }, by };
    const seconds = Math.ceil((PULL_LOOK_MS + 4_999) / 1_000);
    const sums = { calls: 101, records: 200, seconds, first: 10, last: 110 };
    assert.deepEqual(told, [
      { ...about, pull: { format: 'ndjson', state: 'began', from: 5 } },
      { ...about, pull: { format: 'ndjson', state: 'ended', ...sums } },
    ]);
    await looks.begin(look, 111);
    assert.equal(told.length, 3);
    await looks.stop();
  });

  it('is told of a call that waited until after its sums were told', async (t) => {
    const { looks, told, pass } = rig(t);
    const given = await looks.begin(look, 5);
    await pass(PULL_LOOK_MS + 5_000);
    assert.deepEqual(statesOf(told), ['began', 'ended']);
    given({ records: 3, first: 7, last: 9 });
    await looks.begin(look, 10);
    assert.deepEqual(statesOf(told), ['began', 'ended', 'began']);
    await looks.stop();
    const sums = { calls: 1, records: 3, seconds: 0, first: 7, last: 9 };
    assert.deepEqual(told.at(-1)!.pull, { format: 'ndjson', state: 'ended', ...sums });
  });

  it('is told apart by who, what and how', async (t) => {
    const { looks, told } = rig(t);
    const others: Look[] = [
      { ...look, principal: { ...principal, id: 't2' } },
      { ...look, stream: 'events' },
      { ...look, how: { format: 'ndjson', parts: true } },
    ];
    for (const one of [look, ...others, look]) await looks.begin(one, 0);
    assert.equal(told.length, 4);
    await looks.stop();
    assert.deepEqual(statesOf(told), [...Array(4).fill('began'), ...Array(4).fill('ended')]);
  });

  it('is told early where too many look', async (t) => {
    const { looks, told } = rig(t);
    for (let i = 0; i < PULL_LOOKS_MAX; i++) await looks.begin({ ...look, how: { i } }, 0);
    assert.ok(!statesOf(told).includes('ended'));
    await looks.begin({ ...look, how: { i: -1 } }, 0);
    assert.deepEqual(told.at(-1)!.pull, { i: 0, state: 'ended', calls: 1, records: 0, seconds: 0 });
    await looks.stop();
  });

  it('is a condition: what cannot be told is not read', async (t) => {
    let fails = true;
    const { looks, told, lines } = rig(t, async () => {
      if (fails) throw new Error('the queue is full');
    });
    await assert.rejects(looks.begin(look, 0), /queue is full/);
    await assert.rejects(looks.begin(look, 0), /queue is full/);
    fails = false;
    await looks.begin(look, 0);
    assert.deepEqual(statesOf(told), ['began']);
    fails = true;
    await looks.stop();
    assert.equal(lines.length, 1);
  });
});
