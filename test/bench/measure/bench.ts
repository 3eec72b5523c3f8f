/**
 * What every benchmark prints: the machine, each figure over several runs, and whether it keeps its
 * bound. The best run is judged: other work on the machine only ever adds to the time.
 */
import { cpus, loadavg, totalmem } from 'node:os';

const GIB = 2 ** 30;
const NAME_CHARS = 34;
const US_PER_MS = 1_000;
/** Below it the processor was elsewhere for a good part of the run. */
const BUSY_SHARE = 0.9;
/** Misses a bound, where `--check` asks for an exit code. */
const EXIT_MISSED = 1;

export interface Bound {
  /** `at least` for rates, `at most` for times and sizes. */
  is: 'at least' | 'at most';
  value: number;
  /** Not demanded, but aimed at. */
  aim?: boolean;
}

export function printMachine(): void {
  const { model } = cpus()[0]!;
  const memory = Math.round(totalmem() / GIB);
  const load = loadavg()[0]!.toFixed(1);
  console.log(`machine  ${cpus().length} x ${model}, ${memory} GiB, Node ${process.version}`);
  console.log(`load     ${load} in the last minute, before the first run`);
}

/** Wall-clock time, and the processor time of this thread: they part where others compute too. */
export interface Run {
  ms: number;
  cpuMs: number;
}

/** One figure; `runs` are in `unit`. Where it misses, `--check` makes the exit code 1. */
export function printFigure(name: string, runs: readonly number[], unit: string, bound?: Bound) {
  const sorted = runs.toSorted((a, b) => (bound?.is === 'at least' ? b - a : a - b));
  const best = sorted[0]!;
  const middle = sorted[Math.floor(sorted.length / 2)]!;
  const rest = `median ${shown(middle)}, worst ${shown(sorted.at(-1)!)} ${unit}`;
  const said = runs.length === 1 ? `${shown(best)} ${unit}` : `best ${shown(best)}, ${rest}`;
  const line = `${name.padEnd(NAME_CHARS)} ${said}`;
  console.log(`${line}  ${verdict(best, unit, bound)}`.trimEnd());
}

/** Times, and what the processor alone took on the average. */
export function printTimes(name: string, runs: readonly Run[], bound?: Bound): void {
  const times = runs.map(({ ms }) => ms);
  printFigure(name, times, 'ms', bound);
  const sum = (some: readonly number[]): number => some.reduce((all, one) => all + one, 0);
  const cpu = sum(runs.map(({ cpuMs }) => cpuMs));
  if (cpu > sum(times) * BUSY_SHARE) return;
  console.log(
    `${''.padEnd(NAME_CHARS)} of which the core's own, mean ${shown(cpu / runs.length)} ms`,
  );
}

function verdict(best: number, unit: string, bound: Bound | undefined): string {
  if (bound === undefined) return '';
  const { is, value, aim = false } = bound;
  const kept = is === 'at least' ? best >= value : best <= value;
  if (!kept && !aim && process.argv.includes('--check')) process.exitCode = EXIT_MISSED;
  const word = kept ? 'pass' : 'FAIL';
  return `[${aim ? 'aim ' : ''}${is} ${shown(value)} ${unit}: ${aim && !kept ? 'missed' : word}]`;
}

function shown(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString('en');
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The first argument that is no option. */
export function sizeAsked(otherwise: number): number {
  const given = process.argv.slice(2).find((argument) => /^\d+$/.test(argument));
  return Number(given ?? otherwise);
}

/** The first run, in which code is compiled, is not counted. */
export async function timedRuns(count: number, work: () => unknown): Promise<Run[]> {
  const runs: Run[] = [];
  for (let run = 0; run <= count; run++) runs.push(await timed(work));
  return runs.slice(1);
}

export async function timed(work: () => unknown): Promise<Run> {
  const cpu = process.threadCpuUsage();
  const started = performance.now();
  await work();
  const ms = performance.now() - started;
  const { user, system } = process.threadCpuUsage(cpu);
  return { ms, cpuMs: (user + system) / US_PER_MS };
}
