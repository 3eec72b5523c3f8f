/** Runs the scripted agent of a scenario through `vitrine run`, as its user would. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../config.ts';

const CLI = fileURLToPath(new URL('../../bin/vitrine.mjs', import.meta.url));
/** The Node that `run` binds into every sandbox: the machine's own may be too old for fetch. */
export const NODE_INSIDE = '/run/vitrine/node';
export const CREDENTIAL = 'PROVIDER_API_KEY';

/** Where the agent runs and what it may reach. */
export interface AgentPlace {
  dataDir: string;
  session: string;
  workspace: string;
  host: string;
  caFile: string;
  allowUnsandboxed: boolean;
}

export interface AgentRun extends AgentPlace {
  /** The session's own key; its fingerprint is registered before the agent starts. */
  key: string;
  /** Each line of the command, the agent's and ours. */
  say: (line: string) => void;
  signal: AbortSignal;
}

/** The arguments after `vitrine`, as they are shown and as they are run. */
export function agentArguments(
  run: Omit<AgentRun, 'say' | 'started' | 'signal' | 'key'>,
): string[] {
  return [
    'run',
    ...['--data', run.dataDir],
    ...['--session', run.session],
    ...['--workspace', run.workspace],
    ...['--host', run.host],
    ...['--upstream-ca', run.caFile],
    ...['--credential', CREDENTIAL],
    ...(run.allowUnsandboxed ? ['--allow-unsandboxed'] : []),
    ...['--', run.allowUnsandboxed ? process.execPath : NODE_INSIDE, 'agent.mjs'],
  ];
}

/** Resolves with the agent's exit code. */
export function runAgent(run: AgentRun): Promise<number> {
  return runVitrine(agentArguments(run), { [CREDENTIAL]: run.key }, run);
}

/** Runs `vitrine` with these arguments and variables; resolves with its exit code. */
export async function runVitrine(
  args: string[],
  variables: Record<string, string>,
  { say, signal }: Pick<AgentRun, 'say' | 'signal'>,
): Promise<number> {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: childEnvironment(variables),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  createInterface({ input: child.stdout }).on('line', say);
  createInterface({ input: child.stderr }).on('line', say);
  const [code] = (await once(child, 'close')) as [number | null];
  signal.removeEventListener('abort', stop);
  return code ?? 1;
}
