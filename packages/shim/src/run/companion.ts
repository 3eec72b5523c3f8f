/**
 * A process of ours beside the sandbox: told its settings on stdin, ready when it says so, ended
 * by closing its stdin. It is in a group of its own, so that Ctrl-C in a terminal reaches the
 * agent and not the witnesses; it ends with its parent all the same, for then its stdin is closed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { RUN_READY_MS_MAX, RUN_STOP_MS_MAX } from '@vitrine/schema';
import { ShimError } from '../error.ts';

export interface CompanionOptions {
  name: string;
  entry: string;
  args?: string[];
  env?: Record<string, string>;
  /** One line of JSON for its stdin. */
  settings: unknown;
  /** Its stderr, line by line. */
  log: (line: string) => void;
}

export class Companion {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  #alive = true;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.on('error', (error) => this.#end(resolve, error.message));
      child.on('exit', (code, signal) => this.#end(resolve, signal ?? `exit code ${code}`));
    });
  }

  /** Resolves when it is ready; throws PROCESS_FAILED. */
  static async start(options: CompanionOptions): Promise<Companion> {
    const { name, entry, args = [], env = {}, settings, log } = options;
    const child = spawn(process.execPath, [entry, ...args], {
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const companion = new Companion(name, child);
    child.stdin!.on('error', () => {});
    createInterface({ input: child.stderr! }).on('line', (line) => log(`${name}: ${line}`));
    const ready = new Promise<void>((resolve) => {
      createInterface({ input: child.stdout! }).once('line', () => resolve());
    });
    child.stdin!.write(`${JSON.stringify(settings)}\n`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`not ready in ${RUN_READY_MS_MAX} ms`), RUN_READY_MS_MAX);
    });
    const failed = await Promise.race([ready, companion.#ended, late]);
    clearTimeout(timer);
    if (failed === undefined) return companion;
    child.kill('SIGKILL');
    throw new ShimError(
      'PROCESS_FAILED',
      `${name} did not start (${failed})`,
      'its message is above',
    );
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Why it ended. */
  get ended(): Promise<string> {
    return this.#ended;
  }

  /** Lets it finish what it has; kills it when it does not. Resolves with why it ended. */
  async stop(): Promise<string> {
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), RUN_STOP_MS_MAX);
    const how = await this.#ended;
    clearTimeout(timer);
    return how;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #end(resolve: (how: string) => void, how: string): void {
    this.#alive = false;
    resolve(how);
  }
}
