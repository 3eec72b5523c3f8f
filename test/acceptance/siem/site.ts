/**
 * A collector with destinations, as the SIEM engineer has it: its settings, what he makes happen,
 * what the log has of it, and every life of the process, ended well or not.
 */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiAnswer, adminToken, callApi, makeToken } from '../path/api.ts';
import { storedRecords } from '../path/clickhouse.ts';
import type { CollectorProcess, RunFile, Stage } from '../path/collector-process.ts';
import { JSON_TYPE, jsonBody, post } from '../path/otlp.ts';
import { type Ran, run, userEnvironment } from '../path/program.ts';
import { CONTROL_RULE, ruleAbout } from '../path/rules.ts';
import { VITRINE } from '../path/system.ts';
import { until } from '../path/until.ts';

const LOGGED_MS_MAX = 30_000;
const STATE_MS_MAX = 30_000;

/** Each file of its own raises an alert of its own. */
const RULE = `${ruleAbout('control')}  suppress: {by: [file.path]}\n`;

/** An alert as the log has it, read from ClickHouse's own port. */
export interface Logged {
  id: string;
  index: number;
  /** Base64. */
  leaf: string;
  session: string;
  /** What its event was called by who raised it. */
  mark: string;
  /** The canonical bytes. */
  record: string;
}

export interface Status {
  name: string;
  state: string;
  cursor: number;
  lag: number;
  delivered: number;
  dead: number;
  guarantee: string;
  lastError: string | null;
}

export interface Receipt {
  connector: string;
  type: string;
  from: number;
  to: number;
  alerts: {
    id: string;
    index: number;
    leaf: string;
    outcome: string;
    answer: string;
    at: string;
  }[];
}

export interface Raised {
  mark: string;
  session: string;
}

export class Site {
  readonly stage: Stage;
  readonly #lives: CollectorProcess[] = [];
  #run: RunFile | undefined;
  #token = '';

  constructor(stage: Stage) {
    this.stage = stage;
    mkdirSync(join(stage.data, 'rules'), { mode: 0o700 });
    writeFileSync(join(stage.data, 'rules', `${CONTROL_RULE}.yml`), RULE);
  }

  get run(): RunFile {
    return this.#run!;
  }

  get data(): string {
    return this.stage.data;
  }

  /** What all lives printed. */
  get output(): string {
    return this.#lives.map(({ output }) => output).join('\n');
  }

  async start(connectors: object): Promise<void> {
    const ports = 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n';
    this.stage.configure(`${ports}connectors: ${JSON.stringify(connectors)}\n`);
    rmSync(join(this.data, 'run.json'), { force: true });
    const collector = this.stage.launch();
    this.#lives.push(collector);
    this.#run = await collector.ready();
    if (this.#token === '') this.#token = await makeToken(this.run, this.data, 'ingest');
  }

  async kill(): Promise<void> {
    await this.#lives.at(-1)!.kill();
  }

  async stop(): Promise<void> {
    const { code } = await this.#lives.at(-1)!.stop();
    assert.equal(code, 0, this.output);
  }

  /** One request; each event of it raises an alert. */
  async raise(...raised: Raised[]): Promise<void> {
    const t = `${Date.now()}000000`;
    const events = raised.map(({ mark, session }) => ({ id: `control-${mark}`, session, t }));
    const url = `${this.run.otlp_http}/v1/logs`;
    const body = jsonBody(events);
    const answer = await post({ url, token: this.#token, type: JSON_TYPE, body });
    assert.equal(answer.status, 200, answer.body.toString());
  }

  /** All alerts of the log by leaf index, once there are so many. */
  alerts(count: number): Promise<Logged[]> {
    return until(`${count} alerts in the log`, LOGGED_MS_MAX, async () => {
      const rows = await storedRecords(this.run, "kind = 'alert'");
      return rows.length >= count ? rows.map(loggedAlert) : undefined;
    });
  }

  async receiptsOf(connector: string): Promise<Receipt[]> {
    const rows = await storedRecords(this.run, "kind = 'receipt'");
    const receipts = rows.map(({ record }) => JSON.parse(record) as Receipt);
    return receipts.filter((receipt) => receipt.connector === connector);
  }

  async status(name: string): Promise<Status> {
    const { items } = await this.get<{ items: Status[] }>('/v1/connectors');
    return items.find((item) => item.name === name)!;
  }

  /** The first status of a connector that `is` likes. */
  async untilStatus(name: string, is: (status: Status) => boolean): Promise<Status> {
    let last: Status | undefined;
    try {
      return await until(name, STATE_MS_MAX, async () => {
        last = await this.status(name);
        return is(last) ? last : undefined;
      });
    } catch (cause) {
      throw new Error(`${name} is ${JSON.stringify(last)}`, { cause });
    }
  }

  async get<T>(path: string): Promise<T> {
    const answer = await this.call('GET', path);
    assert.equal(answer.status, 200, `${path}: ${answer.text}`);
    return JSON.parse(answer.text) as T;
  }

  call(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    return callApi(this.run, adminToken(this.data), method, path, body);
  }

  cli(...words: string[]): Promise<Ran> {
    const env = userEnvironment({ VITRINE_DATA: this.data });
    return run([...VITRINE, ...words], { cwd: this.stage.dir, env });
  }

  /** The trust file, as an auditor gets it. */
  async trust(): Promise<string> {
    const { code, stdout, stderr } = await this.cli('trust');
    assert.equal(code, 0, stderr);
    return stdout;
  }
}

function loggedAlert(row: { idx: number; leaf: string; record: string }): Logged {
  const { id, subject, what } = JSON.parse(row.record) as Record<string, string>;
  return {
    id: id!,
    index: row.idx,
    leaf: Buffer.from(row.leaf, 'hex').toString('base64'),
    session: subject!,
    mark: /^\/ledger\/control-(\S+) was read/.exec(what ?? '')?.[1] ?? '',
    record: row.record,
  };
}
