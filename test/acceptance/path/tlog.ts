/** An auditor with other people's tools: `test/interop/tlog`, its guide, and a log to ask about. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { adminToken, callApi, makeToken } from './api.ts';
import { REPOSITORY, type Stage } from './collector-process.ts';
import { buildGo, GO } from './go.ts';
import { PROTOBUF, post, protobufBody } from './otlp.ts';
import { run, userEnvironment } from './program.ts';
import { System, VITRINE, vitrineIn } from './system.ts';
import { until } from './until.ts';

const SOURCE = join(REPOSITORY, 'test/interop/tlog');
const PAGE = 'docs/guides/other-tools.md';
/** What the guide has where a reader puts an address. */
const PAGE_BASE = 'http://127.0.0.1:4319/log/default.0.1';
const PAGE_FILES = ['trust.txt', 'copy/checkpoint', 'event.tlog-proof', 'theirs.vitrine.json'];
const EVENTS_A_REQUEST = 1000;
const SEALED_MS_MAX = 120_000;

/** What one tool says of one thing; nothing when it agrees. */
export interface Answer {
  what: string;
  tool: string;
  says: string;
}

interface Report {
  size: number;
  /** Of level -1, the entries, and each above. */
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

/** Asks the tools; fails when they could not be asked. */
export function askTools(
  program: string,
  args: string[],
  { cwd, token = '' }: { cwd?: string; token?: string } = {},
): { code: number; report: Report } {
  const env = userEnvironment({ TLOG_TOKEN: token });
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
  assert.ok(status === 0 || status === 1, `${args.join(' ')}: ${stderr}`);
  return { code: status, report: JSON.parse(stdout) as Report };
}

/** Has a directory of files, and a log that has grown far beyond the pin. */
export class Auditor {
  readonly session = 'before-the-pin';
  readonly pin = 'first.pin';
  readonly event: string;
  readonly base: string;
  readonly #system: System;
  readonly #program: string;
  readonly #dir: string;
  readonly #token: string;

  private constructor(system: System, program: string, dir: string) {
    const { api, log } = system.run;
    this.event = `${log}/${EVENTS_A_REQUEST >> 1}`;
    this.base = `${api}/log/${log}`;
    this.#system = system;
    this.#program = program;
    this.#dir = dir;
    this.#token = adminToken(system.data);
    mkdirSync(dir);
  }

  /** The log has more than `leavesMin`. */
  static async of(stage: Stage, program: string, leavesMin: number): Promise<Auditor> {
    const system = await System.up(stage);
    const auditor = new Auditor(system, program, join(stage.dir, 'auditor'));
    const ingest = await makeToken(system.run, system.data, 'ingest');
    await auditor.#push(ingest, auditor.session);
    await auditor.#sealed(EVENTS_A_REQUEST);
    await system.text('checkpoint', '--pin', auditor.at(auditor.pin));
    for (let count = 0; count < leavesMin; count += EVENTS_A_REQUEST) {
      await auditor.#push(ingest, `after-${count}`);
    }
    await auditor.#sealed(leavesMin + EVENTS_A_REQUEST);
    return auditor;
  }

  at(name: string): string {
    return join(this.#dir, name);
  }

  read(name: string): Buffer {
    return readFileSync(this.at(name));
  }

  write(name: string, bytes: string | Buffer): void {
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), bytes);
  }

  bundle(name: string): Bundle {
    return JSON.parse(this.read(name).toString()) as Bundle;
  }

  async exported(name: string, ...args: string[]): Promise<void> {
    await this.#system.text('export', ...args, '-o', this.at(name));
  }

  /** Our verifier's exit code. */
  async verify(name: string, trust: string, ...args: string[]): Promise<number | null> {
    const { code } = await vitrineIn(this.#dir, 'verify', name, '--trust', trust, ...args);
    return code;
  }

  ask(...args: string[]): { code: number; report: Report } {
    return askTools(this.#program, args, { cwd: this.#dir, token: this.#token });
  }

  /** Types the commands of the guide into a shell, in their order. */
  async typePage(): Promise<void> {
    const page = readFileSync(join(REPOSITORY, PAGE), 'utf8');
    const commands = [...page.matchAll(/^```\n(.*?)^```$/gms)].map(([, lines]) => lines).join('');
    const script = [
      'set -euo pipefail',
      // `npx --no vitrine …` and `go …`, as this test found them.
      'npx() { shift 2; "$NODE" "$VITRINE" "$@"; }',
      'go() { command "$GO" "$@"; }',
      commands.replaceAll(PAGE_BASE, this.base).replaceAll('-C test/', '-C "$REPOSITORY"/test/'),
    ];
    const [node, vitrine] = VITRINE;
    const words = { NODE: node, VITRINE: vitrine, GO, REPOSITORY };
    const env = userEnvironment({ ...words, VITRINE_DATA: this.#system.data });
    const typed = ['bash', '-c', script.join('\n')];
    const { code, stdout, stderr } = await run(typed, { cwd: this.#dir, env });
    assert.equal(code, 0, `${PAGE}: ${stdout}${stderr}`);
    for (const name of PAGE_FILES) assert.ok(existsSync(this.at(name)), `${PAGE}: no ${name}`);
  }

  async #push(token: string, session: string): Promise<void> {
    const t = `${Date.now()}000000`;
    const ids = Array.from({ length: EVENTS_A_REQUEST }, (_, i) => `${session}.${i}`);
    const body = protobufBody(ids.map((id) => ({ id, session, t })));
    const url = `${this.#system.run.otlp_http}/v1/logs`;
    const answer = await post({ url, token, type: PROTOBUF, body });
    assert.equal(answer.status, 200, answer.body.toString());
  }

  async #sealed(leaves: number): Promise<void> {
    const { run } = this.#system;
    await until(`a tree of ${leaves} leaves`, SEALED_MS_MAX, async () => {
      const { text } = await callApi(run, this.#token, 'GET', `/log/${run.log}/checkpoint`);
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

/** Turns one bit of the hash in the middle of a proof. */
export function flip(path: string[]): void {
  const at = path.length >> 1;
  path[at] = altered(Buffer.from(path[at]!, 'base64'), 17, 1).toString('base64');
}
