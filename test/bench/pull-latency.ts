/**
 * From a shim's request to a row that the API shows: shim, relay, long poll, queue, log, live tail.
 * One event at a time, at a steady pace; every tenth is then read by its own address as well.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildRelayFile } from '../../scripts/relay-file.mjs';
import { MAC_KEY, postTo, startRelayFile } from './load/relay-process.ts';
import { quantile, registerSandbox, Seen } from './load/seen.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { batch, get, startCollector } from './measure/collector.ts';

const EVENTS_DEFAULT = 300;
const EVERY_MS = 100;
/** Code is compiled, and the store has its first parts. */
const WARM_UP = 30;
const READ_EVERY = 10;
const P99_MS_MAX = 200;

const count = sizeAsked(EVENTS_DEFAULT) + WARM_UP;
const dir = mkdtempSync(join(tmpdir(), 'vitrine-pull-latency-'));
const file = join(dir, 'vitrine-relay.mjs');
await buildRelayFile(file);
const running = await startCollector(dir);
const relay = await startRelayFile({ node: process.execPath, file, dir, session: 'latency' });
const seen = new Seen();
const agent = new Agent({ keepAlive: true });
try {
  await registerSandbox(running, 'latency', { socket: relay.opp, mac_key: MAC_KEY });
  await seen.follow(running, 'latency');
  printMachine();
  const [acked, visible]: number[][] = [[], []];
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    await postTo(relay.intake, batch('latency', i, 1), agent);
    if (i >= WARM_UP) acked!.push(performance.now() - started);
    const { at, path } = await seen.until(`use-${i}`);
    if (i >= WARM_UP) visible!.push(at - started);
    if (i % READ_EVERY === 0) await get(running, path);
    await sleep(Math.max(0, EVERY_MS - (performance.now() - started)));
  }
  console.log(`events   ${visible!.length}, one every ${EVERY_MS} ms`);
  printFigure('acknowledged by the relay, p99', [quantile(acked!, 0.99)], 'ms');
  printFigure('visible through the API, median', [quantile(visible!, 0.5)], 'ms');
  const bound = { is: 'at most', value: P99_MS_MAX } as const;
  printFigure('visible through the API, p99', [quantile(visible!, 0.99)], 'ms', bound);
  printFigure('visible through the API, the most', [quantile(visible!, 1)], 'ms');
} finally {
  seen.stop();
  agent.destroy();
  await relay.stop();
  await running.stop();
  rmSync(dir, { recursive: true });
}
