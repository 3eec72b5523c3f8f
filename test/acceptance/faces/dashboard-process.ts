/**
 * A second dashboard beside the one that the command line starts: the same build, with the API
 * that a test gives it. Relies on `next start` and the two variables the dashboard documents.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quietPort, REPOSITORY, type Stage } from '../path/collector-process.ts';
import { Program, userEnvironment } from '../path/program.ts';

const APP = join(REPOSITORY, 'apps/dashboard');
const NEXT = join(REPOSITORY, 'node_modules/next/dist/bin/next');
/** What the command line says of the dashboard it has started. */
interface Running {
  /** Folder of its build. */
  dist?: string;
}

const READY_MS_MAX = 60_000;

/** `hosts`: names it answers to beside those of this machine. Its address. */
export async function startDashboard(stage: Stage, api: string, hosts = ''): Promise<string> {
  const { dist } = JSON.parse(readFileSync(join(stage.data, 'dashboard.json'), 'utf8')) as Running;
  const port = await quietPort();
  const args = ['start', '-p', String(port), '-H', '127.0.0.1'];
  const next = new Program([process.execPath, NEXT, ...args], {
    cwd: APP,
    env: userEnvironment({
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      ...(dist === undefined ? {} : { VITRINE_DIST: dist }),
      VITRINE_API: api,
      VITRINE_HOSTS: hosts,
    }),
  });
  stage.atEnd(async () => {
    next.signal('SIGKILL');
    await next.ended;
  });
  await next.says(/Ready in/, READY_MS_MAX);
  return `http://127.0.0.1:${port}`;
}
