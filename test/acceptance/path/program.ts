/**
 * A program as a person runs it: started with words, read by what it prints, ended by a signal.
 * Nothing of it outlives the test.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Ran {
  /** 128 + n is not made of a signal: a program that a signal ended has `null`. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Launching {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** A process group of its own, as a shell gives to each command, for `interrupt`. */
  group?: boolean;
}

const POLL_MS = 10;
const SAID_MS_MAX = 60_000;

export class Program {
  readonly ended: Promise<Ran>;
  readonly #child: ChildProcess;
  #hasEnded = false;
  #stdout = '';
  #stderr = '';

  constructor(command: string[], { cwd, env = userEnvironment(), group }: Launching = {}) {
    this.#child = spawn(command[0]!, command.slice(1), {
      env,
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: group === true,
    });
    this.#child.stdin!.on('error', () => {});
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code) => {
        this.#hasEnded = true;
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  type(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** As Ctrl-D does it. */
  endInput(): void {
    this.#child.stdin!.end();
  }

  /** Resolves when standard output has `pattern`; fails with all it said when it ends before. */
  async says(pattern: RegExp, ms = SAID_MS_MAX): Promise<RegExpExecArray> {
    const deadline = performance.now() + ms;
    for (;;) {
      const hasEnded = this.#hasEnded;
      const found = pattern.exec(this.#stdout);
      if (found !== null) return found;
      const why = hasEnded ? 'ended' : 'waits';
      if (hasEnded || performance.now() > deadline) throw new Error(`${why}: ${this.#all()}`);
      await sleep(POLL_MS);
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#hasEnded) this.#child.kill(signal);
  }

  /** Ctrl-C: the terminal sends it to the whole group. */
  interrupt(): void {
    if (!this.#hasEnded) process.kill(-this.pid, 'SIGINT');
  }

  #all(): string {
    return `${this.#stdout}\n${this.#stderr}`;
  }
}

/** Runs a program to its end. */
export function run(command: string[], launching: Launching = {}): Promise<Ran> {
  const program = new Program(command, launching);
  program.type('');
  return program.ended;
}

/**
 * The environment of a person's shell: without what npm adds for its scripts, so that `node` and
 * `npm` are the machine's own, and without settings of ours.
 */
export function userEnvironment(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const path = (process.env.PATH ?? '').split(':').filter((dir) => !dir.includes('node_modules'));
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_|VITRINE_|CI$|INIT_CWD$)/.test(name),
  );
  return { ...Object.fromEntries(kept), PATH: path.join(':'), ...changes };
}
