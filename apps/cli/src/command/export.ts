/** `export`: the evidence file of a session or of one event, for whoever verifies it offline. */
import type { Command } from 'commander';
import type { Client } from '../client/client.ts';
import { CliError } from '../error.ts';
import { printJson } from '../print/io.ts';
import { byteCount } from '../print/text.ts';
import { writeWhole } from '../system/file.ts';
import {
  clientOf,
  type DataOption,
  type Register,
  withData,
  withExample,
  withJson,
} from './context.ts';

interface ExportOptions extends DataOption {
  json?: true;
  session?: string;
  event?: string;
  output: string;
  parts: boolean;
}

export const addExport: Register = (program, { io }) => {
  const command: Command = program
    .command('export')
    .description('write the evidence of a session or of one event into a bundle file')
    .option('--session <id>', 'everything of this session')
    .option('--event <log/index>', 'this one leaf, as alerts name it')
    .requiredOption('-o, --output <file>', 'where to write the bundle')
    .option('--no-parts', 'leave contents out: prompts, arguments, bodies')
    .action(async (options: ExportOptions) => {
      const bytes = await bundleOf(clientOf(options), options);
      const total = await writeWhole(options.output, bytes, (done) =>
        io.progress(`  ${byteCount(done)} written`),
      );
      if (options.json) return printJson(io, { file: options.output, bytes: total });
      io.out(`${options.output}  ${byteCount(total)}`);
      io.err(`check it: npx --no vitrine verify ${options.output}`);
    });
  withExample(
    withJson(withData(command)),
    'export --session SESSION -o session.vitrine.json',
    'export --event default.0.1/1234 -o event.vitrine.json',
  );
};

function bundleOf(client: Client, options: ExportOptions): Promise<AsyncIterable<Uint8Array>> {
  const { session, event, parts } = options;
  if ((session === undefined) === (event === undefined)) {
    throw new CliError('USAGE', 'export needs --session ID or --event LOG/INDEX, one of them');
  }
  if (session !== undefined) return client.sessionBundle(session, parts);
  const [, log, index] = /^([^/]+)\/(\d{1,16})$/.exec(event!) ?? [];
  if (log === undefined) {
    throw new CliError('USAGE', `--event ${event} is not LOG/INDEX, such as default.0.1/1234`);
  }
  return client.eventBundle(log, Number(index));
}
