/** The demonstration from start to end: the system, the incident, its twin, what to do next. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Client } from '../client/client.ts';
import { CliError } from '../error.ts';
import type { Io } from '../print/io.ts';
import { grouped, plain } from '../print/text.ts';
import { type CollectorProcess, startCollectorProcess } from '../system/collector.ts';
import { type RunningSystem, readRunFile, runningSystem } from '../system/data-dir.ts';
import { type Played, playScenario, type Stage } from './play.ts';
import { startProvider } from './provider.ts';
import { readScenario } from './scenario.ts';
import { demoSettings } from './settings.ts';
import { examineTools } from './tools.ts';

export interface DemoOptions {
  dataDir: string;
  /** End after the run instead of staying up. */
  exit: boolean;
  signal: AbortSignal;
  happened: Promise<void>;
}

const INDENT = '   ';

/** Resolves with whether the alert fired and the twin stayed silent. */
export async function tellStory(io: Io, options: DemoOptions): Promise<boolean> {
  const { dataDir, signal } = options;
  io.out('An agent is talked into leaking files; what Vitrine sees of it, proves and says.');
  io.out('');
  heading(io, 1, 'The system');
  const { system, collector } = await systemFor(io, dataDir, signal);
  try {
    const client = new Client(system);
    await sayWhere(io, system, client);
    const [bad, good] = await playBoth(io, { client, dataDir, signal });
    const up = options.exit || collector === undefined ? '' : ' (the system is up until Ctrl-C)';
    heading(io, 4, `Look further${up}`);
    sayFurther(io, bad, dataDir);
    if (!options.exit) await stayUp(collector, options);
    return bad.asExpected && good.asExpected;
  } finally {
    await collector?.stop();
  }
}

/** The incident and its benign twin, on one stage. */
async function playBoth(
  io: Io,
  parts: Pick<Stage, 'client' | 'dataDir' | 'signal'>,
): Promise<[bad: Played, good: Played]> {
  // Not in the data directory: vitrine run hides that from every sandbox.
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-demo-'));
  const provider = await startProvider();
  try {
    const stage = await setStage({ ...parts, io, provider, dir });
    heading(io, 2, 'foreign-key: the incident');
    const bad = await playScenario(stage, readScenario('foreign-key'));
    heading(io, 3, 'foreign-key.benign: the same with one fact changed');
    return [bad, await playScenario(stage, readScenario('foreign-key.benign'))];
  } finally {
    await provider.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The system that runs in the data directory already, or one of our own. */
async function systemFor(
  io: Io,
  dataDir: string,
  signal: AbortSignal,
): Promise<{ system: RunningSystem; collector: CollectorProcess | undefined }> {
  if (readRunFile(dataDir) !== undefined) {
    io.out(`${INDENT}one runs in ${shown(dataDir)} already and is used`);
    return { system: runningSystem(dataDir), collector: undefined };
  }
  const { configFile, taken } = await demoSettings(dataDir);
  for (const port of taken) io.out(`${INDENT}port ${port} is taken: a free one is used instead`);
  const collector = await startCollectorProcess({
    dataDir,
    ...(configFile === undefined ? {} : { configFile }),
    log: (line) => io.err(`${INDENT}${plain(line)}`),
    signal,
  });
  io.out(`${INDENT}ready after ${(collector.readyMs / 1_000).toFixed(1)} s`);
  return { system: collector.system, collector };
}

async function sayWhere(io: Io, system: RunningSystem, client: Client): Promise<void> {
  const { size } = await client.events({ limit: 1, order: 'desc' });
  const { items } = await client.sessions({ limit: 1 });
  const dataDir = shown(system.dataDir);
  const log = items.length === 0 ? 'new' : `goes on with ${grouped(size)} leaves`;
  io.out(`${INDENT}API        ${system.api}  (token in ${join(dataDir, 'admin.token')})`);
  io.out(`${INDENT}OTLP/HTTP  ${system.otlpHttp}`);
  io.out(`${INDENT}data       ${dataDir}`);
  io.out(`${INDENT}log        ${system.origin}, ${log}`);
}

/** The provider's CA, and what this machine lacks. */
async function setStage(parts: Omit<Stage, 'caFile' | 'sandbox'>): Promise<Stage> {
  const { io, dir } = parts;
  const caFile = join(dir, 'provider-ca.pem');
  writeFileSync(caFile, parts.provider.ca);
  const { port } = parts.provider;
  io.out(`${INDENT}provider   a stand-in for api.provider.example at 127.0.0.1:${port}`);
  const tools = examineTools();
  for (const sentence of tools.lacking) io.out(`${INDENT}${plain(sentence)}`);
  if (tools.fix !== undefined) io.out(`${INDENT}to see everything: ${tools.fix}`);
  return { ...parts, caFile, sandbox: tools.sandbox };
}

function sayFurther(io: Io, { session }: Played, dataDir: string): void {
  const data = shown(dataDir) === '.vitrine' ? '' : ` --data ${shown(dataDir)}`;
  const bundle = `${session}.vitrine.json`;
  const lines = [
    `sessions${data}`,
    `events --session ${session}${data}`,
    `export --session ${session} -o ${bundle}${data}`,
    `verify ${bundle}${data}`,
    `run${data} -- bash`,
  ];
  for (const line of lines) io.out(`${INDENT}npx --no vitrine ${line}`);
}

async function stayUp(
  collector: CollectorProcess | undefined,
  options: DemoOptions,
): Promise<void> {
  if (collector === undefined) return;
  const code = await Promise.race([collector.ended, options.happened]);
  if (options.signal.aborted) return;
  const message = `the collector ended by itself with ${code ?? 'a signal'}`;
  throw new CliError('DEMO_FAILED', message, 'its last lines are above');
}

function heading(io: Io, number: number, title: string): void {
  if (number > 1) io.out('');
  io.out(io.strong(`${number}  ${title}`));
}

function shown(dir: string): string {
  return relative('.', dir) || '.';
}
