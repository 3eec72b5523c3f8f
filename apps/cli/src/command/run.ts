/** `run`: a command in a sandbox, with a relay and shims around it, as a session of its own. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunResult } from '@vitrine/shim';
import { Option } from 'commander';
import { absoluteDataDir } from '../config.ts';
import { CliError } from '../error.ts';
import { plain } from '../print/text.ts';
import { readTextFile, runningSystem } from '../system/data-dir.ts';
import { type DataOption, type Register, withData, withExample } from './context.ts';
import { collect, edrDevice } from './options.ts';

interface RunCommandOptions extends DataOption {
  workspace: string;
  ro?: string[];
  rw?: string[];
  rwNoDelete?: string[];
  host?: string[];
  upstreamCa?: string;
  function?: string[];
  credential?: string[];
  user?: string;
  session?: string;
  purpose?: 'work' | 'evaluation';
  edr?: { vendor: string; device_id: string };
  egress: 'vitrine' | 'mitmproxy';
  mitmdump?: string;
  fast?: true;
  allowUnsandboxed?: true;
}

const RELAY = fileURLToPath(new URL('../../../relay/bin/relay.mjs', import.meta.url));

export const addRun: Register = (program, cli) => {
  const command = program
    .command('run')
    .argument('<command...>', 'the command and its arguments, after --')
    .description('run a command in a sandbox and record what it does; ends with its exit code')
    .option('--workspace <dir>', 'the directory it works in, read and write', '.')
    .option('--ro <dir>', 'another directory it may read; repeatable', collect)
    .option('--rw <dir>', 'another directory it may read and write; repeatable', collect)
    .option(
      '--rw-no-delete <dir>',
      'like --rw; what deletes, empties or replaces a file there is marked; repeatable',
      collect,
    )
    .option(
      '--host <host[=addr:port]>',
      'a host it may reach, through the egress proxy; with =ADDR:PORT at that address; repeatable',
      collect,
    )
    .option(
      '--function <name>',
      'a function of a provider it may use beside its model: github.git.push; repeatable',
      collect,
    )
    .option('--upstream-ca <file>', 'PEM of a CA to trust for these hosts beside the usual ones')
    .option(
      '--credential <name[=value]>',
      'a variable with a credential of this session; without =VALUE from here; repeatable',
      collect,
    )
    .option('--user <name>', 'whose session it is (default: the user who runs this)')
    .option('--session <id>', 'name of the session (default: a new one)')
    .addOption(
      new Option('--purpose <word>', 'what the session is for').choices(['work', 'evaluation']),
    )
    .option('--edr <vendor:id>', 'what the EDR of this host calls it', edrDevice)
    .addOption(
      new Option('--egress <proxy>', 'who stands on the way out: our own proxy, or mitmproxy')
        .choices(['vitrine', 'mitmproxy'])
        .default('vitrine'),
    )
    .option(
      '--mitmdump <program>',
      'for --egress mitmproxy: a path, or a name in PATH (default: mitmdump)',
    )
    .option('--fast', 'trace with seccomp-bpf: cheaper, and a program can hide calls from it')
    .option('--allow-unsandboxed', 'where no sandbox can be made, run without one')
    .passThroughOptions()
    .action(async (args: string[], options: RunCommandOptions) => {
      if (options.mitmdump !== undefined && options.egress !== 'mitmproxy') {
        throw new CliError('USAGE', '--mitmdump belongs to --egress mitmproxy');
      }
      const say = (line: string): void => cli.io.err(`vitrine: ${plain(line)}`);
      const { exitCode, whole } = await runInSandbox(args, options, say);
      if (!whole) say('some of what happened could not be handed to the collector');
      cli.exit(exitCode);
    });
  withExample(
    withData(command),
    'run -- bash',
    'run --host api.example.com --credential API_KEY -- node agent.mjs',
  );
};

async function runInSandbox(
  command: string[],
  options: RunCommandOptions,
  say: (line: string) => void,
): Promise<RunResult> {
  const { parseCredential, parseFunction, parseHostRule, runSandboxed } = await import(
    '@vitrine/shim'
  );
  const dataDir = absoluteDataDir(options.data);
  const { api, token } = runningSystem(dataDir);
  const { upstreamCa, user, session, purpose, edr } = options;
  const caFile = upstreamCa === undefined ? undefined : resolve(upstreamCa);
  return runSandboxed({
    command,
    workspace: resolve(options.workspace),
    ro: (options.ro ?? []).map((dir) => resolve(dir)),
    rw: (options.rw ?? []).map((dir) => resolve(dir)),
    rwNoDelete: (options.rwNoDelete ?? []).map((dir) => resolve(dir)),
    hidden: [dataDir],
    allow: (options.host ?? []).map((text) => parseHostRule(text, caFile)),
    credentials: (options.credential ?? []).map(parseCredential),
    collector: { api, token },
    relayEntry: RELAY,
    fingerprintKey: readTextFile(`${dataDir}/keys/fingerprint.key`).trim(),
    say,
    ...(user === undefined ? {} : { user }),
    ...(session === undefined ? {} : { session }),
    ...(options.function === undefined ? {} : { functions: options.function.map(parseFunction) }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(edr === undefined ? {} : { host: { edr } }),
    ...(options.egress === 'mitmproxy' ? { mitmdump: options.mitmdump ?? 'mitmdump' } : {}),
    ...(options.fast ? { fast: true } : {}),
    ...(options.allowUnsandboxed ? { allowUnsandboxed: true } : {}),
  });
}
