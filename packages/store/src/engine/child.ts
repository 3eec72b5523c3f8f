/**
 * The process of the embedded engine. A worker blocks in native code while the main thread keeps
 * watch over standard input: when the parent is gone, so is the engine. Arguments are one JSON
 * document, `Launch`; errors go to standard error as text.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { EngineSource } from './find.ts';

export interface Launch {
  source: EngineSource;
  /** Of `clickhouse local`. */
  arguments: string[];
}

/** ClickHouse refuses to run on a small stack. */
const STACK_MB = 64;
const STDERR_FD = 2;

if (isMainThread) watch(JSON.parse(process.argv[2]!) as Launch);
else await runLibrary(workerData as Launch);

function watch(launch: Launch): void {
  let binary: ChildProcess | undefined;
  // `process.exit` would wait for the worker, which never comes back from native code.
  const die = (): void => {
    binary?.kill('SIGKILL');
    process.kill(process.pid, 'SIGKILL');
  };
  process.on('SIGTERM', die);
  process.stdin.on('end', die).on('error', die).resume();
  if (launch.source.kind === 'binary') {
    const argv = ['local', ...launch.arguments];
    binary = spawn(launch.source.path, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
    binary.on('error', die).on('exit', die);
    return;
  }
  const worker = new Worker(new URL(import.meta.url), {
    workerData: launch,
    resourceLimits: { stackSizeMb: STACK_MB },
  });
  worker.on('message', die);
  worker.on('error', (error) => {
    writeSync(STDERR_FD, `${error.message}\n`);
    die();
  });
}

/** `clickhouse local` inside the library; returns only when it has failed or was shut down. */
async function runLibrary({ source, arguments: given }: Launch): Promise<void> {
  const { DataType, load, open } = await import('ffi-rs');
  open({ library: 'engine', path: source.path });
  const argv = ['clickhouse', ...given];
  const result = load({
    library: 'engine',
    funcName: 'chdb_query_cmdline',
    retType: DataType.External,
    paramsType: [DataType.I32, DataType.StringArray],
    paramsValue: [argv.length, argv],
  });
  // Reading the error of a query that succeeded would crash; this one runs for ever or fails.
  const message = load({
    library: 'engine',
    funcName: 'chdb_result_error',
    retType: DataType.String,
    paramsType: [DataType.External],
    paramsValue: [result],
  });
  writeSync(STDERR_FD, `${String(message)}\n`);
  parentPort?.postMessage('returned');
}
