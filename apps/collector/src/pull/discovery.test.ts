import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { QUEUE_BYTES_MAX, SANDBOX_GONE_MS } from '@vitrine/schema';
import { emptyLog, openEntry, seal } from '../fixture/log.ts';
import { Journal } from '../queue/journal.ts';
import { hostClock } from '../sequence/sequencer.ts';
import type { LogState } from '../sequence/state.ts';
import { Discovery, type DiscoveryOptions } from './discovery.ts';
import { EdrIdentity } from './edr.ts';
import { Fleet } from './fleet.ts';
import { sandboxRequest } from './registration.ts';

const WAIT_MS_MAX = 5_000;
const RELAY = { standing: 'guest', mac_key: '00'.repeat(32) };
const { description } = openEntry('x');

let dir: string;
let directory: string;
let journal: Journal;
let undo: (() => unknown)[];
let said: string[];
let log: LogState;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-discovery-'));
  directory = join(dir, 'found');
  mkdirSync(directory);
  journal = new Journal({ dir: join(dir, 'journal'), fsync: true, log: () => {} });
  journal.open(0, () => {});
  said = [];
  log = emptyLog();
  undo = [];
});
afterEach(async () => {
  for (const step of undo.toReversed()) await step();
  await journal.close();
  rmSync(dir, { recursive: true });
});

/** The log with all that was queued so far. */
function logged(): LogState {
  const entries = journal.take(QUEUE_BYTES_MAX).map(({ entry }) => entry);
  if (entries.length > 0) seal(log, entries);
  return log;
}

function fleetOf(state = logged()): Fleet {
  const clock = hostClock(() => Date.now());
  const rest = { edr: new EdrIdentity(undefined), puller: 'test', log: () => {} };
  const caughtUp = async (): Promise<void> => {};
  const sandboxes = join(dir, 'sandboxes');
  const fleet = new Fleet({ dir: sandboxes, journal, clock, state, caughtUp, ...rest });
  fleet.resume();
  undo.push(() => fleet.stop());
  return fleet;
}

async function discover(fleet: Fleet, options: Partial<DiscoveryOptions> = {}): Promise<Discovery> {
  const log = (line: string): void => void said.push(line);
  const discovery = new Discovery({ fleet, directory, configured: [], log, ...options });
  undo.push(() => discovery.stop());
  await discovery.start();
  return discovery;
}

/** A socket that nobody answers on: what discovery looks at is that it is there. */
async function listening(path: string): Promise<Server> {
  const server = createServer((connection) => connection.destroy());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  undo.push(() => server.close());
  return server;
}

function register(name: string, relay: object = RELAY, mode = 0o600): void {
  const path = join(directory, `${name}.json`);
  writeFileSync(path, JSON.stringify({ description, relay }));
  chmodSync(path, mode);
}

function open(fleet: Fleet): string[] {
  return fleet.list().map(({ session, origin }) => `${origin} ${session}`);
}

async function until(isSo: () => boolean): Promise<void> {
  const late = performance.now() + WAIT_MS_MAX;
  while (!isSo() && performance.now() < late) await sleep(10);
  assert.ok(isSo());
}

