/** Two hundred real relays on one collector, one of which floods. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Flood, Probe, registerFleet, startFleet } from './bench/load/fleet.ts';
import { get, resident, startCollector } from './bench/measure/collector.ts';

const RELAYS = 200;
/** Heartbeats of so many would be most of the work. */
const HEARTBEAT_MS = 60_000;
const PROBES = 10;
const FLOODED_MS = 8_000;
/** On a machine that does other things as well; `npm run bench -- relays` has the figures. */
const SEEN_MS_MAX = 20_000;
const GROWTH_MIB_MAX = 300;
/** The relay that floods: its process serves others too. */
const FLOODING = 3;

it('pulls them all, and nobody waits long for the one that floods', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-relays-'));
  const undo: (() => unknown)[] = [() => rmSync(dir, { recursive: true })];
  t.after(async () => {
    for (const step of undo.toReversed()) await step();
  });
  const data = join(dir, 'data');
  mkdirSync(data);
  const running = await startCollector(data);
  undo.push(() => running.stop());
  const fleet = await startFleet(dir, RELAYS, HEARTBEAT_MS);
  undo.push(() => fleet.stop());
  await registerFleet(running, dir, RELAYS);
  const before = resident(running.pid).now;
  const probe = new Probe(fleet, RELAYS);
  undo.push(() => probe.stop());
  await probe.start(running);

  const flood = new Flood(fleet.intake(FLOODING), 2, 500);
  undo.push(() => flood.stop());
  const end = performance.now() + FLOODED_MS;
  for (let i = 0; i < PROBES || performance.now() < end; i++) {
    const waited = await probe.once();
    assert.ok(waited < SEEN_MS_MAX, `a quiet relay's event was seen after ${waited} ms`);
    await sleep(200);
  }
  await flood.stop();
  assert.ok(flood.sent > 0);
  const grown = resident(running.pid).now - before;
  assert.ok(grown < GROWTH_MIB_MAX, `the collector grew by ${grown} MiB`);

  const { items } = JSON.parse(String(await get(running, '/v1/sandboxes'))) as {
    items: { session: string; state: string; chains: { state: string }[] }[];
  };
  assert.equal(items.length, RELAYS);
  const bad = items.filter(({ state, chains }) => {
    return state !== 'pulling' || chains.length !== 1 || chains[0]!.state !== 'open';
  });
  assert.deepEqual(bad, []);

  const ended = await fetch(`${running.api}/v1/sandboxes/r0/end`, {
    method: 'POST',
    headers: { authorization: `Bearer ${running.token}` },
  });
  assert.deepEqual(await ended.json(), { session: 'r0', state: 'closed', whole: true });
});
