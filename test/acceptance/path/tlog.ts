/** A log with full tiles on two levels, the program of `test/interop/tlog`, and its guide. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { adminToken, callApi, makeToken } from './api.ts';
import { REPOSITORY, type Stage } from './collector-process.ts';
import { buildGo, GO } from './go.ts';
import { PROTOBUF, post, protobufBody } from './otlp.ts';
import { type Ran, run, userEnvironment } from './program.ts';
import { System, VITRINE } from './system.ts';
import { until } from './until.ts';

const SOURCE = join(REPOSITORY, 'test/interop/tlog');
export const PAGE = 'docs/guides/other-tools.md';
/** What the guide has where a reader puts an address. */
const PAGE_BASE = 'http://127.0.0.1:4319/log/default.0.1';
const EVENTS_A_REQUEST = 1000;
const SEALED_MS_MAX = 120_000;

/** What one tool says of one thing; nothing when it agrees. */
export interface Answer {
  what: string;
  tool: string;
  says: string;
}

export interface Report {
  size: number;
  tiles?: { level: number; full: number; partial: number }[];
  answers: Answer[];
}

export interface Bundle {
  checkpoint: string;
  seal: { record: string; proof: string[] };
  attached: { index: number; record: string; proof: string[] }[];
  consistency?: { from: string; proof: string[] };
}

export function buildProgram(to: string): string {
  return buildGo(SOURCE, to);
}

/** Runs the program to its end; fails when it could not ask. */
export function answersOf(
  program: string,
  cwd: string,
  args: string[],
  token = '',
): { code: number; report: Report } {
  const env = userEnvironment({ TLOG_TOKEN: token });
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
  assert.ok(status === 0 || status === 1, `${args.join(' ')}: ${stderr}`);
  return { code: status, report: JSON.parse(stdout) as Report };
}

/** Types the commands of the guide into a shell, in their order. */
export function typePage(system: System, cwd: string): Promise<Ran> {
  const page = readFileSync(join(REPOSITORY, PAGE), 'utf8');
  const commands = [...page.matchAll(/^```\n(.*?)^```$/gms)].map(([, lines]) => lines).join('');
  assert.ok(commands.split('\n').length > 10, `${PAGE} has no commands`);
  const base = `${system.run.api}/log/${system.run.log}`;
  const script = [
    'set -euo pipefail',
    'npx() { shift 2; "$NODE" "$VITRINE" "$@"; }',
    'go() { command "$GO" "$@"; }',
    commands.replaceAll(PAGE_BASE, base).replaceAll('-C test/', `-C "$REPOSITORY"/test/`),
  ];
  const [NODE, entry] = VITRINE;
  const words = { NODE, VITRINE: entry, GO, REPOSITORY, VITRINE_DATA: system.data };
  return run(['bash', '-c', script.join('\n')], { cwd, env: userEnvironment(words) });
}

/** A log that has grown by so many events since its pin. */
export class LargeLog {
  readonly session = 'before-the-pin';
  readonly pin = 'first.pin';
  readonly event: string;
  readonly base: string;
  readonly token: string;
  readonly system: System;
  readonly #dir: string;

  private constructor(system: System, dir: string, token: string) {
    this.system = system;
    this.#dir = dir;
    this.token = token;
    this.base = `${system.run.api}/log/${system.run.log}`;
    this.event = `${system.run.log}/${EVENTS_A_REQUEST >> 1}`;
  }

  /** `dir` gets the trust file and the pin. */
  static async made(stage: Stage, dir: string, leavesMin: number): Promise<LargeLog> {
    const system = await System.up(stage);
    const log = new LargeLog(system, dir, adminToken(system.data));
    const ingest = await makeToken(system.run, system.data, 'ingest');
    await log.#push(ingest, log.session);
    await log.#holds(EVENTS_A_REQUEST);
    await system.text('checkpoint', '--pin', join(dir, log.pin));
    for (let n = 0; n * EVENTS_A_REQUEST < leavesMin; n++) await log.#push(ingest, `after-${n}`);
    await log.#holds(leavesMin + EVENTS_A_REQUEST);
    return log;
  }

  /** Exports a bundle into the directory; returns its name. */
  async exported(name: string, ...args: string[]): Promise<string> {
    await this.system.text('export', ...args.map((arg) => this.#placed(arg)), '-o', this.#at(name));
    return name;
  }

  #placed(arg: string): string {
    return arg === this.pin ? this.#at(arg) : arg;
  }

  #at(name: string): string {
    return join(this.#dir, name);
  }

  async #push(token: string, session: string): Promise<void> {
    const t = `${Date.now()}000000`;
    const ids = Array.from({ length: EVENTS_A_REQUEST }, (_, i) => `${session}.${i}`);
    const body = protobufBody(ids.map((id) => ({ id, session, t })));
    const url = `${this.system.run.otlp_http}/v1/logs`;
    const answer = await post({ url, token, type: PROTOBUF, body });
    assert.equal(answer.status, 200, answer.body.toString());
  }

  async #holds(leaves: number): Promise<void> {
    const path = `/log/${this.system.run.log}/checkpoint`;
    await until(`a tree of ${leaves} leaves`, SEALED_MS_MAX, async () => {
      const { text } = await callApi(this.system.run, this.token, 'GET', path);
      return Number(text.split('\n')[1]) >= leaves ? text : undefined;
    });
  }
}

/** A copy with some bits of one byte turned. */
export function altered(bytes: Buffer, at: number, bits: number): Buffer {
  const other = Buffer.from(bytes);
  other[at]! ^= bits;
  return other;
}
