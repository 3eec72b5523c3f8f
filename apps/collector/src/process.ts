/**
 * The collector as a process: arguments in, one `ready` line out, a clean end on SIGTERM and
 * SIGINT. Everything it prints for people goes to standard error. `rebuild` first makes it a
 * data directory.
 */
import { parseArgs } from 'node:util';
import { CodedError } from '@vitrine/schema';
import { rebuildProcess } from './backup/process.ts';
import { CollectorError } from './error.ts';
import { type Collector, startCollector } from './main.ts';

const EXIT_FAILED = 1;
/** The log is in a state that a restart must repair: supervisors should start the process again. */
const EXIT_FATAL = 70;

export async function collectorProcess(argv: string[]): Promise<void> {
  const print = (line: string): void => console.error(line);
  if (argv[0] === 'rebuild') {
    try {
      await rebuildProcess(argv.slice(1), print);
      process.exit(0);
    } catch (error) {
      print(describe(error));
      process.exit(EXIT_FAILED);
    }
  }
  let collector: Collector | undefined;
  try {
    const { data, config } = argumentsOf(argv);
    collector = await startCollector({
      dataDir: data,
      ...(config === undefined ? {} : { configFile: config }),
      log: print,
      onFatal: (error) => {
        print(describe(error));
        process.exit(EXIT_FATAL);
      },
    });
  } catch (error) {
    print(describe(error));
    process.exit(EXIT_FAILED);
  }
  const stop = (): void => {
    process.off('SIGTERM', stop).off('SIGINT', stop);
    collector
      .stop()
      .then(() => process.exit(0))
      .catch((error: unknown) => {
        print(describe(error));
        process.exit(EXIT_FAILED);
      });
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  const { api, otlp, otlpGrpc, adminTokenFile, identity } = collector;
  const ready = {
    api,
    otlp,
    otlp_grpc: otlpGrpc,
    admin_token_file: adminTokenFile,
    origin: identity.origin,
  };
  console.log(`ready ${JSON.stringify(ready)}`);
}

function argumentsOf(argv: string[]): { data: string; config: string | undefined } {
  try {
    const options = { data: { type: 'string' }, config: { type: 'string' } } as const;
    const { values } = parseArgs({ args: argv, options });
    return { data: values.data ?? '.vitrine', config: values.config };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const hint = 'collector --data DIR [--config FILE]';
    throw new CollectorError('CONFIG_INVALID', message, hint, { cause });
  }
}

function describe(error: unknown): string {
  if (!(error instanceof CodedError)) {
    return `error INTERNAL: ${error instanceof Error ? (error.stack ?? error.message) : error}`;
  }
  const hint = error.hint === '' ? '' : `\n  hint: ${error.hint}`;
  return `error ${error.code}: ${error.message}${hint}`;
}
