/**
 * What the one-file relay costs the sandbox that it stands in: memory when nothing happens, and
 * processor time for each thousand events, from a shim's request to the acknowledged page. On the
 * Node that runs this and on the `node` of the PATH.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildRelayFile } from '../../scripts/relay-file.mjs';
import { Discard, postTo, type RelayProcess, startRelayFile } from './load/relay-process.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { batch, resident } from './measure/collector.ts';
import { cpuSeconds } from './measure/cpu.ts';

const EVENTS_DEFAULT = 20_000;
const RUNS = 3;
/** An agent's own exporter sends what a few seconds brought; a hook sends one. */
const BATCHES = [100, 1];
/** Of the events, for the batch of one: each costs a request and a sync. */
const SINGLE_SHARE = 0.1;
const IDLE_MS = 5_000;
const RSS_MIB_MAX = 80;
const CPU_MS_MAX = 20;

const events = sizeAsked(EVENTS_DEFAULT);
const dir = mkdtempSync(join(tmpdir(), 'vitrine-bench-relay-'));
try {
  const file = join(dir, 'vitrine-relay.mjs');
  const { outputs } = await buildRelayFile(file);
  printMachine();
  for (const { bytes } of Object.values(outputs)) console.log(`file     ${bytes} bytes`);
  for (const node of nodes()) await measure(node, file);
} finally {
  rmSync(dir, { recursive: true });
}

/** This one, and the one of the PATH if it is another. */
function nodes(): string[] {
  const version = (node: string): string => String(execFileSync(node, ['--version'])).trim();
  return [process.execPath, 'node'].filter(
    (node, i) => i === 0 || version(node) !== process.version,
  );
}

async function measure(node: string, file: string): Promise<void> {
  const version = String(execFileSync(node, ['--version'])).trim();
  const own = mkdtempSync(join(dir, 'relay-'));
  const started = performance.now();
  const relay = await startRelayFile({ node, file, dir: own });
  try {
    printFigure(`${version}: start to ready`, [performance.now() - started], 'ms');
    await sleep(IDLE_MS);
    const idle = { is: 'at most', value: RSS_MIB_MAX } as const;
    printFigure(`${version}: RSS idle`, [resident(relay.pid).now], 'MiB', idle);
    const discard = new Discard(relay.opp);
    for (const size of BATCHES) await measureCpu(relay, size, version);
    discard.stop();
    await sleep(IDLE_MS);
    const { now, most } = resident(relay.pid);
    printFigure(`${version}: RSS idle, after the load`, [now], 'MiB');
    printFigure(`${version}: RSS, the most`, [most], 'MiB');
  } finally {
    await relay.stop();
  }
}

async function measureCpu(relay: RelayProcess, size: number, version: string): Promise<void> {
  const count = size === 1 ? Math.ceil(events * SINGLE_SHARE) : events;
  const agent = new Agent({ keepAlive: true });
  const runs: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const before = cpuSeconds(relay.pid);
    for (let sent = 0; sent < count; sent += size) {
      await postTo(relay.intake, batch('bench', sent, size), agent);
    }
    runs.push(((cpuSeconds(relay.pid) - before) * 1_000) / (count / 1_000));
  }
  agent.destroy();
  const name = `${version}: CPU per 1,000 events, ${size} a request`;
  // One at a time is the sync and the request of each, which no budget is about.
  const bound = size === 1 ? undefined : ({ is: 'at most', value: CPU_MS_MAX } as const);
  // In the first run code is compiled.
  printFigure(name, runs.slice(1), 'ms', bound);
}
