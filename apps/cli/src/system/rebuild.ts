/** Runs the collector's rebuild as a process, and reads what it says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { isObject } from '@vitrine/schema';
import { COLLECTOR, startError } from './collector.ts';

export interface Rebuilt {
  origin: string;
  restored: number;
  size: number;
  absent: number;
}

/** Of a log that begins anew. */
export interface NewLog {
  origin: string;
  previous: { origin: string; size: number; root: string };
}

export interface Progress {
  step: string;
  done: number;
  size: number;
}

/** Throws the collector's own coded error. */
export async function runRebuild<T extends Rebuilt | NewLog>(
  args: string[],
  told: { log: (line: string) => void; onProgress: (progress: Progress) => void },
): Promise<T> {
  const argv = [COLLECTOR, 'rebuild', ...args];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const last: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    last.push(line);
    // Its error is told once, by whoever gets it.
    if (!/^(error [A-Z_]+: | +hint: )/.test(line)) told.log(line);
  });
  let rebuilt: T | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said: unknown = JSON.parse(line);
    if (!isObject(said)) return;
    if (isObject(said.progress)) told.onProgress(said.progress as unknown as Progress);
    if (isObject(said.rebuilt)) rebuilt = said.rebuilt as unknown as T;
  });
  const [code] = (await ended) as [number | null];
  if (code !== 0 || rebuilt === undefined) throw startError(last, code);
  return rebuilt;
}
