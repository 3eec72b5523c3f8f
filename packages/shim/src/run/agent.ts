/**
 * The traced and sandboxed process tree, as one thing that runs, can be asked to end, and ends. Its
 * standard streams are ours, untouched: a terminal stays a terminal.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { RUN_GRACE_MS_MAX } from '@vitrine/schema';
import { ShimError } from '../error.ts';
import type { Plan } from './plan.ts';

const EXIT_SIGNAL = 128;

export class Agent {
  readonly #child: ChildProcess;
  readonly #sandboxed: boolean;
  readonly #traced: boolean;
  /** First process in the sandbox's own namespace, as the host numbers it. */
  #init: number | undefined;
  #escalation: NodeJS.Timeout | undefined;
  /** Exit code of the command; 128 + n when a signal ended it. */
  readonly ended: Promise<number>;
  /** Resolves when the sandbox's first process is known, or there is none. */
  readonly started: Promise<void>;

  readonly #onStuck: () => void;

  /** `onStuck`: it was killed and does not end, for strace waits for somebody to read. */
  constructor(plan: Plan, onStuck: () => void) {
    this.#onStuck = onStuck;
    const [program, ...rest] = plan.argv;
    this.#sandboxed = plan.sandboxed;
    this.#traced = plan.traced;
    this.#child = spawn(program!, rest, {
      cwd: plan.cwd,
      env: plan.env,
      stdio: ['inherit', 'inherit', 'inherit', plan.sandboxed ? 'pipe' : 'ignore'],
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', (cause) => {
        const message = `${program} cannot be started`;
        reject(new ShimError('PROCESS_FAILED', message, 'is it still installed?', { cause }));
      });
      this.#child.on('exit', (code, signal) => {
        clearTimeout(this.#escalation);
        resolve(code ?? EXIT_SIGNAL + (signal === null ? 0 : constants.signals[signal]));
      });
    });
    this.started = plan.sandboxed ? this.#readInfo(plan.infoFd) : Promise.resolve();
  }

  /** The process that an EDR sees: the sandbox's first, or the command's starter. */
  get pid(): number | undefined {
    return this.#init ?? this.#child.pid;
  }

  /** Asks the command to end; kills everything when it has not after a while. */
  stop(signal: NodeJS.Signals): void {
    const isSecond = this.#escalation !== undefined;
    if (isSecond) {
      this.#kill();
      return;
    }
    this.#escalation = setTimeout(() => this.#kill(), RUN_GRACE_MS_MAX);
    for (const pid of this.#starters()) send(pid, signal);
  }

  /** The forwarder, which hands signals on to the command. */
  #starters(): number[] {
    if (this.#init !== undefined) return childrenOf(this.#init);
    const child = this.#child.pid;
    if (child === undefined || this.#sandboxed) return [];
    return this.#traced ? childrenOf(child) : [child];
  }

  /** With the first process of a PID namespace everything in it ends. */
  #kill(): void {
    clearTimeout(this.#escalation);
    this.#escalation = setTimeout(this.#onStuck, RUN_GRACE_MS_MAX);
    if (this.#init !== undefined) send(this.#init, 'SIGKILL');
    else {
      for (const pid of this.#starters()) {
        for (const child of childrenOf(pid)) send(child, 'SIGKILL');
        send(pid, 'SIGKILL');
      }
    }
  }

  #readInfo(fd: number): Promise<void> {
    const stream = this.#child.stdio[fd] as Readable;
    let text = '';
    return new Promise((resolve) => {
      stream.on('data', (chunk) => {
        text += chunk;
        const pid = /"child-pid":\s*(\d+)/.exec(text)?.[1];
        if (pid === undefined) return;
        this.#init = Number(pid);
        resolve();
      });
      stream.on('error', () => resolve());
      stream.on('close', () => resolve());
      this.#child.on('exit', () => {
        stream.destroy();
        resolve();
      });
    });
  }
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
