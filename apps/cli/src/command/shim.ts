/** `shim`: one of our shims as a process of its own, on this terminal's input and output. */
import { SOURCES, type Source } from '@vitrine/shim/registry';
import type { Command } from 'commander';
import { printJson } from '../print/io.ts';
import { type Cli, type Register, withExample } from './context.ts';
import { baseUrl } from './options.ts';

export const addShim: Register = (program, cli) => {
  const shim = program
    .command('shim')
    .description('run one shim; vitrine run starts them by itself');
  for (const source of SOURCES) addSource(shim, cli, source);
};

function addSource(shim: Command, cli: Cli, source: Source): void {
  const { name, sees, reads, options = [], examples, start } = source;
  const command = shim
    .command(name)
    .description(`${sees}. Reads ${reads}`)
    .action(async (given: Record<string, unknown>) => {
      const { run } = await start();
      const code = await run(given, (value) => printJson(cli.io, value));
      if (code !== 0) cli.exit(code);
    });
  for (const { flags, description, required = false, form } of options) {
    if (form !== undefined) command.option(flags, description, baseUrl(longName(flags)));
    else if (required) command.requiredOption(flags, description);
    else command.option(flags, description);
  }
  withExample(command, ...examples);
}

/** `--otlp` of `--otlp <url>`. */
function longName(flags: string): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? flags;
}
