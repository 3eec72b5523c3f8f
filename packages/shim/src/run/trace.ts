/**
 * The pipe between strace and its shim. This process owns it: while the shim is slow the pipe
 * fills and the sandbox waits, and nothing is lost; if the shim dies the pipe is drained, the
 * sandbox goes on, and every line that nobody read is counted and told of.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Grant, RUN_STOP_MS_MAX } from '@vitrine/schema';
import { SETTINGS_VARIABLE } from '../config.ts';

export interface TraceOptions {
  /** Path for the FIFO. */
  fifo: string;
  intake: string;
  /** The program, as seen inside, after whose start the agent's first program is due. */
  forwarder: string;
  /** Values to take out of command lines. */
  secrets: string[];
  /** Directories that the session was granted. */
  grants: Grant[];
  /** Told of lines that nobody read, with the reason. */
  onLost: (lines: number, reason: string) => void;
  log: (line: string) => void;
}

const ENTRY = fileURLToPath(new URL('../../bin/shim.mjs', import.meta.url));
const NEWLINE = 10;

export class Trace {
  readonly #options: TraceOptions;
  readonly #pipe: Socket;
  readonly #shim: ChildProcess;
  #shimAlive = true;
  /** Lines read from strace, and of those the ones the shim has dealt with. */
  #read = 0;
  #done = 0;
  #lost = 0;
  readonly #shimEnded: Promise<string>;
  readonly #pipeEnded: Promise<void>;

  private constructor(options: TraceOptions, pipe: Socket) {
    this.#options = options;
    this.#pipe = pipe;
    const { intake, forwarder, secrets, grants, log } = options;
    const settings = { intake, forwarder, secrets, grants };
    this.#shim = spawn(process.execPath, [ENTRY, 'strace'], {
      env: { [SETTINGS_VARIABLE]: JSON.stringify(settings) },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    createInterface({ input: this.#shim.stderr! }).on('line', log);
    createInterface({ input: this.#shim.stdout! }).on('line', (line) => {
      this.#done = Math.max(this.#done, Number(line) || 0);
    });
    this.#shimEnded = this.#watchShim();
    this.#pipeEnded = this.#pump();
  }

  /** Opens the FIFO for reading first, so that strace can open it for writing at once. */
  static start(options: TraceOptions): Trace {
    execFileSync('mkfifo', ['-m', '600', options.fifo]);
    const fd = openSync(options.fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    return new Trace(options, new Socket({ fd, readable: true, writable: false }));
  }

  /** The shim's process, for tests that end it. */
  get shimPid(): number | undefined {
    return this.#shim.pid;
  }

  /** After strace has ended: waits until every line is dealt with or counted as lost. */
  async finish(): Promise<void> {
    this.#touch();
    await this.#pipeEnded;
    this.#shim.stdin!.end();
    const timer = setTimeout(() => this.#shim.kill('SIGKILL'), RUN_STOP_MS_MAX);
    const how = await this.#shimEnded;
    clearTimeout(timer);
    this.#tellLost(`the strace shim ended (${how})`);
  }

  /** When nobody will take the events any more: what is still to come is read and counted. */
  giveUp(): void {
    this.#shim.kill('SIGKILL');
  }

  /** When the run fails before strace starts. */
  abandon(): void {
    this.#pipe.destroy();
    this.#shim.kill('SIGKILL');
  }

  /**
   * A strace that ended before it opened its end leaves a pipe that never ends: opened here once.
   */
  #touch(): void {
    try {
      closeSync(openSync(this.#options.fifo, constants.O_WRONLY | constants.O_NONBLOCK));
    } catch {
      // The reading end is closed already.
    }
  }

  #watchShim(): Promise<string> {
    return new Promise((resolve) => {
      const ended = (how: string): void => {
        if (!this.#shimAlive) return;
        this.#shimAlive = false;
        this.#pipe.resume();
        resolve(how);
      };
      this.#shim.on('error', (error) => ended(error.message));
      // 'close' and not 'exit': what it said last has been read by then.
      this.#shim.on('close', (code, signal) => {
        ended(signal ?? `exit code ${code}`);
        this.#tellLost(`the strace shim ended (${signal ?? `exit code ${code}`})`);
      });
      this.#shim.stdin!.on('error', () => {});
      this.#shim.stdin!.on('drain', () => this.#pipe.resume());
    });
  }

  #pump(): Promise<void> {
    return new Promise((resolve) => {
      this.#pipe.on('data', (chunk: Buffer) => {
        this.#read += countLines(chunk);
        if (this.#shimAlive && !this.#shim.stdin!.write(chunk)) this.#pipe.pause();
      });
      this.#pipe.on('error', () => this.#pipe.destroy());
      this.#pipe.on('close', () => resolve());
    });
  }

  #tellLost(reason: string): void {
    const lines = this.#read - this.#done - this.#lost;
    if (this.#shimAlive || lines <= 0) return;
    this.#lost += lines;
    this.#options.onLost(lines, reason);
  }
}

function countLines(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
