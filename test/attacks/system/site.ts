/**
 * One machine that is attacked: a data directory with a real collector on it, the commands that its
 * owner gives, what somebody with the disk can do to it, and an auditor who keeps his files
 * elsewhere. Everything is gone when the test is over.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeLogsRequest } from '@vitrine/schema';
import { main } from '../../../apps/cli/src/main.ts';
import { memoryIo } from '../../../apps/cli/src/print/memory-io.ts';
import { type Collector, startCollector } from '../../../apps/collector/src/main.ts';
import type { Entry } from '../../../apps/collector/src/queue/entry.ts';
import { Journal } from '../../../apps/collector/src/queue/journal.ts';
import { EngineSupervisor } from '../../../packages/store/src/engine/supervisor.ts';
import { select } from '../../acceptance/path/clickhouse.ts';
import {
  CollectorProcess,
  type RunFile,
  readRunFile,
} from '../../acceptance/path/collector-process.ts';
import type { Answer } from '../row.ts';

const PORTS = 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n';
const DATABASE = 'vitrine';
const WAIT_MS_MAX = 20_000;
const NS_PER_MS = 1_000_000n;

export interface Asked {
  status: number;
  text: string;
}

/** What is written about a session until somebody says otherwise. */
export interface Pushed {
  session: string;
  count: number;
  /** Time of the first event by its sender's clock, unix nanoseconds; then a second apart. */
  t?: bigint;
  /** `-1n`: the sender's clock runs backwards. */
  direction?: bigint;
  /** Tells these events from others of the session. */
  name?: string;
}

export class Site {
  /** The data directory. */
  readonly data: string;
  /** The auditor's own files. */
  readonly kept: string;
  /** How far the collector's clock is from the auditor's. */
  aheadNs = 0n;
  readonly #dir: string;
  #collector: Collector | undefined;
  #engine: EngineSupervisor | undefined;

