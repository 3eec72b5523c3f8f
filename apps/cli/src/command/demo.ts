/**
 * `demo`: a real session in which an agent is talked into leaking files, on this machine; or
 * scenarios, played into the system that runs.
 */
import { absoluteDataDir } from '../config.ts';
import { ACTS, AGENT_NAMES, type AgentName } from '../demo/acts.ts';
import { readScenario, SCENARIO_NAMES } from '../demo/scenario.ts';
import type { Scene } from '../demo/scenes.ts';
import { type Io, printJsonLine } from '../print/io.ts';
import { type Column, printTable } from '../print/table.ts';
import { runningSystem } from '../system/data-dir.ts';
import { onInterrupt } from '../system/interrupt.ts';
import { type DataOption, type Register, withData, withExample, withJson } from './context.ts';
import { oneOf } from './options.ts';

interface DemoCommandOptions extends DataOption {
  exit?: true;
  dashboard: boolean;
  agent: AgentName;
  scenario?: string;
  benign?: true;
  json?: true;
}

/** As shells have it for SIGINT. */
const EXIT_INTERRUPTED = 130;
const ALL = 'all';
const SCENARIO_WORDS = [...SCENARIO_NAMES, ALL];

export const addDemo: Register = (program, cli) => {
  const command = program
    .command('demo')
    .description(
      'start the system, act out an incident and its benign twin; --scenario plays others',
    )
    .option(
      '--agent <name>',
      `who acts: ${AGENT_NAMES.join(', ')}`,
      oneOf('--agent', AGENT_NAMES),
      'scripted',
    )
    .option('--exit', 'end after the run: 0 when the alert fired and the twin was silent')
    .option('--no-dashboard', 'leave the dashboard out')
    .option(
      '--scenario <name>',
      `play it into the running system and end: ${SCENARIO_WORDS.join(', ')}`,
      oneOf('--scenario', SCENARIO_WORDS),
    )
    .option('--benign', 'with --scenario: its twin, in which one fact is changed')
    .action(async ({ data, dashboard, ...options }: DemoCommandOptions) => {
      const { tellStory } = await import('../demo/story.ts');
      const interrupt = onInterrupt();
      const { signal, happened } = interrupt;
      const dataDir = absoluteDataDir(data);
      try {
        if (options.scenario !== undefined) {
          const isMet = await playNamed(cli.io, options.scenario, { ...options, dataDir, signal });
          if (!isMet) cli.exit(1);
          return;
        }
        const exit = options.exit === true;
        const act = await ACTS[options.agent]();
        const story = { dataDir, exit, dashboard, act, signal, happened };
        if (!(await tellStory(cli.io, story))) cli.exit(1);
      } catch (error) {
        if (!signal.aborted) throw error;
        cli.exit(EXIT_INTERRUPTED);
      } finally {
        interrupt.release();
      }
    });
  withExample(
    withJson(withData(command)),
    'demo',
    'demo --exit --no-dashboard',
    'demo --scenario all --json',
  );
};

const COLUMNS: Column<Scene>[] = [
  { name: 'SCENARIO', cell: ({ scenario }) => scenario },
  { name: 'RAISED', cell: ({ raised }) => raised.join(' ') || '-' },
  { name: 'EXPECTED', cell: ({ expected }) => expected.join(' ') || '-' },
  { name: 'SESSION', cell: ({ session }) => session },
];

/** Resolves with whether each raised what it should, and nothing else. */
async function playNamed(
  io: Io,
  name: string,
  options: Pick<DemoCommandOptions, 'benign' | 'json'> & { dataDir: string; signal: AbortSignal },
): Promise<boolean> {
  const { playScenes } = await import('../demo/scenes.ts');
  const { benign, json, dataDir, signal } = options;
  const names = name === ALL ? SCENARIO_NAMES : [name];
  const scenarios = names.map((one) => readScenario(benign ? `${one}.benign` : one));
  const system = runningSystem(dataDir);
  const scenes = await playScenes(scenarios, { system, say: (line) => io.err(line), signal });
  if (json) for (const scene of scenes) printJsonLine(io, scene);
  else printTable(io, COLUMNS, scenes, 'nothing was played');
  return scenes.every(({ raised, expected }) => raised.join() === expected.join());
}
