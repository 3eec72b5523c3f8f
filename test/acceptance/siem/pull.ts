/**
 * The log as a SIEM reads it: each record once, across kills; refusals by name; who looked; and the
 * guide, typed. Each promise is also broken once, and the breach is seen.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { push } from '../faces/push.ts';
import { adminToken, callApi, makeToken } from '../path/api.ts';
import {
  type CollectorProcess,
  REPOSITORY,
  type RunFile,
  Stage,
} from '../path/collector-process.ts';
import { run, userEnvironment } from '../path/program.ts';
import { type System, VITRINE } from '../path/system.ts';
import { until } from '../path/until.ts';
import { type Asking, ask, assertOnce, type Read, readsOf, refusal, Siem } from './reader.ts';

const PAGE = 'docs/guides/pull.md';
const SETTINGS = 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0, dashboard: 0}\n';
const KILLS = 3;
const ROUNDS = 24;
const EVENTS_A_ROUND = 150;
const COME_MS_MAX = 60_000;
/** Some two seconds, in days. */
const KEPT_DAYS = 0.000_02;

/** A collector that is killed, and started again on the same directory. */
class Mortal {
  readonly #stage: Stage;
  #process: CollectorProcess;
  #reached: Promise<RunFile>;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#process = stage.launch();
    this.#reached = this.#process.ready();
  }

  get reached(): Promise<RunFile> {
    return this.#reached;
  }

  async kill(): Promise<void> {
    const before = this.#process;
    this.#reached = before.kill().then(() => {
      this.#process = this.#stage.launch();
      return this.#process.ready();
    });
    await this.#reached;
  }
}

/** Cursors and named consumers across `kill -9` while telemetry comes. */
export async function readsOnceAcrossKills(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  stage.configure(SETTINGS);
  const system = new Mortal(stage);
  const first = await system.reached;
  const token = await makeToken(first, stage.data, 'reader');
  await makeConsumer(first, token);
  const ids = new Set<string>();
  const pushing = pushAll(system, stage.data, ids);
  const siem = new Siem('events', token, () => system.reached);
  const named = new Named(system, token);
  let isOver = false;
  const reading = (async () => {
    for (let page = 0; !isOver; page++) await siem.page(`kind=tool.call&wait=1&limit=${page + 7}`);
    while (await siem.page('kind=tool.call&limit=5000'));
  })();
  const naming = (async () => {
    while (!isOver) await named.page();
    while (await named.page());
  })();
  await pushing;
  await sleep(1_000);
  isOver = true;
  await Promise.all([reading, naming]);
  // A consumer is told again what it has not acknowledged: each record at least once.
  const byName = [...new Map(named.read.map((one) => [one.index, one])).values()];
  for (const read of [siem.read, byName.sort((a, b) => a.index - b.index)]) {
    assertOnce(read, ids);
    const [some] = read;
    assert.throws(() => assertOnce(read.slice(1), ids), /lost/);
    assert.throws(() => assertOnce([...read, some!], ids));
  }
  assert.equal(ids.size, ROUNDS * EVENTS_A_ROUND);
}

/** All of it is acknowledged in the end; the system is killed `KILLS` times meanwhile. */
async function pushAll(system: Mortal, data: string, ids: Set<string>): Promise<void> {
  const every = Math.floor(ROUNDS / (KILLS + 1));
  for (let round = 0; round < ROUNDS; round++) {
    const events = Array.from({ length: EVENTS_A_ROUND }, (_, n) => {
      const id = `${round}.${n}`;
      ids.add(id);
      return { kind: 'tool.call', at: 1_764_000_000_000 + n, members: { 'tool.name': id } };
    });
    const isDeadly = round % every === every - 1 && round < KILLS * every;
    const killed = isDeadly ? sleep(Math.random() * 80).then(() => system.kill()) : undefined;
    for (;;) {
      try {
        await push({ run: await system.reached, data }, `load-${round % 5}`, events);
        break;
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        await sleep(50);
      }
    }
    await killed;
  }
}

async function makeConsumer(reached: RunFile, token: string): Promise<void> {
  const json = { stream: 'events', filter: { kind: 'tool.call' } };
  const made = await ask(reached, '/v1/consumers/siem', { token, method: 'PUT', json });
  assert.equal(made.status, 201, made.body.toString());
}

/** Reads as a named consumer: it keeps no place of its own. */
class Named {
  readonly read: Read[] = [];
  readonly #system: Mortal;
  readonly #token: string;

