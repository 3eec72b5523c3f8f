/** What can be found out about this machine without changing it. */
import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { searchPath } from '../config.ts';

const run = promisify(execFile);
const PROBE_MS_MAX = 5_000;

/** The path of a program, or `undefined` when PATH has none. */
export function findProgram(name: string): string | undefined {
  return searchPath()
    .map((dir) => join(dir, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** First line a program says, or why it did not. */
export async function firstLine(
  command: string,
  args: string[],
): Promise<{ ok: boolean; line: string }> {
  try {
    const { stdout, stderr } = await run(command, args, { timeout: PROBE_MS_MAX });
    return { ok: true, line: (stdout || stderr).split('\n')[0]! };
  } catch (error) {
    const said = error as { stderr?: string; message: string };
    return { ok: false, line: (said.stderr || said.message).trim().split('\n').at(-1)! };
  }
}

/** Fields 3 and 22 of `/proc/<pid>/stat` (proc(5)), counted behind the bracket of the name. */
const STATE_FIELD = 0;
const START_FIELD = 19;

/**
 * When a process began, in clock ticks since boot: with the pid it names one process for good.
 * `undefined` when there is none, or one that has ended and waits for its parent to notice.
 */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return 'ZX'.includes(fields[STATE_FIELD]!) ? undefined : fields[START_FIELD];
  } catch {
    return undefined;
  }
}

/** Whether a port can be bound now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** Bytes a user may still write on the disk of `dir`, or of its nearest parent that exists. */
export function freeBytes(dir: string): number {
  for (let at = dir; ; at = dirname(at)) {
    try {
      const stats = statfsSync(at);
      return stats.bavail * stats.bsize;
    } catch (error) {
      if (dirname(at) === at) throw error;
    }
  }
}

/** Whether a package is installed, looked up from here. */
export function packageVersionOf(name: string): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    const manifest: unknown = require(`${name}/package.json`);
    return String((manifest as { version?: unknown }).version);
  } catch {
    return undefined;
  }
}
