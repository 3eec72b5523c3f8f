/** `relay`: the relay as a process of its own, on this terminal. */
import { fileURLToPath } from 'node:url';
import { runUnder } from '../../bin/packaged-node.mjs';
import { type Register, withExample } from './context.ts';

const RELAY = fileURLToPath(new URL('../../../relay/bin/relay.mjs', import.meta.url));

export const addRelay: Register = (program, cli) => {
  const command = program
    .command('relay')
    .description('run a relay: receives from shims, chains, spools, is pulled')
    .requiredOption(
      '--config <file>',
      'one JSON document: - reads it from standard input; a file is erased once it was read',
    )
    .action(async (options: { config: string }) => {
      cli.exit(await runUnder(process.execPath, [RELAY, '--config', options.config]));
    });
  withExample(command, 'relay --config relay.json');
};
