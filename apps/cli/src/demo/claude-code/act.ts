/**
 * The real Claude Code in the sandbox of `vitrine run`, with a stand-in for its model. It reaches
 * this machine's loopback address through the egress proxy and nothing else. What it does is
 * scripted; what it says of it, and what the kernel and the proxy see, is not.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentsLink } from '@vitrine/schema';
import { claudeCodeSettings, INSIDE, INSIDE_OTLP } from '@vitrine/shim';
import { RunAuthority } from '@vitrine/shim/certificate';
import { CliError } from '../../error.ts';
import { printAlert } from '../../print/alert.ts';
import type { Io } from '../../print/io.ts';
import { plain } from '../../print/text.ts';
import { runVitrine } from '../agent.ts';
import { heading, INDENT } from '../heading.ts';
import { type Act, type Played, type PlayParts, shownCommand } from '../play.ts';
import { type Provider, startProvider } from '../provider.ts';
import { layOut, readScenario } from '../scenario.ts';
import { examineTools } from '../tools.ts';
import { AlertWatch, type SeenAlert } from '../watch.ts';
import { CLAUDE_CODE_VERSION, type InstalledClaude, installClaude } from './install.ts';
import { type Model, startModel } from './model.ts';
import { type Conversation, readScript } from './script.ts';
import { allEvents, printCounts, printSeen, type Seen, seenIn } from './seen.ts';

export const claudeCode: Act = {
  opening: `The real Claude Code ${CLAUDE_CODE_VERSION}, a scripted model, and all who watch it.`,
  play,
};

const MODEL_HOST = 'model.example';
const PROVIDER_HOST = 'api.provider.example';
const CREDENTIAL = 'ANTHROPIC_API_KEY';
const SESSION_KEY = 'sk-stand-in-7d20c9b46e15';
const SESSION_SUFFIX_BYTES = 3;
/** After the agent's end. */
const ALERT_MS_MAX = 15_000;
/** Without a word of ours nothing else may run; `Write` is left out on purpose. */
const ALLOWED_TOOLS = [
  'Read',
  'Agent',
  'Bash(ls:*)',
  'Bash(wc:*)',
  `Bash(${INSIDE.node} upload.mjs:*)`,
];
/** Nothing of it is to look for anything outside, and the model is at hand. */
const CLAUDE_ENVIRONMENT = {
  ANTHROPIC_BASE_URL: `https://${MODEL_HOST}`,
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
};

interface Scene extends PlayParts {
  io: Io;
  claude: InstalledClaude;
  dir: string;
  workspace: string;
  model: Model;
  provider: Provider;
  script: Conversation[];
  expects: string;
}

async function play(io: Io, parts: PlayParts): Promise<Played[]> {
  const tools = examineTools();
  if (!tools.sandbox) {
    const message = `Claude Code is run in a sandbox only: ${tools.lacking.join('; ')}`;
    throw new CliError('DEMO_FAILED', message, tools.fix ?? '');
  }
  heading(io, 2, 'Claude Code in the sandbox');
  const claude = await installClaude((line) => io.out(`${INDENT}${plain(line)}`), parts.signal);
  for (const sentence of tools.lacking) io.out(`${INDENT}${plain(sentence)}`);
  // Not in the data directory: vitrine run hides that from every sandbox.
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-demo-'));
  const workspace = join(dir, 'workspace');
  const script = readScript({ WORKSPACE: workspace, NODE: INSIDE.node });
  const authority = await RunAuthority.create(Date.now());
  const model = await startModel(script, authority);
  const provider = await startProvider(authority);
  try {
    const scenario = readScenario('claude-code');
    layOut(scenario, workspace);
    const { expects, says } = scenario;
    const scene = { ...parts, io, claude, dir, workspace, model, provider, script, expects };
    io.out(`${INDENT}Claude Code  ${claude.program}`);
    io.out(`${INDENT}model        a stand-in for ${MODEL_HOST} at 127.0.0.1:${model.port}`);
    io.out(`${INDENT}${plain(says)}`);
    return [await perform(scene)];
  } finally {
    await Promise.all([model.close(), provider.close()]);
    rmSync(dir, { recursive: true, force: true });
  }
}

