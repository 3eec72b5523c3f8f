import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { QUEUE_BYTES_MAX, RELAY_CHAINS_MAX } from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import { emptyLog, openEntry, seal } from '../fixture/log.ts';
import type { Entry } from '../queue/entry.ts';
import { Journal } from '../queue/journal.ts';
import { hostClock } from '../sequence/sequencer.ts';
import type { LogState } from '../sequence/state.ts';
import { EdrIdentity } from './edr.ts';
import { Fleet } from './fleet.ts';
import { Puller } from './puller.ts';
import type { SandboxRequest } from './registration.ts';

const clock = hostClock(() => Date.now());
let dir: string;
let journal: Journal;
let fleets: Fleet[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-fleet-'));
  journal = new Journal({ dir: join(dir, 'journal'), fsync: true, log: () => {} });
  journal.open(0, () => {});
  fleets = [];
});
afterEach(async () => {
  for (const fleet of fleets) await fleet.stop();
  await journal.close();
  rmSync(dir, { recursive: true });
});

function fleetOf(
  state: LogState = emptyLog(),
  edr = new EdrIdentity(undefined),
  more: { sandboxesMax?: number } = {},
): Fleet {
  const caughtUp = async (): Promise<void> => {};
  const rest = { edr, puller: 'test', caughtUp, log: () => {}, ...more };
  const fleet = new Fleet({ dir: join(dir, 'sandboxes'), journal, clock, state, ...rest });
  fleets.push(fleet);
  return fleet;
}

/** A sandbox whose relay is not there. */
function sandbox(session: string): SandboxRequest {
  const { description } = openEntry(session);
  const relay = {
    socket: join(dir, 'none'),
    standing: 'boundary',
    macKey: '00'.repeat(32),
  } as const;
  return { session, description, relay };
}

function kept(): string[] {
  return readdirSync(join(dir, 'sandboxes'));
}

function queued(): string[] {
  return journal.take(QUEUE_BYTES_MAX).map(({ entry }) => entry.kind);
}

describe('a registration', () => {
  it('is pulled on after a restart, whatever its name begins with', async () => {
    const first = fleetOf();
    assert.equal(await first.register(sandbox('.x')), '.x');
    assert.equal(await first.register(sandbox('a.b-c_d')), 'a.b-c_d');
    await first.stop();
    const state = emptyLog();
    seal(
      state,
      journal.take(QUEUE_BYTES_MAX).map(({ entry }) => entry),
    );
    const second = fleetOf(state);
    second.resume();
    const names = second.list().map(({ session }) => session);
    assert.deepEqual(names.sort(), ['.x', 'a.b-c_d']);
  });

  it('whose session is not open in the log is not pulled on, and can be made again', async () => {
    const first = fleetOf();
    await first.register(sandbox('s1'));
    await first.stop();
    // As if the collector was killed before the `open` was durable, or after the `close` was.
    const second = fleetOf();
    second.resume();
    assert.deepEqual(second.list(), []);
    assert.equal(await second.register(sandbox('s1')), 's1');
  });

  it('gets the EDR id of the host from the settings, unless the runtime said one', async () => {
    const edr = new EdrIdentity({ vendor: 'crowdstrike', device_id: '0f3c' });
    const fleet = fleetOf(emptyLog(), edr);
    await fleet.register(sandbox('s1'));
    const given = sandbox('s2');
    given.description.host.edr = { vendor: 'defender', device_id: 'd1' };
    await fleet.register(given);
    const opened = journal.take(QUEUE_BYTES_MAX).map(({ entry }) => {
      return entry.kind === 'open' ? entry.description?.host.edr : undefined;
    });
    assert.deepEqual(opened, [
      { vendor: 'crowdstrike', device_id: '0f3c' },
      { vendor: 'defender', device_id: 'd1' },
    ]);
  });

  it('leaves nothing behind when the queue does not take it', async () => {
    await journal.close();
    await assert.rejects(fleetOf().register(sandbox('s1')), { code: 'QUEUE_CLOSED' });
    assert.deepEqual(kept(), []);
  });

  it('leaves nothing behind when it cannot be dialled: the next start would fail', async () => {
    const relay = { ...sandbox('s1').relay, socket: undefined, url: 'https://127.0.0.1:1' };
    const given = { ...sandbox('s1'), relay } as unknown as SandboxRequest;
    await assert.rejects(fleetOf().register(given), { code: 'SANDBOX_INVALID' });
    assert.deepEqual(kept(), []);
    assert.deepEqual(queued(), []);
    fleetOf().resume();
  });

  it('that comes at once with many others does not pass the bound with them', async () => {
    const fleet = fleetOf(emptyLog(), undefined, { sandboxesMax: 2 });
    const names = ['s1', 's2', 's3', 's4'];
    const made = await Promise.allSettled(names.map((name) => fleet.register(sandbox(name))));
    const refused = made.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    assert.deepEqual(refused, ['SANDBOX_LIMIT', 'SANDBOX_LIMIT']);
    assert.equal(fleet.list().length, 2);
    await fleet.end('s1');
    assert.equal(await fleet.register(sandbox('s3')), 's3');
  });

  it('of a name that was used is the next life, and of one that is open is refused', async () => {
    const state = emptyLog();
    state.lives.set('foo', 1);
    const fleet = fleetOf(state);
    assert.equal(await fleet.register(sandbox('foo')), 'foo:2');
    assert.deepEqual(kept(), ['foo~2.json']);
    await assert.rejects(fleet.register(sandbox('foo')), { code: 'SESSION_EXISTS' });
  });
});

