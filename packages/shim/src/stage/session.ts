/**
 * The surroundings of one test of `run`: a workspace, a stand-in collector and relay, real strace
 * and bubblewrap where the machine has them.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPath } from '@vitrine/schema';
import { namedVariable } from '../config.ts';
import type { RunOptions } from '../run/options.ts';
import { type RunResult, runSandboxed } from '../run/run.ts';
import type { Machine } from '../sandbox/detect.ts';
import { STAGE_RELAY, StageCollector } from './collector.ts';

/** Hex. */
export const STAGE_KEY = '11'.repeat(32);

/** Why tests of real runs are skipped: false where they can run, or have to. */
export function skipWithout({ bwrap, strace, install }: Machine): string | false {
  if ((bwrap && strace) || namedVariable('VITRINE_REQUIRE') === 'all') return false;
  return `needs strace and bubblewrap: ${install || 'they do not work here'}`;
}

export class StageSession {
  readonly collector: StageCollector;
  readonly root = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
  readonly workspace = join(this.root, 'ws');
  /** What `run` itself said. */
  readonly said: string[] = [];
  readonly #machine: Machine;

  private constructor(collector: StageCollector, machine: Machine) {
    this.collector = collector;
    this.#machine = machine;
    mkdirSync(this.workspace);
  }

  static async start(machine: Machine): Promise<StageSession> {
    return new StageSession(await StageCollector.start(), machine);
  }

  /** Runs a shell script. */
  run(script: string, more: Partial<RunOptions> = {}, on = this.#machine): Promise<RunResult> {
    const options: RunOptions = {
      command: ['sh', '-c', script],
      workspace: this.workspace,
      collector: { api: this.collector.api, token: 'stage' },
      relayEntry: STAGE_RELAY,
      fingerprintKey: STAGE_KEY,
      say: (line) => this.said.push(line),
      ...more,
    };
    return runSandboxed(options, on);
  }

  file(name: string): string {
    return readFileSync(join(this.workspace, name), 'utf8');
  }

  paths(kind: string): unknown[] {
    return this.collector.of(kind).map(({ fields }) => readPath(fields, 'file.path'));
  }

  async end(): Promise<void> {
    await this.collector.stop();
    rmSync(this.root, { recursive: true, force: true });
    const left = readdirSync(tmpdir()).filter((name) => {
      return join(tmpdir(), name) === this.collector.dir;
    });
    assert.deepEqual(left, [], 'the files of the run are gone');
  }
}
