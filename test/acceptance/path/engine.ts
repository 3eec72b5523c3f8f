/** What the embedded engine keeps from others on this machine, and that it ends with its owner. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { engineOf } from './collector-process.ts';
import { descendantsOf, isAlive } from './processes.ts';
import { listensAt } from './sockets.ts';
import type { System } from './system.ts';
import { until } from './until.ts';

/** 127.0.0.1 as `/proc/net/tcp` writes it. */
const LOOPBACK = '0100007F:';
const GONE_MS_MAX = 10_000;
const ACCESS_DENIED = 497;
const READONLY = 164;
const QUOTA_EXCEEDED = 201;
const AUTHENTICATION_FAILED = 516;

interface Question {
  user: string;
  password: string;
  query: string;
  codes: number[];
}

/** Ends the system: its collector is killed. */
export async function keepsToItself(system: System): Promise<void> {
  const { store, pid } = system.run;
  const { user, password } = store;
  const asReader = (query: string, ...codes: number[]): Question => {
    return { user, password, query, codes };
  };
  const questions = [
    asReader("INSERT INTO records (log) VALUES ('x')", ACCESS_DENIED, READONLY),
    asReader('ALTER TABLE records DELETE WHERE 1', ACCESS_DENIED, READONLY),
    asReader('DROP TABLE records', ACCESS_DENIED, READONLY),
    asReader('SYSTEM SHUTDOWN', ACCESS_DENIED, READONLY),
    asReader("SELECT * FROM file('/etc/passwd', 'LineAsString')", ACCESS_DENIED, READONLY),
    asReader("SELECT * FROM url('http://127.0.0.1/', 'LineAsString')", ACCESS_DENIED, READONLY),
    asReader('SELECT count() FROM records SETTINGS readonly = 0', READONLY),
    { user, password: `${password}0`, query: 'SELECT 1', codes: [AUTHENTICATION_FAILED] },
    { user: 'app', password: '', query: 'SELECT 1', codes: [AUTHENTICATION_FAILED] },
    {
      user: 'default',
      password: '',
      query: 'SELECT count() FROM records',
      codes: [ACCESS_DENIED, QUOTA_EXCEEDED],
    },
  ];
  assert.equal(await codeOf(store.url, asReader('SELECT count() FROM records')), 0);
  for (const question of questions) {
    const code = await codeOf(store.url, question);
    assert.ok(question.codes.includes(code), `${question.user}: ${question.query}: ${code}`);
  }
  assertPrivate(system.data, password);
  const engine = descendantsOf(pid).find((seen) => seen.pid === engineOf(pid));
  assert.ok(engine !== undefined, 'the collector has no engine');
  const addresses = listensAt(engine.pid);
  assert.ok(addresses.length > 0 && addresses.every((at) => at.startsWith(LOOPBACK)));
  process.kill(pid, 'SIGKILL');
  await until('the engine ends with its owner', GONE_MS_MAX, () => !isAlive(engine) || undefined);
}

/** The engine's error code; 0 of an answer. */
async function codeOf(url: string, { user, password, query }: Question): Promise<number> {
  const response = await fetch(new URL('/?database=vitrine', url), {
    method: 'POST',
    headers: { 'x-clickhouse-user': user, 'x-clickhouse-key': password },
    body: query,
  });
  const text = await response.text();
  if (response.ok) return 0;
  return Number(/^Code: (\d+)/.exec(text)?.[1]);
}

/** Passwords stand in one file, and nobody else on the machine reads any of these. */
function assertPrivate(data: string, password: string): void {
  const settings = readdirSync(join(data, 'store'))
    .filter((name) => name.startsWith('engine-'))
    .flatMap((name) => readdirSync(join(data, 'store', name)).map((file) => join(name, file)))
    .map((name) => join('store', name));
  assert.ok(settings.length >= 2, 'the engine has no configuration');
  for (const name of [...settings, 'run.json', 'admin.token', 'keys/fingerprint.key']) {
    const path = join(data, name);
    assert.equal(statSync(path).mode & 0o077, 0, `others can read ${name}`);
    const tells = readFileSync(path, 'utf8').includes(password);
    assert.equal(tells, name === 'run.json', `the reader’s password in ${name}`);
  }
}
