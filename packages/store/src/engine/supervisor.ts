/**
 * Keeps one embedded engine running over one directory: port and secrets stay the same for as long
 * as the store is open, however often the engine dies.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unwritable } from '../client/failure.ts';
import { StoreError } from '../error.ts';
import {
  type Access,
  configurationFile,
  type Login,
  newAccess,
  privateDirectory,
  removeConfiguration,
  removeStaleConfigurations,
  writeConfiguration,
} from './access.ts';
import { type EngineSearch, findEngine, machineSearch } from './find.ts';
import { freePort, LOOPBACK } from './port.ts';
import { EngineProcess, type EngineSettings } from './process.ts';

export interface EngineOptions {
  dir: string;
  /** 0 or absent: any free port. */
  port?: number;
  database: string;
  log: (line: string) => void;
  search?: EngineSearch;
}

const RESTART_MS_FIRST = 50;
const RESTART_MS_MAX = 5_000;
/** An engine that lived this long has started well; the next restart is quick again. */
const STEADY_MS = 30_000;
const START_TRIES = 3;

export class EngineSupervisor {
  readonly #options: EngineOptions;
  readonly #access: Access;
  /** Directory of the configuration, ours alone. */
  readonly #configuration: string;
  readonly #settings: Omit<EngineSettings, 'port'>;
  readonly #listeners: ((reason: string) => void)[] = [];
  readonly #stop = new AbortController();
  #port = 0;
  /** The running engine, or the one that is being started. */
  #process: EngineProcess | undefined;
  #up = false;
  #watching: Promise<void> = Promise.resolve();

  private constructor(options: EngineOptions) {
    const source = findEngine(options.search ?? machineSearch());
    if (source.kind === 'binary') {
      options.log(`store: no engine package is installed; using ${source.path} local`);
    }
    const data = join(options.dir, 'data');
    this.#options = options;
    this.#access = newAccess();
    this.#configuration = this.#prepare(data);
    const config = configurationFile(this.#configuration);
    this.#settings = { source, data, config, greeting: this.#access.greeting };
  }

  /** Throws ENGINE_MISSING, ENGINE_FAILED, STORE_LOCKED, STORE_UNWRITABLE or PORT_IN_USE. */
  static async start(options: EngineOptions): Promise<EngineSupervisor> {
    const supervisor = new EngineSupervisor(options);
    try {
      await supervisor.#startFirst();
    } catch (error) {
      removeConfiguration(supervisor.#configuration);
      throw error;
    }
    removeStaleConfigurations(options.dir, supervisor.#configuration);
    supervisor.#watching = supervisor.#watch();
    return supervisor;
  }

  get url(): string {
    return `http://${LOOPBACK}:${this.#port}`;
  }

  get app(): Login {
    return this.#access.app;
  }

  get reader(): Login {
    return this.#access.reader;
  }

  get up(): boolean {
    return this.#up;
  }

  /** Process id of the engine. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  onExit(listener: (reason: string) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#process?.stop();
    await this.#watching;
    removeConfiguration(this.#configuration);
  }

  /** Makes the directories; the answer is that of the configuration. */
  #prepare(data: string): string {
    const { dir, database } = this.#options;
    try {
      privateDirectory(dir);
      privateDirectory(data);
      return writeConfiguration(dir, this.#access, database);
    } catch (cause) {
      if (!(cause instanceof Error)) throw cause;
      throw unwritable(dir, cause.message, cause);
    }
  }

  async #startFirst(): Promise<void> {
    const wanted = this.#options.port ?? 0;
    for (let attempt = 1; ; attempt++) {
      this.#port = await freePort(wanted);
      try {
        await this.#startOnce();
        return;
      } catch (error) {
        // Somebody took the port between our look and the engine's.
        const lost = error instanceof StoreError && error.code === 'PORT_IN_USE';
        if (!lost || wanted !== 0 || attempt === START_TRIES) throw error;
      }
    }
  }

  async #startOnce(): Promise<void> {
    this.#process = new EngineProcess({ ...this.#settings, port: this.#port });
    await this.#process.ready();
    this.#up = true;
  }

  async #watch(): Promise<void> {
    let waitMs = RESTART_MS_FIRST;
    for (;;) {
      const upSince = performance.now();
      const reason = await this.#process!.exited;
      this.#up = false;
      if (this.#stop.signal.aborted) return;
      this.#options.log(`store: the engine is away (${reason}); starting it again`);
      for (const listener of this.#listeners) listener(reason);
      if (performance.now() - upSince > STEADY_MS) waitMs = RESTART_MS_FIRST;
      waitMs = await this.#restart(waitMs);
      if (this.#stop.signal.aborted) return;
      this.#options.log('store: the engine is back');
    }
  }

  /** Tries until the engine runs or the store is closed; returns the next pause. */
  async #restart(firstWaitMs: number): Promise<number> {
    let waitMs = firstWaitMs;
    while (!this.#stop.signal.aborted) {
      await sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(() => {});
      waitMs = Math.min(RESTART_MS_MAX, waitMs * 2);
      if (this.#stop.signal.aborted) break;
      try {
        await this.#startOnce();
        break;
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        this.#options.log(`store: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return waitMs;
  }
}
