/**
 * One collector and a thousand relays, each on sockets of its own, then one more that floods: how
 * long an event of a quiet one takes to be seen, alone and beside the flood, and whether the
 * collector's memory stays where it is.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HEARTBEAT_MS } from '@vitrine/schema';
import { buildRelayFile } from '../../scripts/relay-file.mjs';
import { Flood, Probe, registerFleet, startFleet } from './load/fleet.ts';
import { MAC_KEY, startRelayFile } from './load/relay-process.ts';
import { quantile, registerSandbox } from './load/seen.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { resident, startCollector } from './measure/collector.ts';
import { cpuSeconds } from './measure/cpu.ts';

const RELAYS_DEFAULT = 1_000;
const PHASE_MS = 20_000;
const EVERY_MS = 100;
const SENDERS = 4;
const RECORDS_PER_REQUEST = 500;
/** What a flood may add to the memory of a collector that pulls all of them. */
const GROWTH_MIB_MAX = 100;

const count = sizeAsked(RELAYS_DEFAULT);
const dir = mkdtempSync(join(tmpdir(), 'vitrine-relays-'));
const data = join(dir, 'data');
mkdirSync(data);
const file = join(dir, 'vitrine-relay.mjs');
await buildRelayFile(file);
const running = await startCollector(data);
const own = join(dir, 'flood');
mkdirSync(own);
const flooding = await startRelayFile({ node: process.execPath, file, dir: own, session: 'flood' });
const fleet = await startFleet(dir, count, HEARTBEAT_MS);
const probe = new Probe(fleet, count);
try {
  printMachine();
  const before = resident(running.pid).now;
  const started = performance.now();
  await registerFleet(running, dir, count);
  const seconds = (performance.now() - started) / 1_000;
  console.log(`relays   ${count}, all pulled after ${seconds.toFixed(1)} s`);
  await registerSandbox(running, 'flood', { socket: flooding.opp, mac_key: MAC_KEY });
  await probe.start(running);
  printFigure('collector RSS, no relay', [before], 'MiB');
  await phase('quiet');
  const quiet = resident(running.pid).now;
  const flood = new Flood(flooding.intake, SENDERS, RECORDS_PER_REQUEST);
  await phase('flood');
  const filled = resident(running.pid).now;
  await phase('flood, later');
  const later = resident(running.pid).now;
  await flood.stop();
  console.log(`flood    ${flood.sent} records taken, ${flood.refused} refused at the spool`);
  printFigure('collector RSS, all of them', [quiet], 'MiB');
  printFigure('collector RSS, flooded', [filled], 'MiB');
  const bound = { is: 'at most', value: GROWTH_MIB_MAX } as const;
  printFigure('collector RSS, grown since', [later - filled], 'MiB', bound);
} finally {
  probe.stop();
  await fleet.stop();
  await flooding.stop();
  await running.stop();
  rmSync(dir, { recursive: true });
}

async function phase(name: string): Promise<void> {
  const [waits, cpu, end] = [[] as number[], cpuSeconds(running.pid), performance.now() + PHASE_MS];
  while (performance.now() < end) {
    const started = performance.now();
    waits.push(await probe.once());
    await sleep(Math.max(0, EVERY_MS - (performance.now() - started)));
  }
  const used = ((cpuSeconds(running.pid) - cpu) * 1_000) / PHASE_MS;
  printFigure(`${name}: quiet relay seen, p50`, [quantile(waits, 0.5)], 'ms');
  printFigure(`${name}: quiet relay seen, p99`, [quantile(waits, 0.99)], 'ms');
  printFigure(`${name}: collector's cores`, [used], '');
}