describe('a directory of sockets', () => {
  it('is pulled from what is there and what appears, and ended with its registration', async () => {
    register('early');
    await listening(join(directory, 'early.sock'));
    const fleet = fleetOf();
    await discover(fleet);
    assert.deepEqual(open(fleet), ['directory:early early']);
    register('late');
    mkdirSync(join(directory, 'late'));
    await listening(join(directory, 'late', 'opp.sock'));
    register('late');
    await until(() => fleet.list().length === 2);
    rmSync(join(directory, 'early.json'));
    await until(() => open(fleet).join() === 'directory:late late');
  });

  it('ends what has had no socket for a while, and not sooner', async () => {
    register('a');
    const server = await listening(join(directory, 'a.sock'));
    const fleet = fleetOf();
    let nowMs = 0;
    const discovery = await discover(fleet, { nowMs: () => nowMs });
    await new Promise((resolve) => server.close(resolve));
    await discovery.scan();
    nowMs = SANDBOX_GONE_MS - 1;
    await discovery.scan();
    assert.equal(fleet.list().length, 1);
    // A relay that starts again makes its socket anew.
    const again = await listening(join(directory, 'a.sock'));
    await discovery.scan();
    await new Promise((resolve) => again.close(resolve));
    nowMs += SANDBOX_GONE_MS;
    await discovery.scan();
    nowMs += SANDBOX_GONE_MS - 1;
    await discovery.scan();
    assert.equal(fleet.list().length, 1);
    nowMs += 1;
    await discovery.scan();
    await until(() => fleet.list().length === 0);
  });

  it('pulls on after a restart of the collector, and opens nothing twice', async () => {
    register('a');
    await listening(join(directory, 'a.sock'));
    const first = fleetOf();
    const discovery = await discover(first);
    await discovery.stop();
    await first.stop();
    const second = fleetOf();
    await discover(second);
    assert.deepEqual([open(second), said], [['directory:a a'], []]);
  });

  it('takes no name that was used, for the relay has it already', async () => {
    const state = emptyLog();
    state.lives.set('a', 1);
    register('a');
    await listening(join(directory, 'a.sock'));
    const fleet = fleetOf(state);
    const discovery = await discover(fleet);
    await discovery.scan();
    assert.deepEqual([open(fleet), said.length], [[], 1]);
    assert.match(said[0]!, /a cannot be the name of a new session/);
  });

  const WRONG: [what: string, prepare: () => void, says: RegExp][] = [
    ['others may read', () => register('a', RELAY, 0o640), /others may read or write it/],
    ['others may write', () => register('a', RELAY, 0o602), /others may read or write it/],
    ['has no key', () => register('a', { standing: 'guest' }), /relay\.mac_key/],
    ['has no relay', () => register('a', []), /relay: it is no object/],
    ['is no JSON', () => writeFileSync(join(directory, 'a.json'), '{', { mode: 0o600 }), /JSON/],
  ];
  for (const [what, prepare, says] of WRONG) {
    it(`leaves alone a registration that ${what}, and says so once`, async () => {
      prepare();
      await listening(join(directory, 'a.sock'));
      const fleet = fleetOf();
      const discovery = await discover(fleet);
      await discovery.scan();
      assert.deepEqual([open(fleet), said.length], [[], 1]);
      assert.match(said[0]!, says);
    });
  }

  it('is not read where others could give a registration another name', async () => {
    for (const mode of [0o777, 0o1777, 0o775]) {
      chmodSync(directory, mode);
      await assert.rejects(discover(fleetOf()), {
        code: 'CONFIG_INVALID',
        message: /open to others/,
      });
    }
  });

  it('does not wait for a pipe that lies where a registration should', async () => {
    execFileSync('mkfifo', ['-m', '600', join(directory, 'a.json')]);
    const fleet = fleetOf();
    await discover(fleet);
    assert.deepEqual([open(fleet), said], [[], ['pull: a: it is no file']]);
  });

  it('follows no link out of a sandbox’s folder', async () => {
    register('a');
    mkdirSync(join(directory, 'a'));
    await listening(join(dir, 'other.sock'));
    symlinkSync(join(dir, 'other.sock'), join(directory, 'a', 'opp.sock'));
    const fleet = fleetOf();
    await discover(fleet);
    assert.deepEqual(open(fleet), []);
  });
});

describe('sandboxes of the settings', () => {
  it('are opened once, and ended when the settings name them no more', async () => {
    const relay = { ...RELAY, socket: join(dir, 'none') };
    const request = sandboxRequest({ session: 'a', description, relay });
    const first = fleetOf();
    await discover(first, { directory: undefined, configured: [request] });
    assert.deepEqual(open(first), ['settings:a a']);
    await first.stop();
    const second = fleetOf();
    await discover(second, { directory: undefined, configured: [request] });
    assert.deepEqual([open(second), said], [['settings:a a'], []]);
    await second.stop();
    const third = fleetOf();
    await third.register({ ...request, session: 'b' });
    await discover(third, { directory: undefined, configured: [] });
    await until(() => open(third).join() === 'api b');
  });
});
