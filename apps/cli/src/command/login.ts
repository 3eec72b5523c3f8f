/** `login`: a fresh link into the dashboard. */
import { PEOPLE_ROLES } from '@vitrine/schema/api';
import { Client } from '../client/client.ts';
import { assertDashboard, loginLink } from '../dashboard/whereabouts.ts';
import { printJson } from '../print/io.ts';
import { plain } from '../print/text.ts';
import {
  type DataOption,
  type Register,
  systemOf,
  withData,
  withExample,
  withJson,
} from './context.ts';
import { oneOf, pagePath } from './options.ts';

interface LoginOptions extends DataOption {
  json?: true;
  to?: string;
  role?: string;
  name?: string;
}

export const addLogin: Register = (program, { io }) => {
  const command = program
    .command('login')
    .description('print a link that logs you in at the dashboard; it can be used once')
    .option('--to <path>', 'the page it leads to', pagePath)
    .option(
      '--role <role>',
      `for another role: ${PEOPLE_ROLES.join(', ')}`,
      oneOf('--role', PEOPLE_ROLES),
    )
    .option('--name <name>', 'of who uses it: stands in the records of what they do')
    .action(async ({ role, name, ...options }: LoginOptions) => {
      const system = systemOf(options);
      assertDashboard(system);
      const link = await loginLink(system, new Client(system), options.to, {
        ...(role === undefined ? {} : { role }),
        ...(name === undefined ? {} : { name }),
      });
      if (options.json) return printJson(io, link);
      io.out(plain(link.url));
      io.err(`it works once, until ${link.expires}`);
    });
  withExample(
    withJson(withData(command)),
    'login',
    'login --to /alerts',
    'login --role analyst --name "Ada Lovelace"',
  );
};