describe('the end of a sandbox', () => {
  it('can be asked for again when the queue did not take it', async () => {
    const fleet = fleetOf();
    await fleet.register(sandbox('s1'));
    const append = journal.append.bind(journal);
    journal.append = (entry: Entry) =>
      entry.kind === 'close'
        ? Promise.reject(new CollectorError('QUEUE_FULL', 'full'))
        : append(entry);
    await assert.rejects(fleet.end('s1'), { code: 'QUEUE_FULL' });
    journal.append = append;
    assert.equal(await fleet.end('s1'), false, 'its relay was gone');
    assert.deepEqual(queued(), ['open', 'close']);
    assert.deepEqual(kept(), []);
    await assert.rejects(fleet.end('s1'), { code: 'SESSION_UNKNOWN' });
  });
});

describe('the socket of a relay', () => {
  it('that became a link to the one of another sandbox is not spoken to', async () => {
    const heard: string[] = [];
    const other = createServer((request, response) => {
      heard.push(request.url!);
      response.end('{"lease":"aa","chains":[]}');
    });
    await new Promise<void>((resolve) => other.listen(join(dir, 'other.sock'), resolve));
    symlinkSync('other.sock', join(dir, 'none'));
    const fleet = fleetOf();
    await fleet.register(sandbox('s1'));
    while (fleet.list()[0]!.last_error === null) await sleep(10);
    assert.match(fleet.list()[0]!.last_error!, /no socket/);
    // The drain would have closed the other one's intake.
    assert.equal(await fleet.end('s1'), false);
    assert.deepEqual(heard, []);
    other.close();
  });
});

describe('chains of a relay', () => {
  it('are followed up to a bound', () => {
    const known = (count: number) =>
      Array.from({ length: count }, (_, i) => ({
        chain: `s1/${i.toString(16).padStart(16, '0')}.agent`,
        tip: { seq: 0, head: Buffer.alloc(32) },
        ended: false,
      }));
    const relay = sandbox('s1').relay;
    const common = { session: 's1', relay, journal, clock, puller: 'test', log: () => {} };
    const made = (count: number): Puller => new Puller({ ...common, known: known(count) });
    assert.equal(made(RELAY_CHAINS_MAX).status.chains.length, RELAY_CHAINS_MAX);
    assert.throws(() => made(RELAY_CHAINS_MAX + 1), { code: 'RELAY_INVALID' });
  });
});
