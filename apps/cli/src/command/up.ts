/** `up`: the collector and the dashboard on this terminal, until Ctrl-C. */
import { join } from 'node:path';
import { Client } from '../client/client.ts';
import { absoluteDataDir } from '../config.ts';
import { loginLink } from '../dashboard/whereabouts.ts';
import { CliError } from '../error.ts';
import { type Io, printJsonLine } from '../print/io.ts';
import { printPairs } from '../print/table.ts';
import { type Interrupt, onInterrupt } from '../system/interrupt.ts';
import { startWhole, type WholeSystem } from '../system/whole.ts';
import { type DataOption, type Register, withData, withExample, withJson } from './context.ts';

interface UpOptions extends DataOption {
  json?: true;
  config?: string;
  dashboard: boolean;
}

export const addUp: Register = (program, { io }) => {
  const command = program
    .command('up')
    .description('start the system and keep it up until Ctrl-C')
    .option('--config <file>', 'settings (default: vitrine.yaml of the data directory)')
    .option('--no-dashboard', 'leave the dashboard out')
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
  const whole = await start(io, options, interrupt.signal);
  if (whole === undefined) return;
  try {
    const places = await whereabouts(whole);
    if (options.json) printJsonLine(io, places);
    else printPairs(io, Object.entries(places));
    io.err('Ctrl-C ends it');
    const code = await Promise.race([whole.ended, interrupt.happened]);
    if (!interrupt.signal.aborted) {
      const message = `the collector ended by itself with ${code ?? 'a signal'}`;
      throw new CliError('START_FAILED', message, 'its last lines are above');
    }
    io.progress('stopping');
  } finally {
    await whole.stop();
  }
  io.err('stopped');
}

/** `undefined` when Ctrl-C came before it was ready. */
async function start(
  io: Io,
  options: UpOptions,
  signal: AbortSignal,
): Promise<WholeSystem | undefined> {
  const dataDir = absoluteDataDir(options.data);
  io.progress(`starting in ${dataDir}`);
  try {
    return await startWhole({
      dataDir,
      ...(options.config === undefined ? {} : { configFile: options.config }),
      dashboard: options.dashboard,
      log: (line) => io.err(line),
      signal,
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** Where to find what: the same lines for a person and, with --json, for a program. */
async function whereabouts(whole: WholeSystem): Promise<Record<string, string>> {
  const { system, readyMs, dashboard } = whole;
  const { otlpGrpc } = system;
  const link = dashboard && (await loginLink(system, new Client(system)));
  return {
    ...(link === undefined ? {} : { dashboard: link.url }),
    api: system.api,
    otlp_http: system.otlpHttp,
    ...(otlpGrpc === '' ? {} : { otlp_grpc: otlpGrpc }),
    data: system.dataDir,
    admin_token_file: join(system.dataDir, 'admin.token'),
    origin: system.origin,
    ready: `after ${(readyMs / 1_000).toFixed(1)} s`,
  };
}
