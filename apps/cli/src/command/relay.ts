/** `relay`: the relay as a process of its own, on this terminal. */
import { fileURLToPath } from 'node:url';
import { runUnder } from '../../bin/packaged-node.mjs';
import { CliError } from '../error.ts';
import { type Register, withExample } from './context.ts';

const RELAY = fileURLToPath(new URL('../../../relay/bin/relay.mjs', import.meta.url));

export const addRelay: Register = (program, cli) => {
  const command = program
    .command('relay')
    .description('run a relay: receives from shims, chains, spools, is pulled')
    .requiredOption('--config <file>', '- reads one JSON document from standard input')
    .action(async (options: { config: string }) => {
      if (options.config !== '-') {
        const hint = 'vitrine relay --config - < relay.json; its key must not lie in a file';
        throw new CliError('USAGE', `--config must be -, not ${options.config}`, hint);
      }
      cli.exit(await runUnder(process.execPath, [RELAY, '--config', '-']));
    });
  withExample(command, 'relay --config - < /dev/stdin');
};
