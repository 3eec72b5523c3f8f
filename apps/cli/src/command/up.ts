/** `up`: the system on this terminal, until Ctrl-C. */
import { join } from 'node:path';
import { absoluteDataDir } from '../config.ts';
import { CliError } from '../error.ts';
import { type Io, printJsonLine } from '../print/io.ts';
import { printPairs } from '../print/table.ts';
import { type CollectorProcess, startCollectorProcess } from '../system/collector.ts';
import { type Interrupt, onInterrupt } from '../system/interrupt.ts';
import { type DataOption, type Register, withData, withExample, withJson } from './context.ts';

interface UpOptions extends DataOption {
  json?: true;
  config?: string;
}

export const addUp: Register = (program, { io }) => {
  const command = program
    .command('up')
    .description('start the system and keep it up until Ctrl-C')
    .option('--config <file>', 'settings (default: vitrine.yaml of the data directory)')
    .action(async (options: UpOptions) => {
      const interrupt = onInterrupt();
      try {
        await stayUp(io, options, interrupt);
      } finally {
        interrupt.release();
      }
    });
  withExample(
    withJson(withData(command)),
    'up',
    'up --data /var/lib/vitrine --config vitrine.yaml',
  );
};

async function stayUp(io: Io, options: UpOptions, interrupt: Interrupt): Promise<void> {
  const collector = await start(io, options, interrupt.signal);
  if (collector === undefined) return;
  if (options.json) printJsonLine(io, whereabouts(collector));
  else printPairs(io, Object.entries(whereabouts(collector)));
  io.err('Ctrl-C ends it');
  const code = await Promise.race([collector.ended, interrupt.happened]);
  if (!interrupt.signal.aborted) {
    const message = `the collector ended by itself with ${code ?? 'a signal'}`;
    throw new CliError('START_FAILED', message, 'its last lines are above');
  }
  io.progress('stopping');
  await collector.stop();
  io.err('stopped');
}

/** `undefined` when Ctrl-C came before it was ready. */
async function start(
  io: Io,
  options: UpOptions,
  signal: AbortSignal,
): Promise<CollectorProcess | undefined> {
  const dataDir = absoluteDataDir(options.data);
  io.progress(`starting in ${dataDir}`);
  try {
    return await startCollectorProcess({
      dataDir,
      ...(options.config === undefined ? {} : { configFile: options.config }),
      log: (line) => io.err(line),
      signal,
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** Where to find what: the same lines for a person and, with --json, for a program. */
export function whereabouts({ system, readyMs }: CollectorProcess): Record<string, string> {
  return {
    api: system.api,
    otlp_http: system.otlpHttp,
    data: system.dataDir,
    admin_token_file: join(system.dataDir, 'admin.token'),
    origin: system.origin,
    ready: `after ${(readyMs / 1_000).toFixed(1)} s`,
  };
}
