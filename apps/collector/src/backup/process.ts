/** `rebuild` as a process: progress as JSON lines on standard output, then what was made. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CollectorError } from '../error.ts';
import { startNewLog } from './new-log.ts';
import { type RebuildOptions, rebuild } from './rebuild.ts';

const PROGRESS_MS_MIN = 200;

export async function rebuildProcess(argv: string[], log: (line: string) => void): Promise<void> {
  const { data, from, note, ...rest } = argumentsOf(argv);
  let said = 0;
  const options: RebuildOptions = {
    dataDir: resolve(data),
    from: resolve(from),
    old: rest.old,
    configFile: rest.config,
    notes: note ?? [],
    log,
    onProgress(progress) {
      const now = performance.now();
      if (now - said < PROGRESS_MS_MIN) return;
      said = now;
      console.log(JSON.stringify({ progress }));
    },
  };
  const rebuilt = await (rest['new-log'] === true ? startNewLog : rebuild)(options);
  console.log(JSON.stringify({ rebuilt }));
}

function argumentsOf(argv: string[]) {
  try {
    const text = { type: 'string' } as const;
    const options = { data: text, from: text, old: text, config: text } as const;
    const note = { type: 'string', multiple: true } as const;
    const more = { note, 'new-log': { type: 'boolean' } } as const;
    const { values } = parseArgs({ args: argv, options: { ...options, ...more } });
    const { data, from } = values;
    if (data === undefined || from === undefined) throw new Error('--data and --from are needed');
    return { ...values, data, from };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const hint =
      'collector rebuild --data DIR --from BACKUP [--old DIR] [--note FILE]… [--new-log]';
    throw new CollectorError('CONFIG_INVALID', message, hint, { cause });
  }
}
