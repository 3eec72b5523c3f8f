/** Plays one scenario through `vitrine run` and waits for what it expects: an alert, or silence. */
import { randomBytes } from 'node:crypto';
import { join, relative } from 'node:path';
import type { Client } from '../client/client.ts';
import { CliError } from '../error.ts';
import { printAlert } from '../print/alert.ts';
import { textAt } from '../print/event.ts';
import type { Io } from '../print/io.ts';
import { byteCount, grouped, plain } from '../print/text.ts';
import { type AgentPlace, agentArguments, runAgent } from './agent.ts';
import type { Provider, Upload } from './provider.ts';
import { layOut, type Scenario } from './scenario.ts';
import { AlertWatch } from './watch.ts';

/** What every demonstration is given. */
export interface PlayParts {
  client: Client;
  dataDir: string;
  /** The dashboard's address, where one runs. */
  dashboard: string | undefined;
  signal: AbortSignal;
}

/** Something to act out: the sentence it begins with, and how it is played. */
export interface Act {
  opening: string;
  /** The first of what was played is the one to look further at. Headings begin with 2. */
  play: (io: Io, parts: PlayParts) => Promise<Played[]>;
}

export interface Stage extends PlayParts {
  io: Io;
  provider: Provider;
  /** Where the workspaces are laid out. */
  dir: string;
  caFile: string;
  sandbox: boolean;
}

export interface Played {
  session: string;
  /** What the scenario expects came true. */
  asExpected: boolean;
  /** Leaf index of the alert that came. */
  alert?: number;
}

export const PROVIDER_HOST = 'api.provider.example';
export const SESSION_KEY = 'pk-session-4c0e8f21b7d95a36';
/** A second demonstration in the same log has sessions of its own. */
const SESSION_SUFFIX_BYTES = 3;
/** After the agent's end. */
const ALERT_MS_MAX = 15_000;
/** Detection reads what is published within milliseconds; a machine under load gets more. */
const DETECTION_MS_MAX = 15_000;
const SILENCE_MS = 3_000;
const POLL_MS = 100;
const INDENT = '   ';

export async function playScenario(stage: Stage, scenario: Scenario): Promise<Played> {
  const { io, client, provider, dir } = stage;
  const workspace = join(dir, scenario.name);
  layOut(scenario, workspace);
  const run = {
    dataDir: stage.dataDir,
    session: `${scenario.name}-${randomBytes(SESSION_SUFFIX_BYTES).toString('hex')}`,
    workspace,
    host: `${PROVIDER_HOST}=127.0.0.1:${provider.port}`,
    caFile: stage.caFile,
    allowUnsandboxed: !stage.sandbox,
  };
  io.out(`${INDENT}${plain(scenario.says)}`);
  for (const line of shownCommand(agentArguments(run))) io.out(io.faint(`${INDENT}${line}`));

  const { size } = await client.events({ limit: 1, order: 'desc' });
  const watch = new AlertWatch(client, size - 1);
  try {
    return await watched(stage, watch, scenario, run);
  } finally {
    await watch.stop();
  }
}

/** Runs the agent and, meanwhile, waits for what is expected. */
async function watched(
  stage: Stage,
  watch: AlertWatch,
  { expects }: Scenario,
  run: AgentPlace,
): Promise<Played> {
  const { io, provider } = stage;
  const { session } = run;
  const first = provider.uploads.length;
  const late = new AbortController();
  const wanted = { session, rule: expects, upload: first, giveUp: late.signal };
  const shown = expects === 'silence' ? undefined : alerted(stage, watch, wanted);
  // Awaited below, behind what may fail before it.
  shown?.catch(() => {});
  const code = await runAgent({
    ...run,
    key: SESSION_KEY,
    say: (line) => io.out(`${INDENT}| ${plain(line)}`),
    signal: stage.signal,
  });
  const uploads = provider.uploads.slice(first);
  if (code !== 0 || uploads.length === 0) {
    const message = `the agent ended with ${code} after ${uploads.length} uploads`;
    throw new CliError('DEMO_FAILED', message, 'its own words are above');
  }
  sayUploads(io, uploads);
  const timer = setTimeout(() => late.abort(), ALERT_MS_MAX);
  const asExpected = shown === undefined ? await silent(stage, session) : await shown;
  clearTimeout(timer);
  const alert = watch.about(session)[0]?.item.index;
  return { session, asExpected, ...(alert === undefined ? {} : { alert }) };
}

/** Waits for the alert and shows it at once; `false` when it did not come. */
async function alerted(
  { io, provider, dashboard }: Stage,
  watch: AlertWatch,
  wanted: { session: string; rule: string; upload: number; giveUp: AbortSignal },
): Promise<boolean> {
  const { session, rule, giveUp } = wanted;
  const seen = await watch.first(session, rule, giveUp);
  const upload = provider.uploads[wanted.upload];
  if (seen === undefined || upload === undefined) {
    io.out(
      `${INDENT}no alert of ${rule}, ${ALERT_MS_MAX / 1_000} s after the end: that is a defect`,
    );
    return false;
  }
  const elapsed = seen.at.getTime() - upload.at.getTime();
  io.out('');
  printAlert(io, seen.item, dashboard, [['shown', `${elapsed} ms after the first upload`]]);
  io.out('');
  return true;
}

/**
 * Silence is only worth saying when detection has read everything of the session and a moment has
 * passed in which an alert would have been published.
 */
async function silent(stage: Stage, session: string): Promise<boolean> {
  const { io, client } = stage;
  const { size } = await client.events({ limit: 1, order: 'desc' });
  const deadline = Date.now() + DETECTION_MS_MAX;
  while ((await client.rules()).position < size) {
    if (Date.now() > deadline) {
      io.out(`${INDENT}detection has not read all of it: nobody can say that it was silent`);
      return false;
    }
    await pause(POLL_MS, stage.signal);
  }
  await pause(SILENCE_MS, stage.signal);
  const { items } = await client.desk.alerts({ session });
  for (const item of items) printAlert(io, item, stage.dashboard);
  if (items.length > 0) {
    const rules = items.map((item) => textAt(item, 'rule')).join(', ');
    io.out(`${INDENT}an alert where none should be (${rules}): that is a defect`);
    return false;
  }
  const read = `detection has read all ${grouped(size)} leaves of the log`;
  io.out(`${INDENT}no alert: ${read}, and ${SILENCE_MS / 1_000} s have passed since`);
  return true;
}

function sayUploads(io: Io, uploads: Upload[]): void {
  const bytes = uploads.reduce((sum, upload) => sum + upload.bytes, 0);
  const files = `${uploads.length} uploads, ${byteCount(bytes)}`;
  io.out(`${INDENT}the provider took ${files}, the first at ${uploads[0]!.at.toISOString()}`);
}

/** The command as a user would type it, broken before each option. */
export function shownCommand(args: string[]): string[] {
  const words = args.map(shortened).map(quoted);
  const lines = [['$ npx --no vitrine']];
  for (const word of words) {
    if (word.startsWith('--')) lines.push([' ']);
    lines.at(-1)!.push(word);
  }
  return lines.map((line, i) => line.join(' ') + (i < lines.length - 1 ? ' \\' : ''));
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Below the directory we are in, a path is shown as it would be typed there. */
function shortened(word: string): string {
  const path = word.startsWith('/') ? relative('.', word) : word;
  return path.startsWith('..') ? word : path;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
