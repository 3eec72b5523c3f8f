import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOGIN_TOKEN_MS } from '@vitrine/schema';
import { type Collector, startCollector } from '../../main.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-login-'));
const WAIT_MS_MAX = 15_000;
let collector: Collector;
let admin = '';

before(async () => {
  const ports = '{api: 0, otlp_http: 0, otlp_grpc: 0, dashboard: 0}';
  writeFileSync(join(dataDir, 'vitrine.yaml'), `listen: ${ports}\n`);
  const onFatal = (error: unknown): void => assert.fail(String(error));
  collector = await startCollector({ dataDir, log: () => {}, onFatal });
  admin = readFileSync(collector.adminTokenFile, 'utf8').trim();
});

after(async () => {
  await collector.stop();
  rmSync(dataDir, { recursive: true });
});

/** An access record. */
interface Said {
  action: string;
  by: { token: string; role: string };
  target: { name: string };
}

interface Answer {
  status: number;
  body: Record<string, string>;
}

async function call(method: string, path: string, token: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(collector.api + path, {
    method,
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

const codeBy = async (token: string): Promise<string> =>
  (await call('POST', '/v1/login-codes', token)).body.code!;
const login = (code: unknown): Promise<Answer> => call('POST', '/v1/login', '', { code });
const tokenOf = async (role: string): Promise<string> =>
  (await call('POST', '/v1/tokens', admin, { role })).body.token!;

describe('the login', () => {
  it('gives a code, once, for a token of its maker’s role that ends', async () => {
    const asked = Date.now();
    const { status, body } = await login(await codeBy(admin));
    assert.equal(status, 200);
    assert.equal(body.role, 'admin');
    const lives = Date.parse(body.expires!) - asked;
    assert.ok(lives >= LOGIN_TOKEN_MS && lives < LOGIN_TOKEN_MS + WAIT_MS_MAX, `${lives} ms`);
    assert.equal((await call('GET', '/v1/sessions', body.token!)).status, 200);
  });

  it('lets an admin ask somebody in, by their name and with a role of their own', async () => {
    const asked = await call('POST', '/v1/login-codes', admin, { role: 'analyst', name: ' Ada ' });
    const { body } = await login(asked.body.code);
    assert.equal(body.role, 'analyst');
    assert.equal((await call('POST', '/v1/tokens', body.token!, { role: 'admin' })).status, 403);
    const listed = (await call('GET', '/v1/tokens', admin)).body.items as unknown as {
      note: string;
    }[];
    assert.ok(listed.some(({ note }) => note === 'dashboard: Ada'));
    assert.equal((await call('POST', '/v1/logout', body.token!)).status, 200);
    for (const wrong of [{ role: 'ingest' }, { role: 7 }, { name: 'x'.repeat(129) }, { name: 7 }]) {
      const { status } = await call('POST', '/v1/login-codes', admin, wrong);
      assert.equal(status, 400, JSON.stringify(wrong));
    }
  });

  it('refuses the same code again, a wrong one, and what is no code', async () => {
    const code = await codeBy(admin);
    await login(code);
    const again = await login(code);
    assert.deepEqual([again.status, again.body.code], [401, 'LOGIN_CODE_USED']);
    const wrong = await login('x');
    assert.deepEqual([wrong.status, wrong.body.code], [401, 'LOGIN_CODE_UNKNOWN']);
    assert.match(wrong.body.hint!, /vitrine login/);
    for (const none of [undefined, 7, null, ['a']]) {
      assert.equal((await login(none)).body.code, 'BAD_REQUEST');
    }
  });

  it('gives two who come at the same time one token', async () => {
    const code = await codeBy(admin);
    const answers = await Promise.all([login(code), login(code), login(code)]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401]);
  });

  it('lets only an admin make links', async () => {
    for (const role of ['reader', 'analyst', 'auditor', 'ingest', 'runtime']) {
      const refused = await call('POST', '/v1/login-codes', await tokenOf(role));
      assert.equal(refused.status, 403, role);
    }
    assert.equal((await call('POST', '/v1/login-codes', '')).status, 401);
  });

  it('takes no link whose maker’s token was revoked meanwhile', async () => {
    const second = await tokenOf('admin');
    const code = await codeBy(second);
    await call('DELETE', `/v1/tokens/${second.split('_')[1]}`, admin);
    assert.equal((await login(code)).body.code, 'LOGIN_CODE_EXPIRED');
  });

  it('ends with the logout, which ends no other token', async () => {
    const { token } = (await login(await codeBy(admin))).body;
    assert.equal((await call('POST', '/v1/logout', admin)).status, 400);
    assert.equal((await call('GET', '/v1/sessions', admin)).status, 200);
    assert.equal((await call('POST', '/v1/logout', token!)).status, 200);
    assert.equal((await call('GET', '/v1/sessions', token!)).status, 401);
  });

  it('is written into the log with who it was', async () => {
    const { token } = (await login(await codeBy(admin))).body;
    await call('POST', '/v1/logout', token!);
    const by = { token: admin.split('_')[1], role: 'admin' };
    const left = { token: token!.split('_')[1], role: 'admin' };
    const deadline = Date.now() + WAIT_MS_MAX;
    let said: Said[] = [];
    while (Date.now() < deadline && said.at(-1)?.by.token !== left.token) {
      await sleep(50);
      const { body } = await call('GET', '/v1/events?kind=access&limit=1000', admin);
      said = (body.items as unknown as { record: Said }[]).map(({ record }) => record);
    }
    const target = { name: 'dashboard' };
    const last = said.slice(-2);
    assert.partialDeepStrictEqual(last[0], { action: 'dashboard.login', by, target });
    assert.partialDeepStrictEqual(last[1], { action: 'dashboard.logout', by: left, target });
  });
});
