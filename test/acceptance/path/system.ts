/**
 * A running system and the commands that a person gives it: `vitrine up` with a data directory of
 * its own and free ports, and every other command with that directory.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { REPOSITORY, type RunFile, readRunFile, type Stage } from './collector-process.ts';
import { Program, type Ran, run, userEnvironment } from './program.ts';

export const VITRINE = [process.execPath, join(REPOSITORY, 'apps/cli/bin/vitrine.mjs')];
const FREE_PORTS = 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0, dashboard: 0}\n';
/** With a build of the dashboard before it. */
const READY_MS_MAX = 180_000;

export class System {
  readonly #stage: Stage;
  readonly #up: Program;
  readonly run: RunFile;

  private constructor(stage: Stage, up: Program, runFile: RunFile) {
    this.#stage = stage;
    this.#up = up;
    this.run = runFile;
  }

  /** `settings` are lines of `vitrine.yaml` beside the ports. */
  static async up(stage: Stage, settings = '', dashboard = false): Promise<System> {
    stage.configure(FREE_PORTS + settings);
    const command = [...VITRINE, 'up', '--data', stage.data, '--json'];
    const up = new Program([...command, ...(dashboard ? [] : ['--no-dashboard'])]);
    stage.atEnd(async () => {
      up.signal('SIGINT');
      await up.ended;
    });
    await up.says(/"ready"/, READY_MS_MAX);
    return new System(stage, up, readRunFile(stage.data));
  }

  /** The process of `vitrine up`. */
  get pid(): number {
    return this.#up.pid;
  }

  /** The test's own directory; the data directory is in it. */
  get dir(): string {
    return this.#stage.dir;
  }

  /** Runs when the test is over, the latest first. */
  atEnd(close: () => Promise<unknown> | unknown): void {
    this.#stage.atEnd(close);
  }

  get data(): string {
    return this.#stage.data;
  }

  /** As Ctrl-C does it. */
  async stop(): Promise<void> {
    this.#up.signal('SIGINT');
    const { code, stderr } = await this.#up.ended;
    assert.equal(code, 0, stderr);
  }

  /** A command that goes on until the test ends it. */
  start(...args: string[]): Program {
    const program = new Program([...VITRINE, ...args], this.#launching);
    this.#stage.atEnd(async () => {
      program.signal('SIGTERM');
      await program.ended;
    });
    return program;
  }

  cli(...args: string[]): Promise<Ran> {
    return run([...VITRINE, ...args], this.#launching);
  }

  /** What a command prints when it ends well. */
  async text(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.cli(...args);
    assert.equal(code, 0, `vitrine ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.text(...args, '--json')) as T;
  }

  get #launching(): { cwd: string; env: NodeJS.ProcessEnv } {
    return { cwd: this.#stage.dir, env: userEnvironment({ VITRINE_DATA: this.data }) };
  }
}

/** The command line far from any system: in a folder, with no data directory. */
export function vitrineIn(dir: string, ...args: string[]): Promise<Ran> {
  return run([...VITRINE, ...args], { cwd: dir });
}
