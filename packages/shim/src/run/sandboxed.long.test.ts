/**
 * What a sandboxed command can see and do, and what is told of it: real strace, bubblewrap, egress
 * proxy and shim; skipped where the machine lacks them, unless VITRINE_REQUIRE=all.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPath } from '@vitrine/schema';
import { fingerprint } from '../egress/credential.ts';
import { parseHostRule } from '../egress/host-rule.ts';
import { detectMachine } from '../sandbox/detect.ts';
import { StageProvider } from '../stage/provider.ts';
import { STAGE_KEY, StageSession, skipWithout } from '../stage/session.ts';

const SECRET = 'own-canary-secret-7731';
const FOREIGN = 'foreign-canary-secret-9942';
const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));
const machine = detectMachine();
const skip = skipWithout(machine);
let session: StageSession;
beforeEach(async () => {
  session = await StageSession.start(machine);
});
afterEach(() => session.end());

describe('a command in a sandbox', { skip }, () => {
  it('ends with its own exit code, and its session is told from first to last', async () => {
    const result = await session.run(
      'echo hello > made.txt; ln -s /etc/passwd esc; cat esc >/dev/null; exit 7',
    );
    assert.deepEqual(result, { exitCode: 7, session: 'made-up', whole: true });
    assert.deepEqual(session.collector.ended, ['made-up']);
    assert.equal(session.file('made.txt'), 'hello\n');
    assert.ok(session.paths('file.create').includes(join(session.workspace, 'made.txt')));
    const led = session.collector.of('file.read').find(({ fields }) => {
      return readPath(fields, 'file.path') === join(session.workspace, 'esc');
    });
    assert.equal(readPath(led?.fields, 'file.real_path'), '/etc/passwd');
    const first = session.collector.told.find(({ kind }) => kind === 'process.exec');
    assert.equal(readPath(first?.fields, 'process.exe'), '/usr/bin/sh');
    assert.ok(session.collector.told.every(({ vantage }) => vantage === 'boundary'));
    for (const shim of ['run', 'egress', 'strace']) {
      const own = session.collector.told.filter(
        ({ fields }) => readPath(fields, 'source.shim') === shim,
      );
      const numbers = own.map(({ fields }) => readPath(fields, 'source.seq'));
      assert.deepEqual(
        numbers,
        numbers.map((_, i) => i),
        `${shim} has no hole`,
      );
      assert.equal(own.at(-1)?.kind, 'telemetry.bye');
    }
    assert.equal(readPath(session.collector.of('session.end')[0]?.fields, 'process.exit_code'), 7);
  });

  it('is described with host, process, grants and what is absent', async () => {
    await session.run('true', {
      ro: [session.root],
      allow: [parseHostRule('a.example'), parseHostRule('b.example:80')],
    });
    const { description } = session.collector;
    assert.equal(description?.runtime, 'native');
    assert.equal(description?.host.process?.pid, process.pid);
    assert.match(description?.host.process?.start ?? '', /^\d+$/);
    assert.deepEqual(description?.hosts, ['a.example', 'b.example:80']);
    assert.deepEqual(description?.expected, ['boundary/run', 'boundary/egress', 'boundary/strace']);
    const grants = Object.fromEntries(
      description?.grants.map(({ path, mode }) => [path, mode]) ?? [],
    );
    assert.deepEqual(grants, { [session.root]: 'ro', [session.workspace]: 'rw' });
  });

  it('sees no network, no other process, no capability and no socket but ours', async () => {
    const decoy = join(session.workspace, 'decoy.sock');
    const server: Server = createServer().listen(decoy);
    await session.run(`cat /proc/net/route > route; cat /proc/net/dev > dev; ls /proc > proc
      grep Cap /proc/self/status > caps
      find /etc /opt /run /tmp /home /root /var . -xtype s > sockets 2>/dev/null
      touch /etc/x /usr/x /run/vitrine/x 2>/dev/null; mv /run/vitrine /run/away 2>/dev/null
      cat /etc/shadow > shadow 2>/dev/null; true`);
    server.close();
    assert.equal(session.file('route').trim().split('\n').length, 1, 'only the heading');
    const interfaces = [...session.file('dev').matchAll(/^ *(\w+):/gm)].map(([, name]) => name);
    assert.deepEqual(interfaces, ['lo']);
    assert.ok(
      session
        .file('proc')
        .split('\n')
        .filter((name) => /^\d+$/.test(name)).length < 6,
    );
    assert.doesNotMatch(session.file('caps'), /Cap(Inh|Prm|Eff|Bnd|Amb):\s*0*[1-9a-f]/);
    const sockets = session.file('sockets').trim().split('\n').toSorted();
    assert.deepEqual(sockets, ['/run/vitrine/egress.sock', '/run/vitrine/intake.sock']);
    assert.equal(session.file('shadow'), '');
    assert.equal(existsSync('/etc/x') || existsSync('/usr/x'), false);
  });

  it('sees grants as they were given, and never what is hidden', async () => {
    for (const name of ['ro', 'ws/data']) mkdirSync(join(session.root, name));
    writeFileSync(join(session.root, 'ro/keep'), 'kept');
    writeFileSync(join(session.root, 'ws/data/admin.token'), SECRET);
    await session.run('cat ../ro/keep > seen; echo x > ../ro/y; cat data/* > hidden', {
      ro: [join(session.root, 'ro')],
      hidden: [join(session.root, 'ws/data')],
    });
    assert.equal(session.file('seen'), 'kept');
    assert.equal(session.file('hidden'), '');
    assert.deepEqual(readdirSync(join(session.root, 'ro')), ['keep']);
    const denied = session.collector.told.find(
      ({ fields }) => readPath(fields, 'file.errno') === 'EROFS',
    );
    assert.equal(readPath(denied?.fields, 'file.path'), join(session.root, 'ro/y'));
  });

  it('is told with the mode of each mount, and what is as good as a delete', async () => {
    const keep = join(session.root, 'keep');
    mkdirSync(keep);
    for (const name of ['a', 'b', 'c', 'd', 'e']) writeFileSync(join(keep, name), name);
    await session.run(
      `cd ${keep}; cat a b c d e > /dev/null; rm a; : > b; mv c d; ln -s /etc/passwd out
      cat out > /dev/null; rm e; echo > e; mv b ${session.workspace}/`,
      { rwNoDelete: [keep] },
    );
    const { told, description } = session.collector;
    assert.deepEqual(
      description?.grants.find(({ path }) => path === keep),
      { path: keep, mode: 'rw_no_delete' },
    );
    const losses = told
      .filter(({ fields }) => readPath(fields, 'file.mount_mode') === 'rw_no_delete')
      .map(({ kind, fields }) => [
        kind,
        basename(String(readPath(fields, 'file.path'))),
        readPath(fields, 'file.delete_equivalent'),
        readPath(fields, 'file.existed'),
      ])
      .filter(([kind, , loss]) => kind === 'file.delete' || loss !== undefined);
    assert.deepEqual(losses, [
      ['file.delete', 'a', undefined, undefined],
      ['file.create', 'b', 'truncate', true],
      ['file.rename', 'c', 'rename_over', true],
      ['file.delete', 'e', undefined, undefined],
      ['file.create', 'e', 'replace', false],
      // From one mount to another `mv` copies, and deletes.
      ['file.delete', 'b', undefined, undefined],
    ]);
    const out = session.collector.of('file.read').find(({ fields }) => {
      return readPath(fields, 'file.path') === join(keep, 'out');
    });
    assert.equal(readPath(out?.fields, 'file.real_path'), '/etc/passwd');
    assert.equal(readPath(out?.fields, 'file.mount_mode'), undefined, 'it led out of all mounts');
  });

  it('has the credentials it was given; nobody else does', async () => {
    await session.run(`echo "$API_KEY" > key; true --token ${SECRET}; echo "$PATH" > path`, {
      credentials: [{ name: 'API_KEY', value: SECRET }],
      env: { EXTRA: '1' },
    });
    assert.equal(session.file('key').trim(), SECRET);
    assert.deepEqual(session.collector.description?.credentials, [
      fingerprint(Buffer.from(STAGE_KEY, 'hex'), SECRET),
    ]);
    const { told, description, files } = session.collector;
    const everything = JSON.stringify([told, description, session.said]) + files;
    assert.ok(files.includes('BEGIN CERTIFICATE') && files.includes('process.exec'));
    assert.ok(!everything.includes(SECRET), 'the secret was told');
    assert.ok(!files.includes('PRIVATE KEY'), 'a key was written');
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
    const result = await session.run(
      `curl -sS -o answer -H "x-api-key: ${FOREIGN}" --data-binary @/etc/passwd \\
        https://api.anthropic.com/v1/files
      curl -sS -o refused https://evil.example/ 2>/dev/null
      curl -s --noproxy '*' -m 1 http://93.184.216.34/; true`,
      { allow: [rule], credentials: [{ name: 'API_KEY', value: SECRET }] },
    );
    assert.equal(result.whole, true);
    assert.equal(session.file('answer'), '{"id":"file_1"}');
    const [request] = session.collector.of('egress.request');
    assert.equal(readPath(request?.fields, 'http.auth_provisioned'), false);
    assert.equal(readPath(request?.fields, 'http.function'), 'anthropic.files.create');
    const verdicts = session.collector
      .of('egress.tunnel')
      .map(({ fields }) => readPath(fields, 'decision.value'));
    assert.deepEqual(verdicts, ['accept', 'reject']);
    const direct = session.collector.of('net.connect').find(({ fields }) => {
      return readPath(fields, 'net.dst_ip') === '93.184.216.34';
    });
    assert.equal(readPath(direct?.fields, 'net.errno'), 'ENETUNREACH');
    assert.ok(!JSON.stringify(session.collector.told).includes(FOREIGN));
  });

  it('include the intake, where the agent speaks for itself', async () => {
    const log = { timeUnixNano: '5', eventName: 'tool.call', attributes: [] };
    const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [log] }] }] });
    writeFileSync(join(session.workspace, 'body.json'), body);
    await session.run(
      'curl -sS -H content-type:application/json -d @body.json $VITRINE_OTLP/v1/logs',
    );
    assert.deepEqual(
      session.collector.of('tool.call').map(({ vantage }) => vantage),
      ['agent'],
    );
  });

  it('include it for a gRPC exporter that looks where gRPC exporters do', async () => {
    const script = `import { createRequire } from 'node:module';
      const require = createRequire(${JSON.stringify(join(REPOSITORY, 'package.json'))});
      const { OTLPLogExporter } = require('@opentelemetry/exporter-logs-otlp-grpc');
      const { LoggerProvider, SimpleLogRecordProcessor } = require('@opentelemetry/sdk-logs');
      const processors = [new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter() })];
      const provider = new LoggerProvider({ processors });
      provider.getLogger('agent').emit({ eventName: 'tool.call' });
      await provider.shutdown();`;
    writeFileSync(join(session.workspace, 'agent.mjs'), script);
    await session.run(`${process.execPath} agent.mjs`, { ro: [REPOSITORY] });
    assert.deepEqual(
      session.collector.of('tool.call').map(({ vantage }) => vantage),
      ['agent'],
    );
  });

  it('include it for an agent that uses the SDK and has a proxy in its variables', async () => {
    const sdk = join(REPOSITORY, 'packages/shim/src/sdk/index.ts');
    const script = `import { startVitrine } from ${JSON.stringify(sdk)};
      const vitrine = await startVitrine({ endpoint: process.env.VITRINE_OTLP, shim: 'own' });
      await vitrine.event('tool.call', { 'tool.name': process.env.http_proxy ?? 'no proxy' });
      process.exitCode = (await vitrine.shutdown()) ? 0 : 9;`;
    writeFileSync(join(session.workspace, 'agent.mjs'), script);
    const grants = { ro: [REPOSITORY], allow: [parseHostRule('api.anthropic.com')] };
    const result = await session.run(`${process.execPath} agent.mjs`, grants);
    assert.equal(result.exitCode, 0);
    const [call] = session.collector.of('tool.call');
    assert.match(String(readPath(call?.fields, 'tool.name')), /^http:/);
    assert.deepEqual([call?.vantage, call?.fields.source], ['agent', { shim: 'own', seq: 1 }]);
    assert.equal(session.collector.of('egress.tunnel').length, 0, 'not through the proxy');
  });
});
