import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { NAME_CHARS_MAX, QUERY_ROWS_MAX, SEAL_INTERVAL_MS_MIN } from '@vitrine/schema';
import { Connection } from '../client/connection.ts';
import { openStore } from '../open.ts';
import { enginePackage, findEngine, machineSearch } from './find.ts';
import { EngineSupervisor } from './supervisor.ts';

const root = mkdtempSync(join(tmpdir(), 'vitrine-engine-'));
const dir = join(root, 'store');
const lines: string[] = [];
const log = (line: string): void => {
  lines.push(line);
};
let engine: EngineSupervisor;
let connection: Connection;

before(async () => {
  engine = await EngineSupervisor.start({ dir, database: 'vitrine', log });
  const { url, app } = engine;
  connection = new Connection({ url, ...app, database: 'system', up: () => engine.up });
});

after(async () => {
  await connection.close();
  await engine.close();
  rmSync(root, { recursive: true, force: true });
});

interface Answer {
  status: number;
  code: string | null;
  text: string;
}

async function ask(sql: string, user: string, password: string): Promise<Answer> {
  const headers = { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password };
  const response = await fetch(`${engine.url}/?default_format=TSV`, {
    method: 'POST',
    body: sql,
    headers,
  });
  const code = response.headers.get('x-clickhouse-exception-code');
  return { status: response.status, code, text: await response.text() };
}

describe('the embedded engine', () => {
  it('listens, and says what is wrong in its headers', async () => {
    const { user, password } = engine.app;
    assert.equal((await ask('SELECT 40 + 2', user, password)).text.trim(), '42');
    const unknown = await ask('SELECT * FROM vitrine.nothing', user, password);
    assert.notEqual(unknown.status, 200);
    assert.match(unknown.code ?? '', /^(60|81)$/);
  });

  it('lets nobody in without its secret', async () => {
    const { app, reader } = engine;
    assert.match(app.password, /^[0-9a-f]{64}$/);
    assert.notEqual(app.password, reader.password);
    for (const { user } of [app, reader]) {
      for (const password of ['', 'wrong', `${app.password}0`]) {
        assert.equal((await ask('SELECT 1', user, password)).code, '516');
      }
    }
  });

  it('leaves the user it started as nothing to do', async () => {
    for (const sql of [
      'SYSTEM STOP LISTEN HTTP',
      "SELECT * FROM file('/etc/passwd', LineAsString)",
      'SELECT name FROM system.tables',
      'SELECT count() FROM system.numbers',
      'SELECT * FROM system.users',
      'CREATE DATABASE mine',
      "SELECT * FROM url('http://127.0.0.1:1/', LineAsString)",
    ]) {
      assert.match((await ask(sql, 'default', '')).code ?? '', /^(201|497)$/, sql);
    }
    assert.equal(await connection.ping(), true);
  });

  it('gives its writer no files, no network and no other database', async () => {
    const { user, password } = engine.app;
    for (const sql of [
      "SELECT * FROM file('/etc/passwd', LineAsString)",
      "SELECT * FROM url('http://127.0.0.1:1/', LineAsString)",
      'CREATE DATABASE other',
    ]) {
      assert.equal((await ask(sql, user, password)).code, '497', sql);
    }
  });

  it('keeps directory and configuration to the owner', () => {
    assert.equal(statSync(dir).mode & 0o777, 0o700);
    const [configuration] = readdirSync(dir).filter((name) => name.startsWith('engine-'));
    const inside = join(dir, configuration!);
    assert.equal(statSync(inside).mode & 0o777, 0o700);
    for (const name of readdirSync(inside)) {
      assert.equal(statSync(join(inside, name)).mode & 0o777, 0o600);
      assert.ok(!readFileSync(join(inside, name), 'utf8').includes(engine.app.password));
    }
  });

  it('bounds every read in time and rows', async () => {
    const slow = 'SELECT sleepEachRow(0.1) FROM numbers(30) SETTINGS max_block_size = 1';
    const soon = { max_execution_time: 1 };
    await assert.rejects(connection.rows(slow, {}, soon), { code: 'READ_TIMEOUT' });
    const many = 'SELECT 1 FROM numbers({n:UInt64})';
    const whole = await connection.rows(many, { n: QUERY_ROWS_MAX });
    assert.equal(whole.length, QUERY_ROWS_MAX);
    const more = connection.rows(many, { n: QUERY_ROWS_MAX + 1 });
    await assert.rejects(more, { code: 'READ_TOO_LARGE' });
    await assert.rejects(connection.rows('INSERT INTO x VALUES (1)', {}), { code: 'READ_FAILED' });
  });

  it('takes long lists as parameters', async () => {
    const names = Array.from({ length: 2_001 }, (_, i) => `${i}-`.padEnd(NAME_CHARS_MAX, 'n'));
    const rows = await connection.rowsOfList<{ n: string }>(
      'SELECT arrayJoin({names:Array(String)}) AS n',
      {},
      'names',
      names,
    );
    assert.deepEqual(
      rows.map(({ n }) => n),
      names,
    );
  });

  it('is refused a second time on one directory, and the first goes on', async () => {
    const second = EngineSupervisor.start({ dir, database: 'vitrine', log });
    await assert.rejects(second, { code: 'STORE_LOCKED' });
    const configurations = readdirSync(dir).filter((name) => name.startsWith('engine-'));
    assert.equal(configurations.length, 1);
    assert.equal(await connection.ping(), true);
  });

  it('comes back on the same port with the same secrets when it is killed', async () => {
    const { url } = engine;
    const reasons: string[] = [];
    engine.onExit((reason) => reasons.push(reason));
    process.kill(engine.pid!, 'SIGKILL');
    while (engine.up) await sleep(5);
    await assert.rejects(connection.rows('SELECT 1', {}), { code: 'ENGINE_AWAY' });
    assert.equal(await connection.ping(), false);
    while (!(await connection.ping())) await sleep(20);
    assert.equal(engine.url, url);
    assert.equal(reasons.length, 1);
    assert.ok(lines.some((line) => line.includes('the engine is back')));
  });
});

