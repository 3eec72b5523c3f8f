import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type JsonObject, SESSION_EARLY_MS_MAX } from '@vitrine/schema';
import { FsckRig } from '../fixture/fsck.ts';
import { FixtureLog, insert } from '../fixture/log.ts';

const made = new FixtureLog();
const NS_PER_MS = 1_000_000n;
let rig: FsckRig;

/** One host, one pid, used by two sandboxes after each other. */
before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-pids-')));
  const edr = { vendor: 'crowdstrike', device_id: 'AB12' };
  const host = { name: 'build-7', process: { pid: 4711 }, edr };
  made.open('first', { host });
  made.event('first/b0.host', 'other');
  made.close('first');
  made.open('second', { host });
  made.event('second/b0.host', 'other');
  made.open('elsewhere', { host: { name: 'build-8', process: { pid: 4711 } } });
  made.event('elsewhere/b0.host', 'other');
  await insert(rig.store, made.seal());
});

after(async () => {
  await rig.stop();
});

function timeOf(session: string, kind: string): bigint {
  const row = made.rows.find((found) => found.session === session && found.kind === kind)!;
  return BigInt(String((JSON.parse(row.record) as JsonObject).t));
}

async function asked(more: object): Promise<string> {
  const page = await rig.store.sessions({ log: made.log, size: made.size, limit: 10, ...more });
  return page.items.map(({ session }) => session).join(' ');
}

describe('from the EDR to a session', () => {
  it('a host and a pid lead to all that had it, with a time to the one then', async () => {
    const process = { host: 'build-7', pid: 4711 };
    const at = (ns: bigint) => asked({ ...process, at: String(ns) });
    assert.equal(await asked(process), 'second first');
    assert.equal(await at(timeOf('first', 'other')), 'first');
    assert.equal(await at(timeOf('first', 'close')), 'first');
    assert.equal(await at(timeOf('second', 'other')), 'second');
  });

  it('a time may lie a little before the sandbox was announced, and no more', async () => {
    const opened = timeOf('first', 'open');
    const early = BigInt(SESSION_EARLY_MS_MAX) * NS_PER_MS;
    const process = { host: 'build-7', pid: 4711 };
    assert.equal(await asked({ ...process, at: String(opened - early) }), 'first');
    assert.equal(await asked({ ...process, at: String(opened - early - 1n) }), '');
  });

  it('a device leads to the sessions on it', async () => {
    assert.equal(await asked({ edr: 'ab12' }), 'second first');
    assert.equal(await asked({ edr: 'AB1' }), '');
  });
});
