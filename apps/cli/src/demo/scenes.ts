/** Plays scenarios into a running system, several at once, and says which rules they raised. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { replay } from '@vitrine/shim/raw';
import { Client } from '../client/client.ts';
import { CliError } from '../error.ts';
import { textAt } from '../print/event.ts';
import type { RunningSystem } from '../system/data-dir.ts';
import { CREDENTIAL, NODE_INSIDE, runVitrine } from './agent.ts';
import { PROVIDER_HOST, SESSION_KEY } from './play.ts';
import { type Provider, startProvider } from './provider.ts';
import { layOut, rulesOf, type Scenario, streamOf } from './scenario.ts';

export interface Scene {
  scenario: string;
  session: string;
  /** Rules it should raise, and those it did. */
  expected: string[];
  raised: string[];
}

interface Stage {
  system: RunningSystem;
  dir: string;
  provider: Provider;
  caFile: string;
  say: (line: string) => void;
  signal: AbortSignal;
}

const RELAY = fileURLToPath(new URL('../../../relay/bin/relay.mjs', import.meta.url));
const AT_ONCE = 3;
const SESSION_SUFFIX_BYTES = 3;
/** Of alerts, after detection has read all of it. */
const ALERT_MS_MAX = 10_000;
/** In which an alert that nobody expects would be published. */
const SILENCE_MS = 1_500;
const POLL_MS = 200;

export async function playScenes(
  scenarios: Scenario[],
  { system, say, signal }: Pick<Stage, 'system' | 'say' | 'signal'>,
): Promise<Scene[]> {
  // Not in the data directory: vitrine run hides that from every sandbox.
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-scenes-'));
  const provider = await startProvider();
  try {
    const caFile = join(dir, 'provider-ca.pem');
    writeFileSync(caFile, provider.ca);
    const stage = { system, dir, provider, caFile, say, signal };
    const scenes = scenarios.map((scenario) => ({
      scenario,
      session: `${scenario.name}-${randomBytes(SESSION_SUFFIX_BYTES).toString('hex')}`,
    }));
    const due = [...scenes];
    const playing = Array.from({ length: AT_ONCE }, async () => {
      for (let next = due.shift(); next !== undefined; next = due.shift()) {
        signal.throwIfAborted();
        await play(stage, next.scenario, next.session);
      }
    });
    await Promise.all(playing);
    return await raisedBy(new Client(system), scenes);
  } finally {
    await provider.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function play(stage: Stage, scenario: Scenario, session: string): Promise<void> {
  const { system, say } = stage;
  if (scenario.how === 'run') return run(stage, scenario, session);
  const { api, token } = system;
  const text = streamOf(scenario);
  await replay({ text, session, collector: { api, token }, relayEntry: RELAY, say });
}

/** The agent of a scenario, as its user would run it. */
async function run(stage: Stage, scenario: Scenario, session: string): Promise<void> {
  const { system, provider, caFile, say, signal } = stage;
  const { name, rw, rwNoDelete, purpose } = scenario;
  const placeOf = (part: string): string => join(stage.dir, session, part);
  for (const part of ['workspace', ...rw, ...rwNoDelete]) layOut(scenario, placeOf(part), part);
  const host = `${PROVIDER_HOST}=127.0.0.1:${provider.port}`;
  const args = [
    ...['run', '--data', system.dataDir, '--session', session],
    ...['--workspace', placeOf('workspace')],
    ...rw.flatMap((part) => ['--rw', placeOf(part)]),
    ...rwNoDelete.flatMap((part) => ['--rw-no-delete', placeOf(part)]),
    ...(purpose === undefined ? [] : ['--purpose', purpose]),
    ...(scenario.provider
      ? ['--host', host, '--upstream-ca', caFile, '--credential', CREDENTIAL]
      : []),
    ...['--', NODE_INSIDE, 'agent.mjs', ...[...rw, ...rwNoDelete].map(placeOf)],
  ];
  const said: string[] = [];
  const listen = (line: string): void => {
    said.push(line);
    say(`${name}: ${line}`);
  };
  const code = await runVitrine(args, { [CREDENTIAL]: SESSION_KEY }, { say: listen, signal });
  if (code === 0) return;
  throw new CliError('DEMO_FAILED', `${name} ended with ${code}`, said.slice(-3).join(' | '));
}

/** Waits until detection has read all of it, and what it found is published. */
async function raisedBy(
  client: Client,
  scenes: { scenario: Scenario; session: string }[],
): Promise<Scene[]> {
  const { size } = await client.events({ limit: 1, order: 'desc' });
  const deadline = Date.now() + ALERT_MS_MAX;
  while ((await client.rules()).position < size && Date.now() < deadline) await sleep(POLL_MS);
  await sleep(SILENCE_MS);
  for (;;) {
    const found = await Promise.all(scenes.map((scene) => sceneOf(client, scene)));
    const isThere = ({ expected, raised }: Scene): boolean =>
      expected.every((rule) => raised.includes(rule));
    if (found.every(isThere) || Date.now() > deadline) return found;
    await sleep(POLL_MS);
  }
}

async function sceneOf(
  client: Client,
  { scenario, session }: { scenario: Scenario; session: string },
): Promise<Scene> {
  const { items } = await client.desk.alerts({ session });
  const raised = [...new Set(items.map((item) => textAt(item, 'rule')))].sort();
  return { scenario: scenario.name, session, expected: rulesOf(scenario), raised };
}
