/** `token`: bearer tokens for people and programs; each change is a record in the log. */
import { PULL_STREAMS, type PullStream, type TokenItem } from '@vitrine/schema/api';
import { printJson } from '../print/io.ts';
import { printTable } from '../print/table.ts';
import { plain } from '../print/text.ts';
import {
  clientOf,
  type DataOption,
  type Register,
  withData,
  withExample,
  withJson,
} from './context.ts';
import { oneOf, wholeNumber } from './options.ts';

interface CreateOptions extends DataOption {
  json?: true;
  role: string;
  note?: string;
  days?: number;
  pull?: PullStream[];
}

const DAYS_MAX = 3_650;

function streamsOf(text: string): PullStream[] {
  return text.split(',').map(oneOf('--pull', PULL_STREAMS));
}

export const addToken: Register = (program, { io }) => {
  const token = program.command('token').description('make, list and revoke access tokens');

  const create = token
    .command('create')
    .description('make a token and print it; it is shown this once')
    .requiredOption('--role <role>', 'admin, analyst, auditor, ingest, runtime or reader')
    .option('--note <text>', 'what it is for')
    .option('--days <n>', 'days until it expires', wholeNumber('--days', 1, DAYS_MAX))
    .option('--pull <streams>', `only to pull these: ${PULL_STREAMS.join(', ')}`, streamsOf)
    .action(async (options: CreateOptions) => {
      const made = await clientOf(options).createToken({
        role: options.role,
        ...(options.note === undefined ? {} : { note: options.note }),
        ...(options.days === undefined ? {} : { expires_days: options.days }),
        ...(options.pull === undefined ? {} : { pull: options.pull }),
      });
      if (options.json) return printJson(io, made);
      io.out(plain(made.token));
      io.err(`role ${made.role}, ${made.expires === null ? 'never expires' : made.expires}`);
    });
  withExample(
    withJson(withData(create)),
    'token create --role ingest --note "build agents"',
    'token create --role reader --pull alerts --note SIEM',
  );

  const list = token
    .command('list')
    .description('list tokens, without their secrets')
    .action(async (options: DataOption & { json?: true }) => {
      const { items } = await clientOf(options).tokens();
      if (options.json) return printJson(io, items);
      const columns = [
        { name: 'id', cell: (t: TokenItem) => t.id },
        {
          name: 'role',
          cell: ({ role, pull }: TokenItem) =>
            pull === undefined ? role : `${role}, pulls ${pull.join(', ')}`,
        },
        { name: 'created', cell: (t: TokenItem) => t.created },
        { name: 'expires', cell: (t: TokenItem) => t.expires ?? 'never' },
        { name: 'note', cell: (t: TokenItem) => t.note },
      ];
      printTable(io, columns, items, 'no tokens');
    });
  withExample(withJson(withData(list)), 'token list');

  const revoke = token
    .command('revoke')
    .argument('<id>', 'as token list shows it')
    .description('end a token at once')
    .action(async (id: string, options: DataOption & { json?: true }) => {
      const answer = await clientOf(options).revokeToken(id);
      if (options.json) return printJson(io, answer);
      io.out(`revoked ${plain(answer.revoked)}`);
    });
  withExample(withJson(withData(revoke)), 'token revoke 1a2b3c4d');
};
