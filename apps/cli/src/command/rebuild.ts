/** `rebuild`: makes a data directory from a backup. The collector does it, in its own process. */
import { resolve } from 'node:path';
import { absoluteDataDir } from '../config.ts';
import { type Io, printJson } from '../print/io.ts';
import { grouped, plain } from '../print/text.ts';
import { type NewLog, type Progress, type Rebuilt, runRebuild } from '../system/rebuild.ts';
import { type DataOption, type Register, withData, withExample, withJson } from './context.ts';
import { collect } from './options.ts';

interface RebuildOptions extends DataOption {
  json?: true;
  from: string;
  old?: string;
  note?: string[];
  pin?: string[];
  config?: string;
  newLog?: true;
}

export const addRebuild: Register = (program, { io }) => {
  const command = program
    .command('rebuild')
    .description('make a data directory from a backup: the log goes on, or this is refused')
    .requiredOption('--from <dir>', 'directory of the backup')
    .option('--old <dir>', 'what is left of the old data directory: keys, log, journal')
    .option('--note <file>', 'a checkpoint of this log that left the machine (repeatable)', collect)
    .option('--pin <file>', 'a pin of this log (repeatable)', collect)
    .option('--config <file>', 'settings (default: those in the backup)')
    .option('--new-log', 'the old log cannot go on: begin one that names it, without its records')
    .action(async (options: RebuildOptions) => {
      const args = ['--data', absoluteDataDir(options.data), '--from', resolve(options.from)];
      if (options.old !== undefined) args.push('--old', resolve(options.old));
      if (options.config !== undefined) args.push('--config', resolve(options.config));
      for (const file of [...(options.note ?? []), ...(options.pin ?? [])]) {
        args.push('--note', resolve(file));
      }
      const told = {
        log: (line: string) => io.err(plain(line)),
        onProgress: ({ step, done, size }: Progress) => {
          const doing = step === 'restore' ? 'restored' : 'checked';
          io.progress(`  ${grouped(done)} of ${grouped(size)} leaves ${doing}`);
        },
      };
      if (options.newLog === true) {
        const begun = await runRebuild<NewLog>([...args, '--new-log'], told);
        return options.json ? printJson(io, begun) : printBegun(io, begun);
      }
      const rebuilt = await runRebuild<Rebuilt>(args, told);
      if (options.json) printJson(io, rebuilt);
      else print(io, rebuilt);
    });
  withExample(
    withJson(withData(command)),
    'rebuild --data /var/lib/vitrine --from /backup/vitrine --pin pin.json',
    'rebuild --data /var/lib/vitrine --from /backup/vitrine --old /var/lib/vitrine.old',
  );
};

function print(io: Io, { origin, restored, size, absent }: Rebuilt): void {
  io.out(plain(`${origin} goes on from leaf ${size}; the backup had ${grouped(restored)}`));
  if (absent > 0) io.out(`${grouped(absent)} parts are gone, and no record says why`);
  io.err('start it: npx --no vitrine up');
}

function printBegun(io: Io, { origin, previous }: NewLog): void {
  io.out(plain(`${origin} begins, after ${previous.origin} at size ${previous.size}`));
  io.err('give auditors its trust.txt, keep the backup, and start it: npx --no vitrine up');
}
