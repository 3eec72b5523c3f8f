/** Who may do what through the API and the intake: nobody without a token, each role its own. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { adminToken, callApi } from './api.ts';
import { storedRecords } from './clickhouse.ts';
import { Stage } from './collector-process.ts';
import { eventsOf } from './events.ts';
import { JSON_TYPE, jsonBody, post } from './otlp.ts';
import { System, vitrineIn } from './system.ts';
import { until } from './until.ts';

/** Statuses of an empty request: a login wants a body of its type. */
const OPEN_ROUTES: Record<string, number> = { '/healthz': 200, '/readyz': 200, '/v1/login': 415 };
const ROUTES_MIN = 20;
const SIGNALS = ['logs', 'traces', 'metrics'];
const ROLES = ['admin', 'analyst', 'auditor', 'ingest', 'reader', 'runtime'] as const;
type Role = (typeof ROLES)[number];
const SESSION = 'for-access';
const SEALED_MS_MAX = 15_000;

/** Made up, and of the right form. */
const FALSE_TOKEN = 'vt_0123456789abcdef0123456789abcdef0123456789abcdef';

export async function decidesEverywhere(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  const system = await System.up(stage);
  const tokens = await tokensOf(system);
  const part = await fillSession(system, tokens.ingest);
  await t.test('answers nothing without a token but its health', () => closedToAll(system));
  await t.test('gives each role its own', () => givesEachItsOwn(system, tokens, part));
  await t.test('an auditor’s bundle has no contents', () => withoutContents(stage, system, tokens));
  await t.test('a revoked token is none', () => revokes(system, tokens.reader));
  await system.stop();
}

async function tokensOf(system: System): Promise<Record<Role, string>> {
  const made = await Promise.all(
    ROLES.map((role) => system.text('token', 'create', '--role', role)),
  );
  return Object.fromEntries(ROLES.map((role, i) => [role, made[i]!.trim()])) as Record<
    Role,
    string
  >;
}

/** Returns the path of a content that is stored. */
async function fillSession(system: System, token: string): Promise<string> {
  assert.equal(await push(system, 'logs', token), 200);
  const row = await until('the event is sealed', SEALED_MS_MAX, async () => {
    return (await eventsOf(system, SESSION)).find(({ kind }) => kind === 'file.read');
  });
  const name = Object.keys(row.record.parts as object)[0];
  return `/v1/events/${row.log}/${row.index}/parts/${name}`;
}

async function push({ run }: System, signal: string, token?: string): Promise<number> {
  const body = jsonBody([{ id: 'one', session: SESSION, t: `${Date.now()}000000` }]);
  const url = `${run.otlp_http}/v1/${signal}`;
  const given = token === undefined ? {} : { token };
  return (await post({ url, type: JSON_TYPE, body, ...given })).status;
}

async function closedToAll(system: System): Promise<void> {
  const { run, data } = system;
  const { text } = await callApi(run, adminToken(data), 'GET', '/v1/openapi.json');
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, unknown>> };
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method, path: path.replace(/\{\w+\}|:\w+/g, '0') })),
  );
  assert.ok(routes.length > ROUTES_MIN, `${routes.length} routes`);
  for (const { method, path } of routes) {
    const wanted = OPEN_ROUTES[path] ?? 401;
    for (const headers of [{}, { authorization: `Bearer ${FALSE_TOKEN}` }]) {
      const answer = await fetch(new URL(path, run.api), { method, headers });
      assert.equal(answer.status, wanted, `${method} ${path}: ${await answer.text()}`);
    }
  }
  for (const signal of SIGNALS) {
    assert.equal(await push(system, signal), 401, signal);
    assert.equal(await push(system, signal, FALSE_TOKEN), 401, signal);
  }
}

const READERS: Role[] = ['admin', 'analyst', 'auditor', 'reader'];

