/**
 * The process that an adapter reads from, where the shim itself has started it. One that ends
 * before it was asked to has been killed, or could not do its work: nobody sees from then on.
 */
import type { ChildProcess } from 'node:child_process';
import { systemCode } from '../error.ts';

export interface Emitter {
  /** Notes that it was asked to end. */
  stopping(): void;
  /** How it ended, when nobody had asked it to; `undefined` for an end in order. */
  readonly failed: Promise<string | undefined>;
}

export function watchEmitter(name: string, child: ChildProcess): Emitter {
  let stopped = false;
  const failed = new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(`${name} does not start (${systemCode(error)})`));
    child.on('exit', (code, signal) => {
      resolve(stopped ? undefined : `${name} ended (${signal ?? `exit code ${code}`})`);
    });
  });
  return {
    failed,
    stopping: () => {
      stopped = true;
    },
  };
}