  private constructor(t: TestContext) {
    this.#dir = mkdtempSync(join(tmpdir(), 'vitrine-attack-'));
    this.data = join(this.#dir, 'data');
    this.kept = join(this.#dir, 'kept');
    mkdirSync(this.kept);
    t.after(async () => {
      await this.stop();
      rmSync(this.#dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    });
  }

  static fresh(t: TestContext): Site {
    const site = new Site(t);
    mkdirSync(site.data, { mode: 0o700 });
    site.configure('');
    return site;
  }

  /** A site that stands where another data directory stands, which nobody uses now. */
  static copyOf(t: TestContext, data: string): Site {
    const site = new Site(t);
    cpSync(data, site.data, { recursive: true });
    cpSync(join(data, 'trust.txt'), site.#trust);
    return site;
  }

  get #trust(): string {
    return join(this.kept, 'trust.txt');
  }

  configure(settings: string): void {
    writeFileSync(join(this.data, 'vitrine.yaml'), PORTS + settings);
  }

  /** Begins the collector, on the store of its own. */
  async start(): Promise<void> {
    const clock = { nowNs: () => BigInt(Date.now()) * NS_PER_MS + this.aheadNs };
    const onFatal = (error: unknown): void => assert.fail(String(error));
    const options = { dataDir: this.data, log: () => {}, onFatal, clock };
    this.#collector = await startCollector(options);
    cpSync(join(this.data, 'trust.txt'), this.#trust, { force: false });
  }

  /** The same on an engine whose password the attacker has: `sql` works while it runs. */
  async startOpen(): Promise<void> {
    const { url, app } = await this.#startEngine();
    const file = join(this.#dir, 'password');
    writeFileSync(file, app.password);
    const store = { mode: 'server', url, user: app.user, password: { file } };
    this.configure(`store: ${JSON.stringify(store)}\n`);
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#collector?.stop();
    this.#collector = undefined;
    await this.#engine?.close();
    this.#engine = undefined;
  }

  /** Puts the machine back where a copy of its directory stood. */
  restore(data: string, ...names: string[]): void {
    for (const name of names) {
      rmSync(join(this.data, name), { recursive: true, force: true });
      cpSync(join(data, name), join(this.data, name), { recursive: true });
    }
  }

  /** Puts entries into the queue as they stand on the disk; the next start reads them. */
  async enqueue(entries: Entry[]): Promise<void> {
    const dir = join(this.data, 'journal');
    const journal = new Journal({ dir, fsync: false, log: () => {} });
    journal.open(0, () => {});
    for (const entry of entries) await journal.append(entry);
    await journal.close();
  }

  async push({ session, count, t, direction = 1n, name = 'event' }: Pushed): Promise<number> {
    const first = t ?? BigInt(Date.now()) * NS_PER_MS;
    const records = Array.from({ length: count }, (_, i) => ({
      eventName: 'tool.call',
      timeUnixNano: String(first + direction * BigInt(i) * 1_000n * NS_PER_MS),
      attributes: {
        'session.id': session,
        'tool.name': `${name} ${i}`,
        'vitrine.part.prompt': new Uint8Array(Buffer.from(`prompt ${i}`)),
      },
    }));
    const answer = await fetch(`${this.#run.otlp_http}/v1/logs`, {
      method: 'POST',
      headers: { ...this.#bearer, 'content-type': 'application/x-protobuf' },
      body: encodeLogsRequest(records),
    });
    return answer.status;
  }

  async ask(method: string, path: string, body?: object): Promise<Asked> {
    const headers = { ...this.#bearer, 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(this.#run.api + path, { method, headers, ...sent });
    return { status: answer.status, text: await answer.text() };
  }

  /** Of the collector that runs here, in this process or its own. */
  get #run(): RunFile {
    return readRunFile(this.data);
  }

  get #bearer(): { authorization: string } {
    const token = readFileSync(join(this.data, 'admin.token'), 'utf8').trim();
    return { authorization: `Bearer ${token}` };
  }

  /** Waits until the published log has `seq` of a chain. */
  async sealed(session: string, seq: number, shim = 'in'): Promise<void> {
    const path = `/v1/sessions/${session}/chains/${shim}/bundle?first=${seq}&last=${seq}&parts=0`;
    await this.until(async () => (await this.ask('GET', path)).status === 200);
  }

  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    const end = performance.now() + WAIT_MS_MAX;
    while (!(await isSo())) {
      assert.ok(performance.now() < end, 'it does not come in time');
      await sleep(20);
    }
  }

  /** A command of the system's owner. */
  vitrine(...args: string[]): Promise<Answer> {
    return command([...args, '--data', this.data]);
  }

  /** What the auditor hears of a session: why it was not exported, or the verdict. */
  async audit(session: string, ...flags: string[]): Promise<Answer> {
    return this.#audited(['--session', session], flags);
  }

  /** The same, asked for with the proof that the log has only grown since a pin. */
  async auditSince(pin: string, session: string, ...flags: string[]): Promise<Answer> {
    return this.#audited(['--session', session, '--pin', pin], ['--pin', pin, ...flags]);
  }

  async #audited(asked: string[], flags: string[]): Promise<Answer> {
    const bundle = join(this.kept, 'bundle');
    const exported = await this.vitrine('export', ...asked, '-o', bundle);
    if (exported.code !== 0) return exported;
    return this.verify(bundle, ...flags);
  }

  /** Offline, with the trust file that was taken away at the first start. */
  verify(bundle: string, ...flags: string[]): Promise<Answer> {
    const now = flags.includes('--now') ? [] : ['--now', String(this.auditorNs)];
    const all = ['verify', bundle, '--trust', this.#trust, ...now, ...flags];
    return command([...all, '--data', this.kept]);
  }

  get auditorNs(): bigint {
    return BigInt(Date.now()) * NS_PER_MS;
  }

  /** A checkpoint that the auditor keeps; returns the file. */
  async pin(name: string): Promise<string> {
    const file = join(this.kept, name);
    const { code, text } = await this.vitrine('checkpoint', '--trust', this.#trust, '--pin', file);
    assert.equal(code, 0, text);
    return file;
  }

  /**
   * Starts the collector as a process and ends it: the exit code and what it said, also where it
   * refuses to start.
   */
  async launch(): Promise<Answer> {
    return this.whileLaunched(async () => {});
  }

  /** The same, with something done while it runs. */
  async whileLaunched(
    act: (collector: CollectorProcess) => Promise<unknown>,
    env = process.env,
  ): Promise<Answer> {
    const collector = new CollectorProcess({ data: this.data, env });
    try {
      await collector.ready();
      await act(collector);
    } catch (error) {
      if (!collector.ended) throw error;
    } finally {
      if (!collector.ended) await collector.stop();
    }
    const { code } = await collector.exited;
    return { code: code ?? -1, text: collector.said };
  }

  /** Root of a published tree, base64, as anybody may read it who may read the store. */
  async rootAt(size: number): Promise<string | undefined> {
    const sql = `SELECT base64Encode(root) AS root FROM checkpoints WHERE size = ${size}`;
    return (await select<{ root: string }>(this.#run, sql))[0]?.root;
  }

  /**
   * Statements of somebody who has the engine; each mutation is done when it resolves. A question
   * names the format of its answer.
   */
  async sql(...statements: string[]): Promise<string[]> {
    const live = this.#engine !== undefined;
    const { url, app } = this.#engine ?? (await this.#startEngine());
    const headers = { 'X-ClickHouse-User': app.user, 'X-ClickHouse-Key': app.password };
    const answers: string[] = [];
    for (const body of statements) {
      const to = `${url}/?database=${DATABASE}&mutations_sync=2`;
      const answer = await fetch(to, { method: 'POST', headers, body });
      const text = await answer.text();
      assert.equal(answer.status, 200, text);
      answers.push(text.trim());
    }
    if (!live) await this.stop();
    return answers;
  }

  async #startEngine(): Promise<EngineSupervisor> {
    const dir = join(this.data, 'store');
    this.#engine = await EngineSupervisor.start({ dir, database: DATABASE, log: () => {} });
    return this.#engine;
  }
}

async function command(args: string[]): Promise<Answer> {
  const io = memoryIo();
  const code = await main(args, io);
  return { code, text: [...io.lines, ...io.errors].join('\n') };
}