/** Routes, and who is answered with something else than 403. */
function matrix(part: string): [route: string, roles: Role[]][] {
  return [
    ['GET /v1/sessions', READERS],
    [`GET /v1/sessions/${SESSION}/events`, READERS],
    ['GET /v1/rules', READERS],
    ['GET /v1/connectors', READERS],
    [`GET ${part}`, ['admin', 'analyst']],
    [`GET /v1/sessions/${SESSION}/bundle`, ['admin', 'analyst', 'auditor']],
    ['GET /metrics', ['admin']],
    ['GET /v1/tokens', ['admin']],
    ['POST /v1/tokens', ['admin']],
    ['DELETE /v1/tokens/0', ['admin']],
    ['GET /v1/connectors/none', READERS],
    ['GET /v1/connectors/none/dead-letters', READERS],
    ...['test', 'dry-run', 'pause', 'resume', 'replay', 'drop'].map((act): [string, Role[]] => [
      `POST /v1/connectors/none/${act}`,
      ['admin'],
    ]),
    ['GET /v1/sandboxes', [...READERS, 'runtime']],
    ['POST /v1/sandboxes', ['admin', 'runtime']],
    ['POST /v1/sandboxes/none/end', ['admin', 'runtime']],
    ['POST /v1/fsck', ['admin', 'auditor']],
  ];
}

async function givesEachItsOwn(
  system: System,
  tokens: Record<Role, string>,
  part: string,
): Promise<void> {
  for (const [route, roles] of matrix(part)) {
    const [method, path] = route.split(' ') as [string, string];
    for (const role of ROLES) {
      const body = method === 'POST' ? {} : undefined;
      const { status, text } = await callApi(system.run, tokens[role], method, path, body);
      const isRefused = status === 401 || status === 403;
      assert.equal(!isRefused, roles.includes(role), `${role}: ${route}: ${status} ${text}`);
      if (isRefused) assert.match(text, /"hint":/);
    }
  }
  for (const role of ROLES) {
    const allowed = role === 'admin' || role === 'ingest';
    assert.equal(await push(system, 'logs', tokens[role]), allowed ? 200 : 403, role);
  }
  const looked = await storedRecords(system.run, "kind = 'access'");
  const actions = looked.map(({ record }) => (JSON.parse(record) as { action: string }).action);
  for (const action of ['part.read', 'evidence.export', 'token.manage']) {
    assert.ok(actions.includes(action), `${action} left no record`);
  }
}

/** The same session for an analyst and for an auditor: both are proven, one without contents. */
async function withoutContents(
  { dir }: Stage,
  system: System,
  tokens: Record<Role, string>,
): Promise<void> {
  const folder = join(dir, 'auditor');
  mkdirSync(folder);
  writeFileSync(join(folder, 'trust.txt'), await system.text('trust'));
  const path = `/v1/sessions/${SESSION}/bundle`;
  for (const [role, wanted] of [
    ['analyst', 0],
    ['auditor', 3],
  ] as const) {
    const { text } = await callApi(system.run, tokens[role], 'GET', path);
    const { chains } = JSON.parse(text) as { chains: { parts: object | null }[] };
    const empty = chains.every(({ parts }) => parts === null);
    assert.equal(empty, role === 'auditor', `contents for the ${role}`);
    const file = `${role}.vitrine.json`;
    writeFileSync(join(folder, file), text);
    const verify = ['verify', file, '--trust', 'trust.txt'];
    const plain = await vitrineIn(folder, ...verify);
    assert.equal(plain.code, 0, plain.stdout);
    const strict = await vitrineIn(folder, ...verify, '--require-parts');
    assert.equal(strict.code, wanted, strict.stdout);
  }
}

async function revokes(system: System, token: string): Promise<void> {
  const ask = async (): Promise<number> => {
    return (await callApi(system.run, token, 'GET', '/v1/sessions')).status;
  };
  assert.equal(await ask(), 200);
  const list = await system.json<{ id: string; role: string }[]>('token', 'list');
  const { id } = list.find(({ role }) => role === 'reader')!;
  await system.text('token', 'revoke', id);
  assert.equal(await ask(), 401);
}
