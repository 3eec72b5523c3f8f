/** `login`: a fresh link into the dashboard. */
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
import { pagePath } from './options.ts';

export const addLogin: Register = (program, { io }) => {
  const command = program
    .command('login')
    .description('print a link that logs you in at the dashboard; it can be used once')
    .option('--to <path>', 'the page it leads to', pagePath)
    .action(async (options: DataOption & { json?: true; to?: string }) => {
      const system = systemOf(options);
      assertDashboard(system);
      const link = await loginLink(system, new Client(system), options.to);
      if (options.json) return printJson(io, link);
      io.out(plain(link.url));
      io.err(`it works once, until ${link.expires}`);
    });
  withExample(withJson(withData(command)), 'login', 'login --to /alerts');
};
