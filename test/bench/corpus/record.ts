/**
 * Records the benign corpus: real work (tasks.ts), and the real Claude Code on real tasks where it
 * is installed, each as a session under `vitrine run` of a system of its own. All leaves of its log
 * go into one file, a line of JSON each, compressed. Nothing leaves this machine. Ctrl-C ends it
 * after the sessions that run, and what was recorded is kept.
 *
 *     node test/bench/corpus/record.ts FILE [ROUNDS [TASK...]]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { INSIDE } from '@vitrine/shim';
import { Client } from '../../../apps/cli/src/client/client.ts';
import { startProvider } from '../../../apps/cli/src/demo/provider.ts';
import { runningSystem } from '../../../apps/cli/src/system/data-dir.ts';
import { CLAUDE_KEY, ClaudeStage } from './claude.ts';
import { TASKS, type Task } from './tasks.ts';

const REPO = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
const CLI = join(REPO, 'apps/cli/bin/vitrine.mjs');
const SETTINGS = 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0, dashboard: 0}\n';
/** What lies in a directory that is granted beside the workspace. */
const BESIDE = { 'notes.txt': 'one\ntwo\n', 'helper.py': 'ONE = 1\n' };
const PROVIDER_KEY = 'PROVIDER_API_KEY=pk-session-4c0e8f21b7d95a36';
const ROUNDS = 2;
const AT_ONCE = 2;
const PAGE = 1_000;
const SETTLED_MS = 15_000;
const EXIT_USAGE = 2;

interface Options {
  rounds?: number;
  /** Names of tasks; none means all. */
  names?: string[];
  say?: (line: string) => void;
}

/** Resolves with the number of sessions and of leaves. */
export async function record(
  file: string,
  { rounds = ROUNDS, names = [], say = console.error }: Options = {},
): Promise<{ sessions: number; leaves: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-corpus-'));
  const data = join(dir, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'vitrine.yaml'), SETTINGS);
  const up = spawn(process.execPath, [CLI, 'up', '--data', data, '--no-dashboard', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const claude = await ClaudeStage.open(join(dir, 'claude'), say);
  const provider = await startProvider();
  writeFileSync(join(dir, 'ca.pem'), provider.ca);
  try {
    await ready(up.stdout);
    const place = { dir, port: provider.port };
    const known = [...TASKS.map(({ name }) => name), ...claude.tasks];
    const chosen = known.filter((name) => names.length === 0 || names.includes(name));
    const due = Array.from({ length: rounds }, (_, round) =>
      chosen.map((name) => ({ name, session: `${name}-${round}` })),
    ).flat();
    let sessions = 0;
    let stopped = false;
    process.once('SIGINT', () => {
      stopped = true;
    });
    const working = Array.from({ length: AT_ONCE }, async () => {
      for (let next = due.shift(); next !== undefined && !stopped; next = due.shift()) {
        const { name, session } = next;
        const workspace = join(dir, session, 'workspace');
        mkdirSync(workspace, { recursive: true });
        const task = TASKS.find((one) => one.name === name);
        const words =
          task === undefined ? await claude.words(name, workspace) : shell(task, workspace, place);
        const code = await vitrine(['run', '--data', data, '--session', session, ...words]);
        sessions++;
        say(`${session}: ended with ${code}`);
      }
    });
    await Promise.all(working);
    const lines = await leavesOf(data);
    writeFileSync(file, gzipSync(lines.map((line) => `${line}\n`).join('')));
    return { sessions, leaves: lines.length };
  } finally {
    await Promise.all([claude.close(), provider.close()]);
    up.kill('SIGINT');
    await once(up, 'exit');
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The words behind `vitrine run`, for a script in bash. */
function shell(
  { script, beside, provider }: Task,
  workspace: string,
  { dir, port }: { dir: string; port: number },
): string[] {
  const granted: string[] = [];
  if (beside !== undefined) {
    const path = join(dirname(workspace), beside.dir);
    mkdirSync(path);
    for (const [file, content] of Object.entries(BESIDE)) writeFileSync(join(path, file), content);
    granted.push(beside.option, path);
  }
  const reach = ['--host', `api.provider.example=127.0.0.1:${port}`];
  const ca = ['--upstream-ca', join(dir, 'ca.pem'), '--credential', PROVIDER_KEY];
  return [
    ...['--workspace', workspace, '--ro', REPO, ...granted],
    ...(provider ? [...reach, ...ca] : []),
    ...['--', '/bin/bash', '-c', `REPO=${REPO}\nNODE=${INSIDE.node}\n${script}`],
  ];
}

async function vitrine(args: string[]): Promise<number | null> {
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, ...CLAUDE_KEY },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

async function ready(output: NodeJS.ReadableStream): Promise<void> {
  for await (const line of createInterface({ input: output })) {
    if (line.includes('"ready"')) break;
  }
  output.resume();
}

/** Every leaf of the log, in its order, when what was found is published. */
async function leavesOf(data: string): Promise<string[]> {
  const client = new Client(runningSystem(data));
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  const lines: string[] = [];
  for (let after: number | undefined; ; ) {
    const page = await client.events({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { log, index, leaf, session, shim, vantage, kind, record } of page.items) {
      lines.push(JSON.stringify({ log, index, leaf, session, shim, vantage, kind, record }));
    }
    if (page.cursor === null || page.items.length === 0) return lines;
    after = Number(page.cursor);
  }
}

if (import.meta.main) {
  const [file, rounds, ...names] = process.argv.slice(2);
  if (file === undefined) {
    console.error('node test/bench/corpus/record.ts FILE [ROUNDS [TASK...]]');
    process.exit(EXIT_USAGE);
  }
  const { sessions, leaves } = await record(file, { rounds: Number(rounds ?? ROUNDS), names });
  console.log(`${file}: ${sessions} sessions, ${leaves} leaves`);
}
