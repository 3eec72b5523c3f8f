/**
 * How many events a second all shipped rules take on one core, as the thread of detection takes
 * them: packed rows in, alerts out. The mix is that of recorded work, a program under strace, an
 * agent with hooks and telemetry, and its requests, played by many sessions at once. Then a flood
 * in which nothing is ever the same twice, for what is remembered at most.
 * `npm run bench -- detect [EVENTS]`.
 */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Engine, loadRules, shippedRules } from '@vitrine/detect';
import type { JsonObject } from '@vitrine/schema';
import { rawStream } from '@vitrine/shim/raw';
import {
  type LooseRow,
  type PackedRows,
  packRows,
  unpackRows,
} from '../../apps/collector/src/detect/rows.ts';
import { printFigure, printMachine, type Run, sizeAsked, timedRuns } from './measure/bench.ts';

const EVENTS_PER_S_MIN = 50_000;
const EVENTS_PER_S_AIM = 100_000;
const RUNS = 5;
/** At once: each is another step of the same recording. */
const SESSIONS = 50;
const BATCH_ROWS = 2_000;
const START_S = 1_795_425_180;
const MIB = 2 ** 20;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** Of the flood: beyond what any rule may hold. */
const FLOOD_EVENTS = 400_000;
const HEAP_MIB_MAX = 128;

const VECTORS = new URL('../vectors/claude-code/', import.meta.url);
const FIXTURES = new URL('../../packages/shim/fixtures/', import.meta.url);
const { rules } = loadRules(shippedRules());

/** What one session says, from its `open` to its `close`. */
function recorded(): { kind: string; shim: string; vantage: string; record: JsonObject }[] {
  const linesIn = (file: string, place: URL): string[] =>
    readFileSync(new URL(file, place), 'latin1').split('\n').filter(Boolean);
  const requests = linesIn('otlp-json.jsonl', VECTORS)
    .map((line) => JSON.parse(line) as { url: string; body: JsonObject })
    .filter(({ url }) => url === '/v1/logs');
  const text = [
    ...linesIn('strace.txt', FIXTURES)
      .slice(1)
      .map((line) => `strace ${line}`),
    ...linesIn('hooks.jsonl', VECTORS).map((line, i) => `hook ${START_S + i}.5 ${line}`),
    ...requests.map(({ body }) => `otlp ${JSON.stringify(body)}`),
    ...linesIn('mitmproxy.txt', FIXTURES)
      .slice(2)
      .map((line) => `flow ${line}`),
  ];
  return rawStream(text.join('\n'), true);
}

function loose(
  row: Pick<LooseRow, 'session' | 'shim' | 'vantage' | 'kind'>,
  record: JsonObject,
  idx: number,
): LooseRow {
  const leaf = Buffer.alloc(32);
  leaf.writeUInt32BE(idx);
  return { ...row, log: 'default.0.1', idx, leaf, record: JSON.stringify(record) };
}

/** Batches as they are sealed, each second one. */
function packed(rows: Iterable<[row: Parameters<typeof loose>[0], record: JsonObject]>) {
  const batches: PackedRows[] = [];
  let batch: LooseRow[] = [];
  let idx = 0;
  const seal = (): void => {
    const t = `${START_S + batches.length}000000000`;
    const place = { session: 'log', shim: 'seal', vantage: '', kind: 'seal' };
    batches.push(packRows([...batch, loose(place, { kind: 'seal', t }, idx++)]));
    batch = [];
  };
  for (const [row, record] of rows) {
    batch.push(loose(row, record, idx++));
    if (batch.length === BATCH_ROWS) seal();
  }
  seal();
  return batches;
}

function* mixOf(events: number): Generator<[Parameters<typeof loose>[0], JsonObject]> {
  const stream = recorded();
  for (let i = 0; i < events; i++) {
    const lane = i % SESSIONS;
    const step = Math.floor(i / SESSIONS);
    const session = `s${lane}-${Math.floor(step / stream.length)}`;
    const { kind, shim, vantage, record } = stream[step % stream.length]!;
    const t = `${START_S + Math.floor(i / BATCH_ROWS)}${String(i).padStart(9, '0')}`;
    yield [
      { session, shim, vantage, kind },
      { ...record, session, t, seq: step },
    ];
  }
}

const FLOOD_KINDS = ['egress.request', 'file.read', 'tool.result', 'approval.decision', 'mcp.call'];

function* floodOf(events: number): Generator<[Parameters<typeof loose>[0], JsonObject]> {
  yield [
    { session: 's', shim: 'sup', vantage: '', kind: 'open' },
    { kind: 'open', hosts: ['*'] },
  ];
  const stream = recorded().filter(({ kind }) => kind !== 'open' && kind !== 'close');
  for (let i = 0; i < events; i++) {
    const seen = stream[i % stream.length]!;
    const kind = i % 2 === 0 ? seen.kind : FLOOD_KINDS[i % FLOOD_KINDS.length]!;
    const t = `${START_S + Math.floor(i / BATCH_ROWS)}${String(i).padStart(9, '0')}`;
    const own = {
      http: { host: `h${i}`, auth_fp: `${i}`, function: `f${i}`, req_bytes: 9_000_000 },
      user: { id: `u${i}` },
      tool: { name: 'WebFetch', host: `t${i}`, use_id: `c${i}`, success: true },
      decision: { value: 'accept', source: 'user_temporary', latency_ms: 10 },
    };
    const record = { ...seen.record, ...own, kind, session: 's', t, seq: i };
    yield [{ session: 's', shim: 'b.boundary', vantage: 'boundary', kind }, record];
  }
}

function play(batches: readonly PackedRows[]): { alerts: number; engine: Engine } {
  const engine = new Engine(rules);
  let alerts = 0;
  for (const batch of batches) {
    for (const row of unpackRows(batch)) alerts += engine.observe(row).length;
  }
  return { alerts, engine };
}

/** What is held, not what has not been collected yet. */
function heapMib(): number {
  collect();
  return process.memoryUsage().heapUsed / MIB;
}

function printRate(runs: Run[], events: number, bound: number, aim: boolean): void {
  const rates = runs.map(({ cpuMs }) => (events / cpuMs) * 1_000);
  const name = `all ${rules.length} rules, by the core's own time`;
  printFigure(name, rates, 'events/s', { is: 'at least', value: bound, aim });
}

printMachine();
const events = sizeAsked(200_000);
const batches = packed(mixOf(events));
let alerts = 0;
const runs = await timedRuns(RUNS, () => {
  alerts = play(batches).alerts;
});
console.log(`mix      ${events} events of ${SESSIONS} sessions at once, ${alerts} alerts`);
printRate(runs, events, EVENTS_PER_S_MIN, false);
printRate(runs, events, EVENTS_PER_S_AIM, true);

const flood = packed(floodOf(FLOOD_EVENTS));
const before = heapMib();
const flooded = play(flood);
const grown = heapMib() - before;
const bound = { is: 'at most', value: HEAP_MIB_MAX } as const;
printFigure(`held after ${FLOOD_EVENTS} unlike events`, [grown], 'MiB', bound);
const cpu = process.threadCpuUsage();
const bytes = JSON.stringify(flooded.engine.snapshot()).length;
const { user, system } = process.threadCpuUsage(cpu);
printFigure('  its snapshot', [bytes / MIB], 'MiB');
printFigure('  made in', [(user + system) / 1_000], 'ms');
console.log(`forgotten ${JSON.stringify(flooded.engine.evicted)}`);
