/**
 * A real OpenSearch node on loopback, run from the jars that `.ci/opensearch` keeps in the cache.
 * It can be killed and started again on the same port and data.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@vitrine/schema';
import { quietPort } from '../acceptance/path/collector-process.ts';
import { isGiven, works } from '../acceptance/path/requirement.ts';

const START_MS_MAX = 90_000;
const SOURCE = fileURLToPath(new URL('OneNode.java', import.meta.url));

function jarsDir(): string {
  const pom = readFileSync(new URL('pom.xml', import.meta.url), 'utf8');
  const version = /<opensearch\.version>(.*)<\/opensearch\.version>/.exec(pom)![1]!;
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'vitrine', `opensearch-${version}`);
}

/** Whether a node can run here; `false` after the test has been skipped. */
export function hasNode(t: TestContext): boolean {
  const given = works('javac', '-version') && existsSync(jarsDir());
  return isGiven(t, given, 'no OpenSearch: .ci/opensearch brings one');
}

export class OpenSearchNode {
  readonly url: string;
  readonly #port: number;
  readonly #dir = mkdtempSync(join(tmpdir(), 'vitrine-opensearch-'));
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Resolves when it answers; about eight seconds. */
  static async start(): Promise<OpenSearchNode> {
    const node = new OpenSearchNode(await quietPort());
    await node.restart();
    return node;
  }

  /** Starts it again after `kill`; resolves when it answers. */
  async restart(): Promise<void> {
    const limits = ['-Xms384m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const args = [...limits, '-cp', join(jarsDir(), '*'), SOURCE, this.#dir, `${this.#port}`];
    const child = spawn('java', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    let output = '';
    const ready = new Promise<void>((done, fail) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output = (output + chunk).slice(-10_000);
          if (output.includes('started')) done();
        });
      }
      child.once('exit', (code) => fail(new Error(`the node ended with ${code}:\n${output}`)));
    });
    const late = sleep(START_MS_MAX, undefined, { ref: false }).then(() => {
      throw new Error(`the node did not start:\n${output}`);
    });
    await Promise.race([ready, late]);
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await gone;
  }

  /** Rejects unless the answer is a success. */
  async ask(method: string, path: string, body?: string | object): Promise<JsonObject> {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers,
      ...(text === undefined ? {} : { body: text }),
    });
    const said = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${said}`);
    return JSON.parse(said) as JsonObject;
  }

  /** Kills it and deletes what it kept. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
