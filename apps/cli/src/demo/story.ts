/** The demonstration from start to end: the system, what is acted out on it, what to do next. */
import { alertLink } from '@vitrine/schema';
import { CliError } from '../error.ts';
import type { Io } from '../print/io.ts';
import { heading, INDENT, shown } from './heading.ts';
import type { Act, Played } from './play.ts';
import { type DemoSystem, demoSystem } from './start.ts';

export interface DemoOptions {
  dataDir: string;
  /** End after the run instead of staying up. */
  exit: boolean;
  /** False leaves the dashboard out. */
  dashboard: boolean;
  act: Act;
  signal: AbortSignal;
  happened: Promise<void>;
}

/** Resolves with whether everything came as it should. */
export async function tellStory(io: Io, options: DemoOptions): Promise<boolean> {
  const { dataDir, signal, act } = options;
  io.out(act.opening);
  io.out('');
  heading(io, 1, 'The system');
  const stage = await demoSystem(io, options);
  const { client, dashboard, own } = stage;
  try {
    const played = await act.play(io, { client, dashboard, dataDir, signal });
    const up = options.exit || own === undefined ? '' : ' (the system is up until Ctrl-C)';
    heading(io, played.length + 2, `Look further${up}`);
    sayFurther(io, stage, played, dataDir);
    if (!options.exit) await stayUp(stage, options);
    return played.every(({ asExpected }) => asExpected);
  } finally {
    await own?.stop();
  }
}

function sayFurther(io: Io, { dashboard }: DemoSystem, played: Played[], dataDir: string): void {
  const data = shown(dataDir) === '.vitrine' ? '' : ` --data ${shown(dataDir)}`;
  const { session, alert } = played[0]!;
  if (dashboard !== undefined && alert !== undefined) {
    io.out(`${INDENT}From the alert to a verified row takes two clicks:`);
    io.out(`${INDENT}${alertLink(dashboard, alert)}  (login: npx --no vitrine login${data})`);
    io.out('');
  }
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

async function stayUp({ own }: DemoSystem, options: DemoOptions): Promise<void> {
  if (own === undefined) return;
  const code = await Promise.race([own.ended, options.happened]);
  if (options.signal.aborted) return;
  const message = `the collector ended by itself with ${code ?? 'a signal'}`;
  throw new CliError('DEMO_FAILED', message, 'its last lines are above');
}