async function perform(scene: Scene): Promise<Played> {
  const { io, client, signal } = scene;
  const session = `claude-code-${randomBytes(SESSION_SUFFIX_BYTES).toString('hex')}`;
  const args = claudeArguments(scene, session);
  for (const line of shownCommand(args)) io.out(io.faint(`${INDENT}${plain(line)}`));
  const { size } = await client.events({ limit: 1, order: 'desc' });
  const watch = new AlertWatch(client, size - 1);
  try {
    const say = (line: string): void => io.out(`${INDENT}| ${plain(line)}`);
    const code = await runVitrine(args, { [CREDENTIAL]: SESSION_KEY }, { say, signal });
    if (code !== 0 || scene.model.requests === 0) {
      const message = `Claude Code ended with ${code} after ${scene.model.requests} requests`;
      throw new CliError('DEMO_FAILED', message, 'its own words are above');
    }
    const late = AbortSignal.any([signal, AbortSignal.timeout(ALERT_MS_MAX)]);
    const alert = await watch.first(session, scene.expects, late);
    return await tell(scene, session, alert);
  } finally {
    await watch.stop();
  }
}

/** The arguments after `vitrine`. */
function claudeArguments(scene: Scene, session: string): string[] {
  const { dir, claude, model, provider } = scene;
  const caFile = join(dir, 'ca.pem');
  writeFileSync(caFile, provider.ca);
  const command = [INSIDE.node, INSIDE.hook];
  const settings = claudeCodeSettings({ otlp: INSIDE_OTLP, command, token: false });
  const settingsDir = join(dir, 'settings');
  const settingsFile = join(settingsDir, 'claude-code.json');
  const env = { ...settings.env, ...CLAUDE_ENVIRONMENT };
  mkdirSync(settingsDir);
  writeFileSync(settingsFile, JSON.stringify({ ...settings, env }, null, 2));
  return [
    'run',
    ...['--data', scene.dataDir],
    ...['--session', session],
    ...['--workspace', scene.workspace],
    ...['--ro', claude.dir],
    ...['--ro', settingsDir],
    ...['--host', `${MODEL_HOST}=127.0.0.1:${model.port}`],
    ...['--host', `${PROVIDER_HOST}=127.0.0.1:${provider.port}`],
    ...['--upstream-ca', caFile],
    ...['--credential', CREDENTIAL],
    ...['--', claude.program, '-p', scene.script[0]!.prompt],
    ...['--settings', settingsFile],
    ...['--allowedTools', ALLOWED_TOOLS.join(',')],
  ];
}

/** What was seen, and whether it is what should be. */
async function tell(
  { io, client, dashboard, script }: Scene,
  session: string,
  alert: SeenAlert | undefined,
): Promise<Played> {
  if (alert !== undefined) {
    io.out('');
    printAlert(io, alert.item, dashboard);
  }
  io.out('');
  io.out(`${INDENT}${io.strong('What was seen, and by whom')}`);
  const events = await allEvents(client, session);
  printCounts(io, events);
  const seen = seenIn(events);
  io.out('');
  printSeen(io, seen);
  if (dashboard !== undefined) io.out(`${INDENT}${agentsLink(dashboard, session)}`);
  const asExpected = alert !== undefined && isWhole(seen, script);
  if (!asExpected) io.out(`${INDENT}that is not all of it: a defect`);
  return { session, asExpected, ...(alert === undefined ? {} : { alert: alert.item.index }) };
}

/** Each call of the script is decided, and each that was allowed is told in all three ways. */
function isWhole(seen: Seen, script: Conversation[]): boolean {
  const { joined, spanned, metrics, decisions, subagents, prompts } = seen;
  const { accept = 0, reject = 0 } = decisions;
  const calls = script.flatMap(({ steps }) => steps);
  const refused = calls.filter(({ name }) => name === 'Write').length;
  const asScripted = accept === calls.length - refused && reject === refused;
  const inAllWays = joined === accept && spanned === accept && metrics > 0;
  return asScripted && inAllWays && subagents === script.length - 1 && prompts > 0;
}
