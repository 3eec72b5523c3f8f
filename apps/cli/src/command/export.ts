/** `export`: the evidence file of one claim of LOG.md §4, for whoever verifies it offline. */
import { type Command, Option } from 'commander';
import type { Client } from '../client/client.ts';
import { CliError } from '../error.ts';
import { printJson } from '../print/io.ts';
import { byteCount } from '../print/text.ts';
import { writeWhole } from '../system/file.ts';
import { pinnedNote } from '../system/pin.ts';
import {
  clientOf,
  type DataOption,
  type Register,
  withData,
  withExample,
  withJson,
} from './context.ts';
import { wholeNumber } from './options.ts';

interface ExportOptions extends DataOption {
  json?: true;
  session?: string;
  event?: string;
  chain?: string;
  first?: number;
  last?: number;
  absent?: string;
  inactive?: string;
  day?: string;
  pin?: string;
  format: 'bundle' | 'tlog-proof';
  output: string;
  parts: boolean;
}

const SEQ_MAX = Number.MAX_SAFE_INTEGER;
const CLAIMS = ['session', 'event', 'chain', 'absent', 'inactive'] as const;

export const addExport: Register = (program, { io }) => {
  const command: Command = program
    .command('export')
    .description('write evidence into a bundle file: of what is there, or that something is not')
    .option('--session <id>', 'everything of this session')
    .option('--event <log/index>', 'this one leaf, as alerts name it')
    .option('--chain <session/shim>', 'records of one chain: --first to --last')
    .option('--first <seq>', 'first record of --chain', wholeNumber('--first', 0, SEQ_MAX))
    .option('--last <seq>', 'last record of --chain', wholeNumber('--last', 0, SEQ_MAX))
    .option('--absent <id>', 'that no session of this name is open')
    .option('--inactive <id>', 'that the log has no record of this session from --day')
    .option('--day <yyyy-mm-dd>', 'the UTC day of --inactive; it must be over')
    .option('--pin <file>', 'add the proof that the log has only grown since this pin')
    .addOption(
      new Option('--format <format>', 'of --event: tlog-proof is that of C2SP')
        .choices(['bundle', 'tlog-proof'])
        .default('bundle'),
    )
    .requiredOption('-o, --output <file>', 'where to write the bundle')
    .option('--no-parts', 'leave contents out: prompts, arguments, bodies')
    .action(async (options: ExportOptions) => {
      const bytes = await evidenceOf(clientOf(options), options);
      const total = await writeWhole(options.output, bytes, (done) =>
        io.progress(`  ${byteCount(done)} written`),
      );
      if (options.json) return printJson(io, { file: options.output, bytes: total });
      io.out(`${options.output}  ${byteCount(total)}`);
      if (options.format === 'tlog-proof') return;
      const pin = options.pin === undefined ? '' : ` --pin ${options.pin}`;
      io.err(`check it: npx --no vitrine verify ${options.output}${pin}`);
    });
  withExample(
    withJson(withData(command)),
    'export --session SESSION -o session.vitrine.json',
    'export --event default.0.1/1234 -o event.vitrine.json',
    'export --chain SESSION/in --first 10 --last 20 -o range.vitrine.json',
    'export --inactive SESSION --day 2026-11-22 -o inactive.vitrine.json',
  );
};

function evidenceOf(client: Client, options: ExportOptions): Promise<AsyncIterable<Uint8Array>> {
  checkOptions(options);
  const { session, event, chain, absent, inactive, day, format } = options;
  const from = options.pin === undefined ? undefined : pinnedNote(options.pin);
  const query = { parts: options.parts ? undefined : (0 as const), from };
  if (session !== undefined) return client.sessionBundle(session, query);
  if (absent !== undefined) return client.absenceBundle(absent, { from });
  if (inactive !== undefined) return client.absenceBundle(inactive, { day, from });
  if (chain !== undefined) {
    const [, of, shim] = /^([^/]+)\/([^/]+)$/.exec(chain) ?? [];
    if (of === undefined || shim === undefined) {
      throw new CliError('USAGE', `--chain ${chain} is not SESSION/SHIM, such as s1/in`);
    }
    return client.rangeBundle(of, shim, { ...query, first: options.first!, last: options.last! });
  }
  const [, log, index] = /^([^/]+)\/(\d{1,16})$/.exec(event!) ?? [];
  if (log === undefined) {
    throw new CliError('USAGE', `--event ${event} is not LOG/INDEX, such as default.0.1/1234`);
  }
  if (format === 'tlog-proof') return client.eventProof(log, Number(index));
  return client.eventBundle(log, Number(index), { from });
}

/** One claim, with its own options and no others. */
function checkOptions(options: ExportOptions): void {
  const { chain, first, last, inactive, day, event, format, pin } = options;
  if (CLAIMS.filter((name) => options[name] !== undefined).length !== 1) {
    const names = CLAIMS.map((name) => `--${name}`).join(', ');
    throw new CliError('USAGE', `export needs one of ${names}`);
  }
  const ranged = [first, last].filter((seq) => seq !== undefined).length;
  if (ranged !== (chain === undefined ? 0 : 2)) {
    throw new CliError('USAGE', '--chain SESSION/SHIM goes with --first SEQ and --last SEQ');
  }
  if ((inactive === undefined) !== (day === undefined)) {
    throw new CliError('USAGE', '--inactive SESSION goes with --day YYYY-MM-DD');
  }
  if (format === 'tlog-proof' && (event === undefined || pin !== undefined)) {
    throw new CliError('USAGE', '--format tlog-proof is for --event LOG/INDEX, without --pin');
  }
}
