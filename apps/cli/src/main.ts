/** The `vitrine` command line: finds the command, runs it, turns every failure into one block. */
import { QueryError } from '@vitrine/schema';
import { Command, CommanderError } from 'commander';
import { addAlerts } from './command/alerts.ts';
import { addApprovals } from './command/approvals.ts';
import { addBackup } from './command/backup.ts';
import { addCheckpoint } from './command/checkpoint.ts';
import { addConnectors } from './command/connectors.ts';
import type { Cli, Register } from './command/context.ts';
import { addDemo } from './command/demo.ts';
import { addDoctor } from './command/doctor.ts';
import { addEgress } from './command/egress.ts';
import { addEvents } from './command/events.ts';
import { addExport } from './command/export.ts';
import { addFiles } from './command/files.ts';
import { addFsck } from './command/fsck.ts';
import { addHook } from './command/hook.ts';
import { addKeys } from './command/keys.ts';
import { addLogin } from './command/login.ts';
import { addProcesses } from './command/processes.ts';
import { addPull } from './command/pull.ts';
import { addRebuild } from './command/rebuild.ts';
import { addRedact } from './command/redact.ts';
import { addRelay } from './command/relay.ts';
import { addRules } from './command/rules.ts';
import { addRun } from './command/run.ts';
import { addSessions } from './command/sessions.ts';
import { addShim } from './command/shim.ts';
import { addToken } from './command/token.ts';
import { addTrust } from './command/trust.ts';
import { addUp } from './command/up.ts';
import { addVerify } from './command/verify.ts';
import { addVersion } from './command/version.ts';
import { CliError } from './error.ts';
import { printError } from './print/error.ts';
import { type Io, processIo } from './print/io.ts';

/** As `--help` groups them: by what one wants. */
const COMMANDS: Record<string, Register[]> = {
  'Start:': [addUp, addDemo, addRun, addLogin, addDoctor, addVersion],
  'See what happened:': [
    addSessions,
    addEvents,
    addAlerts,
    addProcesses,
    addFiles,
    addEgress,
    addApprovals,
  ],
  'Prove it:': [addExport, addVerify, addTrust, addCheckpoint, addKeys],
  'Keep the log:': [addFsck, addBackup, addRebuild, addRedact],
  'Detect, deliver, let in:': [addRules, addConnectors, addPull, addToken],
  'What others start:': [addRelay, addShim, addHook],
};

/** Usage errors end with 2, as LOG.md §5 has it for `verify`; other failures with 1. */
const EXIT_USAGE = 2;

/** Runs one command line; resolves with the exit code and never throws. */
export async function main(args: string[], io: Io = processIo()): Promise<number> {
  let exit = 0;
  const cli: Cli = {
    io,
    exit(code) {
      exit = code;
    },
  };
  const program = buildProgram(cli);
  try {
    await program.parseAsync(givenTo(args), { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return endOfCommander(error, helpFor(program, args), io);
    printError(io, error);
    if (error instanceof QueryError) return EXIT_USAGE;
    if (error instanceof CliError && error.code === 'USAGE') return EXIT_USAGE;
    return exit === 0 ? 1 : exit;
  }
}

/**
 * The query of `events` may begin with what it excludes, `-kind:file.read`, which is no option.
 * What is given to others stays as it is: it may be a word of the command that `run` starts.
 */
function givenTo(args: string[]): string[] {
  if (args.length === 0) return ['--help'];
  if (args[0] !== 'events') return args;
  return args.map((arg) => (/^-(\(|"|[a-z][\w.]*:)/i.test(arg) ? ` ${arg}` : arg));
}

export function buildProgram(cli: Cli): Command {
  const program = new Command('vitrine')
    .description('Audit and EDR-bridge telemetry for AI-agent sandboxes: see inside, and prove it.')
    .helpCommand(false)
    .enablePositionalOptions()
    .showHelpAfterError(false);
  for (const [heading, registers] of Object.entries(COMMANDS)) {
    program.commandsGroup(heading);
    for (const register of registers) register(program, cli);
  }
  configure(program, cli.io);
  return program;
}

/** Commander's own exits and messages go through ours; sub-commands do not inherit this. */
function configure(command: Command, io: Io): void {
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => io.out(text.trimEnd()),
    // Said once, as a coded error, by endOfCommander.
    writeErr: () => {},
  });
  for (const sub of command.commands) configure(sub, io);
}

function endOfCommander(error: CommanderError, hint: string, io: Io): number {
  if (error.exitCode === 0) return 0;
  const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  const shown = error.code === 'commander.help' ? 'a command is needed' : message;
  printError(io, new CliError('USAGE', shown, hint));
  return EXIT_USAGE;
}

/** Where to look: the help of the command that the first words name, or the list of all. */
function helpFor(program: Command, args: string[]): string {
  const names: string[] = [];
  let at = program;
  for (const word of args) {
    const next = at.commands.find((sub) => sub.name() === word);
    if (next === undefined) break;
    names.push(word);
    at = next;
  }
  if (names.length === 0) return 'npx --no vitrine --help lists every command';
  return `npx --no vitrine ${names.join(' ')} --help says what it takes`;
}
