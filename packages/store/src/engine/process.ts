/**
 * One life of the engine: started, greeted, ended. Knows nothing of restarts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ENGINE_START_MS_MAX } from '@vitrine/schema';
import { isDiskFailure, unwritable } from '../client/failure.ts';
import { StoreError } from '../error.ts';
import type { Launch } from './child.ts';
import type { EngineSource } from './find.ts';
import { LOOPBACK, portInUse } from './port.ts';

export interface EngineSettings {
  source: EngineSource;
  /** Directory of the tables. */
  data: string;
  config: string;
  port: number;
  greeting: string;
}

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
const POLL_MS = 20;
/** How ClickHouse says that it will not run; some of it comes from its own code, some from ours. */
const ENGINE_FAILURE = /^(Code: \d+|Poco::Exception)\b.*\n/m;
const STDERR_CHARS_KEPT = 4_096;
/** Opens the listener, then keeps the engine running without ever returning a row. */
const STARTUP_QUERY =
  'SYSTEM START LISTEN HTTP; SELECT sleepEachRow(1) FROM system.numbers SETTINGS ' +
  'max_block_size=1, function_sleep_max_microseconds_per_block=0';

export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #settings: EngineSettings;
  #stderr = '';
  /** Resolves with the reason when the process has ended. */
  readonly exited: Promise<string>;
  #ended = false;
  #isReady = false;

  /** Spawns the process; it is of use once `ready` has resolved. */
  constructor(settings: EngineSettings) {
    this.#settings = settings;
    const launch: Launch = { source: settings.source, arguments: argumentsOf(settings) };
    // No environment of ours: the engine has no use for our secrets. A process group of its own:
    // an interrupt from the terminal is for the collector, which still has rows to write.
    this.#child = spawn(process.execPath, [CHILD, JSON.stringify(launch)], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { TZ: 'UTC' },
      detached: true,
    });
    this.#child.stdin!.on('error', () => {});
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(0, STDERR_CHARS_KEPT);
      // What is left of an engine that has failed takes seconds to fall apart.
      if (!this.#isReady && ENGINE_FAILURE.test(this.#stderr)) this.#killGroup();
    });
    this.exited = new Promise((resolve) => {
      const end = (reason: string): void => {
        this.#ended = true;
        resolve(reason);
      };
      this.#child.once('error', (error) => end(error.message));
      this.#child.once('close', (code, signal) => end(this.#reason(code, signal)));
      this.#child.once('exit', () => this.#killGroup());
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Resolves when the engine answers. Throws STORE_LOCKED, STORE_UNWRITABLE, PORT_IN_USE or
   * ENGINE_FAILED; the process has ended then.
   */
  async ready(): Promise<void> {
    const deadline = performance.now() + ENGINE_START_MS_MAX;
    while (!this.#ended) {
      this.#isReady = await this.#answers();
      if (this.#isReady) return;
      if (performance.now() > deadline) await this.stop();
      await Promise.race([sleep(POLL_MS), this.exited]);
    }
    throw this.#startFailure(await this.exited);
  }

  async stop(): Promise<void> {
    this.#killGroup();
    await this.exited;
  }

  /** A binary is a child of our child, and must not outlive it. */
  #killGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#ended) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Nobody of the group is left.
    }
  }

  /** Whether it is our engine that listens: another process on the port cannot know the text. */
  #answers(): Promise<boolean> {
    const { port, greeting } = this.#settings;
    return new Promise((resolve) => {
      const options = { host: LOOPBACK, port, path: '/', agent: false, timeout: 1_000 };
      const request = get(options, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
          if (body.length > greeting.length) request.destroy();
        });
        response.on('error', () => {});
        response.on('close', () => resolve(body === greeting));
      });
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(false));
    });
  }

  #reason(code: number | null, signal: string | null): string {
    const lines = this.#stderr.split('\n').map((line) => line.trim());
    const said = lines.find((line) => ENGINE_FAILURE.test(`${line}\n`));
    const last = lines.findLast((line) => line !== '');
    return said ?? last ?? `ended with ${signal ?? `status ${code}`}`;
  }

  #startFailure(reason: string): StoreError {
    if (/Code: 76\b|Cannot lock file/.test(reason)) {
      const message = `another engine has ${this.#settings.data} open`;
      const hint = 'stop the other collector, or choose another data directory';
      return new StoreError('STORE_LOCKED', message, hint, { cause: new Error(reason) });
    }
    if (/Code: 210\b|Address already in use/.test(reason)) {
      return portInUse(this.#settings.port, new Error(reason));
    }
    if (isDiskFailure(reason)) return unwritable(this.#settings.data, reason);
    const hint = 'see the reason above; the data directory was not changed';
    return new StoreError('ENGINE_FAILED', `the engine did not start: ${reason}`, hint);
  }
}

function argumentsOf({ data, config, port }: EngineSettings): string[] {
  return [
    `--path=${data}`,
    `--config-file=${config}`,
    `--http_port=${port}`,
    `--listen_host=${LOOPBACK}`,
    '--output-format=Null',
    `--query=${STARTUP_QUERY}`,
  ];
}
