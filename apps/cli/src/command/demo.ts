/** `demo`: a real session in which an agent is talked into leaking files, on this machine. */
import { absoluteDataDir } from '../config.ts';
import { ACTS, AGENT_NAMES, type AgentName } from '../demo/acts.ts';
import { onInterrupt } from '../system/interrupt.ts';
import { type DataOption, type Register, withData, withExample } from './context.ts';
import { oneOf } from './options.ts';

interface DemoCommandOptions extends DataOption {
  exit?: true;
  dashboard: boolean;
  agent: AgentName;
}

/** As shells have it for SIGINT. */
const EXIT_INTERRUPTED = 130;

export const addDemo: Register = (program, cli) => {
  const command = program
    .command('demo')
    .description('start the system, act out an incident and its benign twin, show the alert')
    .option(
      '--agent <name>',
      `who acts: ${AGENT_NAMES.join(', ')}`,
      oneOf('--agent', AGENT_NAMES),
      'scripted',
    )
    .option('--exit', 'end after the run: 0 when the alert fired and the twin was silent')
    .option('--no-dashboard', 'leave the dashboard out')
    .action(async ({ data, dashboard, ...options }: DemoCommandOptions) => {
      const { tellStory } = await import('../demo/story.ts');
      const interrupt = onInterrupt();
      const { signal, happened } = interrupt;
      const dataDir = absoluteDataDir(data);
      try {
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
  withExample(withData(command), 'demo', 'demo --exit --no-dashboard');
};