describe('starting an engine', () => {
  const nothing = {
    resolve: (name: string): string => {
      throw new Error(`Cannot find module '${name}'`);
    },
    path: [root],
  };

  it('names the package that is missing', async () => {
    const name = enginePackage(process.platform, process.arch);
    assert.throws(() => findEngine(nothing), { code: 'ENGINE_MISSING', message: new RegExp(name) });
    const open = openStore({ mode: 'embedded', dir: join(root, 'no') }, log, { search: nothing });
    await assert.rejects(open, { code: 'ENGINE_MISSING', hint: /clickhouse binary on PATH/ });
  });

  it('takes a clickhouse binary on PATH instead, and says so', async () => {
    const bin = mkdtempSync(join(root, 'bin-'));
    writeFileSync(join(bin, 'clickhouse'), fakeBinary());
    chmodSync(join(bin, 'clickhouse'), 0o700);
    const search = { ...nothing, path: [root, bin] };
    const place = join(root, 'by-binary');
    const other = await EngineSupervisor.start({ dir: place, database: 'vitrine', log, search });
    try {
      assert.ok(lines.some((line) => line.includes(`using ${join(bin, 'clickhouse')} local`)));
      const { url, app } = other;
      const reached = new Connection({ url, ...app, database: 'system', up: () => other.up });
      assert.deepEqual(await reached.rows('SELECT 1 AS one', {}), [{ one: 1 }]);
      await reached.close();
    } finally {
      await other.close();
    }
  });

  it('says that a port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    const open = openStore({ mode: 'embedded', dir: join(root, 'port'), port }, log);
    await assert.rejects(open, { code: 'PORT_IN_USE' });
    holder.close();
  });

  it('ends with the process that started it, however that ends', async () => {
    const script = join(root, 'parent.mjs');
    const supervisor = new URL('supervisor.ts', import.meta.url).href;
    const options = { dir: join(root, 'orphan'), database: 'vitrine' };
    writeFileSync(
      script,
      `import { EngineSupervisor } from '${supervisor}';
       const options = ${JSON.stringify(options)};
       const engine = await EngineSupervisor.start({ ...options, log() {} });
       console.log(engine.pid);`,
    );
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(said.toString());
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    for (let tries = 0; isAlive(pid); tries++) {
      assert.ok(tries < 200, 'the engine has outlived its parent');
      await sleep(SEAL_INTERVAL_MS_MIN);
    }
  });
});

/** Does what the binary does, with the library. */
function fakeBinary(): string {
  const { path } = findEngine(machineSearch());
  const ffi = import.meta.resolve('ffi-rs');
  return `#!${process.execPath}
    const { fileURLToPath } = require('node:url');
    const { DataType, load, open } = require(fileURLToPath('${ffi}'));
    if (process.argv[2] !== 'local') process.exit(9);
    const args = ['clickhouse', ...process.argv.slice(3)];
    open({ library: 'engine', path: ${JSON.stringify(path)} });
    load({ library: 'engine', funcName: 'chdb_query_cmdline', retType: DataType.External,
      paramsType: [DataType.I32, DataType.StringArray], paramsValue: [args.length, args] });
  `;
}

/** A zombie that its new parent has not yet taken counts as gone. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
