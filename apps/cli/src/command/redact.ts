/** `redact`: takes the content of a part out of the store, and says so in the log for ever. */
import type { RedactionAnswer } from '@vitrine/schema/api';
import { CliError } from '../error.ts';
import { type Io, printJson } from '../print/io.ts';
import { grouped, plain, utcTime } from '../print/text.ts';
import {
  clientOf,
  type DataOption,
  type Register,
  withData,
  withExample,
  withJson,
} from './context.ts';

interface RedactOptions extends DataOption {
  json?: true;
  session?: string;
  event?: string;
  part: string;
  reason: string;
}

export const addRedact: Register = (program, { io }) => {
  const command = program
    .command('redact')
    .description('delete the content of a part; a record in the log says who did it, and why')
    .option('--session <id>', 'the part of every record of this session')
    .option('--event <log/index>', 'the part of this one record')
    .requiredOption('--part <name>', 'name of the part, such as prompt; * means every part')
    .requiredOption('--reason <text>', 'why: it stays in the log and in bundles')
    .action(async (options: RedactOptions) => {
      const { part, reason } = options;
      const answer = await clientOf(options).redact({ ...targetOf(options), part, reason });
      if (options.json) return printJson(io, answer);
      print(io, answer);
    });
  withExample(
    withJson(withData(command)),
    'redact --event default.0.1/1234 --part prompt --reason "personal data, case 17"',
    'redact --session SESSION --part prompt --reason "personal data, case 17"',
  );
};

function targetOf({ session, event }: RedactOptions): { session: string } | LeafTarget {
  if ((session === undefined) === (event === undefined)) {
    throw new CliError('USAGE', 'redact needs --session ID or --event LOG/INDEX, one of them');
  }
  if (session !== undefined) return { session };
  const [, log, index] = /^([^/]+)\/(\d{1,16})$/.exec(event!) ?? [];
  if (log !== undefined) return { log, index: Number(index) };
  throw new CliError('USAGE', `--event ${event} is not LOG/INDEX, such as default.0.1/1234`);
}

interface LeafTarget {
  log: string;
  index: number;
}

function print(io: Io, { state, until, items }: RedactionAnswer): void {
  for (const { log, index, part, redacted_by } of items) {
    const by = redacted_by === null ? 'announced' : `says leaf ${redacted_by}`;
    io.out(plain(`${log}/${index}  ${part}  ${by}`));
  }
  const count = `${grouped(items.length)} ${items.length === 1 ? 'part is' : 'parts are'}`;
  if (state === 'deleted') io.out(`${count} deleted from the store, with the salt`);
  else io.out(`${count} announced in the log; the deletion goes on, also after a restart`);
  io.out(`the last copy that is ours, in the journal or a backup, is gone by ${utcTime(until)}`);
  io.err('copies that others took, such as exported bundles, are theirs to delete');
}
