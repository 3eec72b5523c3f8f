/** What every command gets: where to write, and how to find the system it is about. */
import { DIALECTS } from '@vitrine/schema/normalise/dialects';
import type { Command } from 'commander';
import { Client } from '../client/client.ts';
import { absoluteDataDir } from '../config.ts';
import type { Io } from '../print/io.ts';
import { type RunningSystem, runningSystem } from '../system/data-dir.ts';
import { oneOf } from './options.ts';

export interface Cli {
  io: Io;
  /** The command's exit code when it is not 0. */
  exit(code: number): void;
}

export type Register = (program: Command, cli: Cli) => void;

export interface DataOption {
  data?: string;
}

/** `--data DIR`, the same on every command that needs a system. */
export function withData(command: Command): Command {
  return command.option('--data <dir>', 'data directory of the system (default: ./.vitrine)');
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON');
}

/** `--format`, of lists that other tools read. */
export function withFormat(command: Command): Command {
  const dialect = oneOf('--format', DIALECTS);
  const words = `a line for each row in another tool’s format: ${DIALECTS.join(', ')}`;
  return command.option('--format <name>', words, dialect);
}

export function systemOf(options: DataOption): RunningSystem {
  return runningSystem(absoluteDataDir(options.data));
}

export function clientOf(options: DataOption): Client {
  return new Client(systemOf(options));
}

/** Adds `Example:` under a command's help. */
export function withExample(command: Command, ...examples: string[]): Command {
  const lines = examples.map((example) => `  $ npx --no vitrine ${example}`);
  const title = examples.length > 1 ? 'Examples:' : 'Example:';
  return command.addHelpText('after', `\n${title}\n${lines.join('\n')}`);
}
