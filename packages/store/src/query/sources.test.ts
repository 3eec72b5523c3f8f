import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type JsonObject, SOURCE_TAIL_RECORDS } from '@vitrine/schema';
import { FsckRig } from '../fixture/fsck.ts';
import { FixtureLog, insert } from '../fixture/log.ts';
import type { SourcesHeard } from '../source-row.ts';

const made = new FixtureLog();
const { log } = made;
/** Of one session and vantage. */
const NAMES_MAX = 200;
let rig: FsckRig;
let size = 0;

function say(
  chain: string,
  kind: string,
  source: JsonObject | undefined,
  more: JsonObject = {},
): void {
  const vantage = chain.slice(chain.indexOf('.') + 1);
  made.event(chain, kind, { ...(source === undefined ? {} : { source }), ...more }, { vantage });
}

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-sources-')));
  made.open('a');
  const hook = { service: 'claude-code', signal: 'hook' };
  say('a/b0.agent', 'telemetry.hello', undefined, { versions: { relay: '0.1.0' } });
  say('a/b0.boundary', 'telemetry.hello', { shim: 'strace', seq: 0 });
  for (let i = 0; i < 3; i++) say('a/b0.boundary', 'file.read', { shim: 'strace', seq: i });
  say('a/b0.agent', 'tool.call', hook);
  say('a/b0.agent', 'tool.call', { shim: 'strace' }, { of: 'a forger' });
  say('a/b0.boundary', 'telemetry.drop', { shim: 'strace', seq: 4 }, { n: 1 });
  say('a/b0.boundary', 'telemetry.drop', { shim: 'strace', seq: 5 }, { n: 2 });
  made.open('long');
  say('long/b0.host', 'file.read', { shim: 'old' });
  for (let i = 0; i < SOURCE_TAIL_RECORDS; i++) say('long/b0.host', 'file.read', { shim: 'new' });
  made.open('flood');
  for (let i = 0; i < NAMES_MAX + 20; i++) {
    say(`flood/b${i % 2}.agent`, 'telemetry.hello', { shim: `made-up-${i}` });
  }
  say('flood/b0.agent', 'telemetry.heartbeat', {});
  say('flood/b0.boundary', 'telemetry.hello', { shim: 'strace' });
  for (const session of ['push1', 'push2']) {
    made.open(session);
    for (let i = 0; i < (session === 'push1' ? 2 : SOURCE_TAIL_RECORDS + 5); i++) {
      const fields = { source: { service: session, signal: 'log' } };
      made.event(`${session}/in`, 'other', fields, { vantage: 'agent' });
    }
  }
  await insert(rig.store, made.seal());
  size = made.size;
  say('a/b0.agent', 'tool.call', { service: 'late', signal: 'log' });
  await insert(rig.store, made.seal());
});

after(() => rig.stop());

function heard(...sessions: string[]): Promise<SourcesHeard> {
  return rig.store.sources(log, size, sessions);
}

describe('sources', () => {
  it('are told apart by session, vantage and name, up to the published size', async () => {
    const { tails } = await heard('a');
    assert.deepEqual(
      tails.map(({ vantage, name, records, spoke, kinds, whole }) => {
        return [vantage, name, records, spoke !== null, kinds.length, whole];
      }),
      [
        ['agent', '', 1, false, 1, true],
        ['agent', 'claude-code/hook', 1, true, 1, true],
        ['agent', 'strace', 1, true, 1, true],
        ['boundary', 'strace', 6, true, 3, true],
      ],
    );
  });

  it('are counted in the newest records of a chain, and the answer says so', async () => {
    const { tails } = await heard('long', 'a');
    const [tail, ...rest] = tails.filter(({ session }) => session === 'long');
    assert.deepEqual(rest, []);
    assert.deepEqual([tail!.name, tail!.records, tail!.whole], ['new', SOURCE_TAIL_RECORDS, false]);
  });

  it('speak of themselves: how often, and the newest', async () => {
    const { notices } = await heard('a');
    const drop = notices.find(({ kind }) => kind === 'telemetry.drop')!;
    assert.deepEqual([drop.vantage, drop.name, drop.count], ['boundary', 'strace', 2]);
    assert.equal((JSON.parse(drop.newest) as { n: number }).n, 2);
    const kinds = notices.map(({ kind }) => kind).sort();
    assert.deepEqual(kinds, ['telemetry.drop', 'telemetry.hello', 'telemetry.hello']);
  });

  it('push each into a chain of its session', async () => {
    const { tails } = await heard('push1', 'push2', 'long');
    assert.deepEqual(
      tails.map(({ session, name, records }) => [session, name, records]),
      [
        ['long', 'new', SOURCE_TAIL_RECORDS],
        ['push1', 'push1/log', 2],
        ['push2', 'push2/log', SOURCE_TAIL_RECORDS],
      ],
    );
  });

  it('that make up names crowd out no other, and no name makes none the relay', async () => {
    const { tails, notices } = await heard('flood', 'push1');
    for (const rows of [tails, notices]) {
      const of = (session: string, vantage: string): string[] =>
        rows.filter((r) => r.session === session && r.vantage === vantage).map(({ name }) => name);
      assert.equal(of('flood', 'agent').length, NAMES_MAX);
      assert.ok(!of('flood', 'agent').includes(''));
      assert.deepEqual(of('flood', 'boundary'), ['strace']);
    }
    assert.deepEqual(tails.at(-1)!.name, 'push1/log');
  });

  it('are none of no session', async () => {
    const none = { tails: [], notices: [] };
    assert.deepEqual(await heard(), none);
    assert.deepEqual(await heard('b'), none);
  });
});