  constructor(system: Mortal, token: string) {
    this.#system = system;
    this.#token = token;
  }

  async page(): Promise<boolean> {
    try {
      const { status, headers, body } = await this.#ask('pull?limit=90', {});
      if (status !== 200) return true;
      this.read.push(...readsOf(body));
      const json = { cursor: headers.get('x-next-cursor') };
      const acked = await this.#ask('ack', { method: 'POST', json });
      return acked.status !== 200 || headers.get('x-has-more') === 'true';
    } catch {
      await sleep(50);
      return true;
    }
  }

  async #ask(what: string, asking: Omit<Asking, 'token'>) {
    const path = `/v1/consumers/siem/${what}`;
    return ask(await this.#system.reached, path, { token: this.#token, ...asking });
  }
}

/** What is wrong with a cursor or a token is said by its name, and nothing is given. */
export async function refusesByName(t: TestContext, system: System): Promise<void> {
  const { run: reached } = system;
  await push({ run: reached, data: system.data }, 'refused', [{ kind: 'tool.call' }]);
  const admin = adminToken(system.data);
  const token = await makeToken(reached, system.data, 'reader');
  const { headers } = await ask(reached, '/v1/pull/events?kind=tool.call&limit=1', { token });
  const cursor = headers.get('x-next-cursor')!;
  const path = `/v1/pull/events?kind=tool.call&cursor=${cursor}`;
  assert.equal((await ask(reached, path, { token })).status, 200);
  const flipped = cursor.slice(0, 9) + (cursor[9] === 'A' ? 'B' : 'A') + cursor.slice(10);
  const altered = path.replace(cursor, flipped);
  assert.equal(await refusal(reached, altered, token), '400 CURSOR_ALTERED');
  const other = path.replace('tool.call', 'tool.result');
  assert.equal(await refusal(reached, other, token), '400 CURSOR_FILTER_MISMATCH');
  const stream = `/v1/pull/checkpoints?cursor=${cursor}`;
  assert.equal(await refusal(reached, stream, token), '400 CURSOR_STREAM_MISMATCH');
  assert.equal(await refusal(reached, '/v1/pull/access', token), '403 FORBIDDEN');
  const theirs = new Stage(t);
  theirs.configure(SETTINGS);
  const foreign = await theirs.launch().ready();
  const there = await refusal(foreign, path, adminToken(theirs.data));
  assert.equal(there, '400 CURSOR_OTHER_LOG');
  const id = token.split('_')[1];
  const revoked = await callApi(reached, admin, 'DELETE', `/v1/tokens/${id}`);
  assert.equal(revoked.status, 200);
  assert.equal(await refusal(reached, path, token), '401 UNAUTHENTICATED');
}

/** Contents that were asked for and are not kept any more are no silent gap. */
export async function saysWhatIsLost(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  stage.configure(`${SETTINGS}retention: {parts: ${KEPT_DAYS}}\n`);
  const reached = await stage.launch().ready();
  const token = adminToken(stage.data);
  const path = '/v1/pull/events?format=otlp-json&parts=include';
  const start = await ask(reached, `${path}&from=latest`, { token });
  const cursor = start.headers.get('x-next-cursor')!;
  await push({ run: reached, data: stage.data }, 'kept', [{ kind: 'tool.call' }]);
  const lost = await until('the contents have expired', COME_MS_MAX, async () => {
    const { status, body } = await ask(reached, `${path}&cursor=${cursor}`, { token });
    return status === 410 ? (JSON.parse(body.toString()) as Record<string, unknown>) : undefined;
  });
  assert.equal(lost.code, 'CURSOR_EXPIRED');
  assert.ok(Number(lost.lost_to) >= Number(lost.lost_from));
  const on = await ask(reached, `${path}&cursor=${lost.oldest_cursor}`, { token });
  assert.equal(on.status, 200, on.body.toString());
  const records = path.replace('include', 'none');
  const whole = await ask(reached, `${records}&cursor=${cursor}`, { token });
  assert.equal(whole.status, 200);
  assert.match(whole.body.toString(), /"kept"/);
}

