/**
 * The collector as a tester has it: a process with a data directory, seen through what it prints
 * and the files it leaves. Relies on its command line and nothing else of it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { descendantsOf } from './processes.ts';

export const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const ENTRY = 'apps/collector/bin/collector.mjs';
/** Halves the work of a start, once a collector has ended well: it writes the cache at its end. */
const COMPILED = mkdtempSync(join(tmpdir(), 'vitrine-compiled-'));
process.on('exit', () => rmSync(COMPILED, { recursive: true, force: true }));
/** Recovery on a machine that other tests share. */
const READY_MS_MAX = 60_000;
const POLL_MS = 20;

/** `run.json` of a running system. */
export interface RunFile {
  pid: number;
  api: string;
  otlp_http: string;
  otlp_grpc: string;
  store: { url: string; user: string; password: string };
  origin: string;
  log: string;
}

export interface Launch {
  data: string;
  /** Where `apps/collector` is; another one than ours to run a copy. */
  root?: string;
  /** Words before the command, `strace …`. */
  wrapper?: string[];
  env?: NodeJS.ProcessEnv;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class CollectorProcess {
  readonly exited: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #data: string;
  #ended = false;
  #stdout = '';
  #stderr = '';

  constructor({ data, root = REPOSITORY, wrapper = [], env = process.env }: Launch) {
    this.#data = data;
    const command = [...wrapper, process.execPath, join(root, ENTRY), '--data', data];
    this.#child = spawn(command[0]!, command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
      cwd: root,
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => {
        this.#ended = true;
        resolve({ code, signal });
      });
    });
  }

  /** Of the spawned process: the wrapper's, if there is one. */
  get pid(): number {
    return this.#child.pid!;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What it printed for people. */
  get said(): string {
    return this.#stderr;
  }

  /** All that it printed. */
  get output(): string {
    return `${this.#stdout}\n${this.#stderr}`;
  }

  /** Resolves when it has printed its `ready` line; fails with what it said when it ends before. */
  async ready(): Promise<RunFile> {
    const deadline = performance.now() + READY_MS_MAX;
    while (!/^ready \{.*\}$/m.test(this.#stdout)) {
      if (this.#ended) throw new Error(`the collector ended: ${this.#stderr}`);
      if (performance.now() > deadline) throw new Error(`it does not start: ${this.#stderr}`);
      await sleep(POLL_MS);
    }
    return readRunFile(this.#data);
  }

  /** As `kill -9` does it. */
  async kill(): Promise<void> {
    if (!this.#ended) this.#child.kill('SIGKILL');
    await this.exited;
  }

  /** As a supervisor does it. */
  async stop(): Promise<Ended> {
    if (!this.#ended) this.#child.kill('SIGTERM');
    return await this.exited;
  }
}

/** A temporary directory, and the processes that work in it; all gone when the test is over. */
export class Stage {
  readonly dir = mkdtempSync(join(tmpdir(), 'vitrine-path-'));
  readonly data = join(this.dir, 'data');
  /** Of the processes that it launches. */
  readonly env: NodeJS.ProcessEnv = { ...process.env, NODE_COMPILE_CACHE: COMPILED };
  readonly #closers: (() => Promise<unknown> | unknown)[] = [];

  constructor(t: TestContext) {
    mkdirSync(this.data, { mode: 0o700 });
    t.after(async () => {
      for (const close of this.#closers.toReversed()) await close();
      rmSync(this.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    });
  }

  /** Runs at the end, the latest first. */
  atEnd(close: () => Promise<unknown> | unknown): void {
    this.#closers.push(close);
  }

  configure(yaml: string): void {
    writeFileSync(join(this.data, 'vitrine.yaml'), yaml);
  }

  launch(more: Partial<Launch> = {}): CollectorProcess {
    const collector = new CollectorProcess({ data: this.data, env: this.env, ...more });
    this.atEnd(() => collector.kill());
    return collector;
  }
}

export function readRunFile(data: string): RunFile {
  return JSON.parse(readFileSync(join(data, 'run.json'), 'utf8')) as RunFile;
}

/** The process that the collector runs its store in. */
export function engineOf(collector: number): number | undefined {
  return descendantsOf(collector)[0]?.pid;
}

/** Below the ports that the kernel hands out: nobody gets this one while its owner restarts. */
const PORT_FIRST = 20_000;
const PORTS = 10_000;

export async function quietPort(): Promise<number> {
  for (;;) {
    const port = PORT_FIRST + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