/** Whoever reads is a record that an auditor reads. */
export async function tellsWhoLooked(system: System): Promise<void> {
  const { run: reached } = system;
  const analyst = await makeToken(reached, system.data, 'analyst');
  const auditor = await makeToken(reached, system.data, 'auditor');
  const ofAnalyst = async (): Promise<Read[]> => {
    const path = '/v1/pull/access?kind=access&limit=5000';
    const { status, body } = await ask(reached, path, { token: auditor });
    assert.equal(status, 200, body.toString());
    const id = analyst.split('_')[1];
    return readsOf(body).filter(({ record }) => (record.by as { token?: string })?.token === id);
  };
  assert.deepEqual(await ofAnalyst(), []);
  for (let call = 0; call < 5; call++) {
    await ask(reached, '/v1/pull/alerts?severity_gte=high', { token: analyst });
  }
  const [look, ...others] = await until('who looked is told', COME_MS_MAX, async () => {
    const found = await ofAnalyst();
    return found.length > 0 ? found : undefined;
  });
  assert.equal(look!.record.action, 'pull.alerts');
  assert.equal(others.length, 0, 'five calls are one record');
}

/** The commands of the guide, in their order, in a shell. */
export async function goesByThePage(t: TestContext, system: System): Promise<void> {
  const { run: reached, data, dir } = system;
  await push({ run: reached, data }, 'typed', [{ kind: 'tool.call' }, { kind: 'tool.call' }]);
  const theirs = new Stage(t);
  theirs.configure(SETTINGS);
  const other = await theirs.launch().ready();
  writeFileSync(join(dir, 'other.token'), await makeToken(other, theirs.data, 'ingest'));
  const page = readFileSync(join(REPOSITORY, PAGE), 'utf8');
  const fences = [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  const commands = fences.map(([, language, lines]) => (language === '' ? lines : '')).join('');
  const script = [
    'set -euo pipefail',
    'npx() { shift 2; "$NODE" "$VITRINE" "$@"; }',
    commands
      .replaceAll('http://127.0.0.1:4319', reached.api)
      .replaceAll('http://127.0.0.1:5318', other.otlp_http)
      .replaceAll('.vitrine/', `${data}/`),
  ].join('\n');
  const [NODE, TOOL] = VITRINE;
  const env = userEnvironment({ NODE, VITRINE: TOOL, VITRINE_DATA: data });
  const { code, stdout, stderr } = await run(['bash', '-c', script], { cwd: dir, env });
  assert.equal(code, 0, `${PAGE}: ${stdout}${stderr}`);
  for (const name of ['siem.ndjson', 'siem.cursor', 'alerts.cursor', 'who-looked.ndjson']) {
    assert.ok(existsSync(join(dir, name)), `${PAGE}: no ${name}`);
  }
  const mine = readsOf(readFileSync(join(dir, 'siem.ndjson'))).filter(isTyped);
  assert.equal(mine.length, 2);
  const token = adminToken(theirs.data);
  const again = await until('the page is in the other log', COME_MS_MAX, async () => {
    const { body } = await ask(other, '/v1/pull/events?kind=tool.call', { token });
    const found = readsOf(body).filter(isTyped);
    return found.length === 2 ? found : undefined;
  });
  const said = (read: Read[]) =>
    read.map(({ record: { t, tool, source } }) => ({ t, tool, source }));
  assert.deepEqual(said(again), said(mine));
}

const isTyped = ({ session, kind }: Read): boolean => session === 'typed' && kind === 'tool.call';

/** The command that follows, ended and started again: each alert of the file once. */
export async function followsByCommand(system: System): Promise<void> {
  const { run: reached, data, dir } = system;
  const file = join(dir, 'followed.cursor');
  const words = ['pull', 'events', '--kind', 'tool.result', '--from', 'latest'];
  const follow = () => system.start(...words, '--follow', '--cursor-file', file);
  const first = follow();
  await until('the place is kept', COME_MS_MAX, async () => {
    await push({ run: reached, data }, 'followed', [{ kind: 'tool.result' }]);
    return existsSync(file) || undefined;
  });
  await first.says(/"followed"/);
  first.signal('SIGTERM');
  const before = await first.ended;
  assert.equal(before.code, 0, before.stderr);
  const second = follow();
  const event = { kind: 'tool.result', members: { 'tool.name': 'last' } };
  await push({ run: reached, data }, 'followed', [event]);
  await second.says(/"last"/);
  second.signal('SIGTERM');
  const after = await second.ended;
  const read = [before, after].flatMap(({ stdout }) => readsOf(Buffer.from(stdout)));
  const indices = read.map(({ index }) => index);
  assert.deepEqual(indices, [...new Set(indices)]);
}
