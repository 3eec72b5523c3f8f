/**
 * `run` with a real mitmproxy on the way out of a real sandbox: what it opens and tells, what it
 * refuses, and who else on this machine can use it.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readPath } from '@vitrine/schema';
import { fingerprint } from '../egress/credential.ts';
import { parseHostRule } from '../egress/host-rule.ts';
import { detectMachine } from '../sandbox/detect.ts';
import { installedMitmdump, MITMPROXY_VERSION, skipWithoutMitmdump } from '../stage/mitmproxy.ts';
import { StageProvider } from '../stage/provider.ts';
import { STAGE_KEY, StageSession, skipWithout } from '../stage/session.ts';

const FOREIGN = 'foreign-canary-secret-9942';
const HOST = 'api.anthropic.com';
const NOBODY = 65_534;
const machine = detectMachine();
const mitmdump = installedMitmdump() ?? '';
const skip = skipWithout(machine) || skipWithoutMitmdump();
let session: StageSession;
let provider: StageProvider;
let providerDir: string;
const asked: string[] = [];

/** `mitmdump` of the run that is going on: its process and its port. */
async function running(): Promise<{ pid: number; port: number }> {
  for (let tries = 0; tries < 1_000; tries++) {
    for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
      const args = argumentsOf(name);
      const at = args.indexOf('--listen-port');
      if (at > 0 && args.some((arg) => arg.startsWith(`confdir=${session.collector.dir}/`))) {
        return { pid: Number(name), port: Number(args[at + 1]) };
      }
    }
    await sleep(20);
  }
  throw new Error('there is no mitmdump');
}

/** The command runs. */
async function begun(): Promise<void> {
  for (let tries = 0; tries < 1_500; tries++) {
    if (existsSync(join(session.workspace, 'begun'))) return;
    await sleep(10);
  }
  throw new Error('the command did not begin');
}

function argumentsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function rule() {
  return parseHostRule(`${HOST}=127.0.0.1:${provider.port}`, provider.caFile);
}

describe('a run with mitmproxy on its way out', { skip }, () => {
  before(async () => {
    providerDir = mkdtempSync(join(tmpdir(), 'vitrine-provider-'));
    provider = await StageProvider.start(providerDir, (request, response) => {
      asked.push(`${request.headers.host}${request.url}`);
      request.resume();
      request.on('end', () => response.end('{"id":"file_1"}'));
    });
  });
  after(async () => {
    await provider?.end();
    rmSync(providerDir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    asked.length = 0;
    session = await StageSession.start(machine);
  });
  afterEach(() => session.end());

  it('tells of every use, with TLS opened and credentials by fingerprint', async () => {
    const result = await session.run(
      `curl -sS -o answer -H "x-api-key: ${FOREIGN}" -d '{"tools":[{"type":"web_fetch_1"}]}' \\
        -H content-type:application/json https://${HOST}/v1/messages
      curl -s -o refused -w '%{http_connect}' https://evil.example/ > status; true`,
      { mitmdump, allow: [rule()] },
    );
    assert.equal(result.whole, true, session.said.join('\n'));
    assert.equal(session.file('answer'), '{"id":"file_1"}');
    assert.equal(session.file('status'), '403');
    const [request] = session.collector.of('egress.request');
    const member = (path: string) => readPath(request?.fields, path);
    assert.equal(member('http.function'), 'anthropic.messages.create');
    assert.deepEqual(member('http.fetch'), ['tools.web_fetch']);
    assert.equal(member('http.auth_fp'), fingerprint(Buffer.from(STAGE_KEY, 'hex'), FOREIGN));
    assert.equal(member('http.host'), HOST);
    assert.deepEqual([request?.vantage, member('source.shim')], ['boundary', 'mitmproxy']);
    const tunnels = session.collector.of('egress.tunnel').map(({ fields }) => {
      return [readPath(fields, 'http.host'), readPath(fields, 'decision.value')];
    });
    assert.deepEqual(tunnels, [
      [HOST, undefined],
      ['evil.example', 'reject'],
    ]);
    const expected = ['run', 'mitmproxy', 'strace'].map((name) => `boundary/${name}`);
    assert.deepEqual(session.collector.description?.expected, expected);
    const own = session.collector.told.filter(
      ({ fields }) => readPath(fields, 'source.shim') === 'mitmproxy',
    );
    assert.equal(readPath(own[0]?.fields, 'versions.mitmproxy'), MITMPROXY_VERSION);
    assert.equal(own.at(-1)?.kind, 'telemetry.bye');
    assert.deepEqual(
      own.map(({ fields }) => readPath(fields, 'source.seq')),
      own.map((_, i) => i),
    );
    assert.ok(!JSON.stringify(session.collector.told).includes(FOREIGN));
  });

  it('reaches nothing beside the hosts given, by whatever name it is asked', async (t) => {
    const plain = await StageProvider.startPlain((_, response) => response.end('inner'));
    t.after(() => plain.end());
    await session.run(
      `curl -s -o fronted -H 'Host: evil.example' https://${HOST}/fronted
      curl -s -o absolute --http1.1 --request-target https://evil.example/absolute https://${HOST}/
      curl -s -o plain -w '%{http_code}' http://${HOST}/ > status
      curl -s --noproxy '' -o inner -w '%{http_code}' http://localhost:${plain.port}/ > inner-status
      curl -s -o good https://${HOST}/good; true`,
      { mitmdump, allow: [rule(), parseHostRule(`localhost:${plain.port}`)] },
    );
    assert.deepEqual(asked, [`${HOST}/good`]);
    assert.equal(plain.connections, 0, 'a name led to an internal address');
    assert.deepEqual([session.file('status'), session.file('inner-status')], ['403', '502']);
    const denied = session.collector
      .of('egress.request')
      .filter(({ fields }) => readPath(fields, 'http.denied') === true);
    assert.deepEqual(
      denied.map(({ fields }) => readPath(fields, 'net.dst_port')),
      [80],
    );
    const fronted = session.collector.of('egress.request').filter(({ fields }) => {
      return readPath(fields, 'http.host_header') === 'evil.example';
    });
    assert.deepEqual(
      fronted.map(({ fields }) => readPath(fields, 'http.path')),
      ['/fronted', '/absolute'],
    );
    assert.ok(fronted.every(({ fields }) => readPath(fields, 'http.error') !== undefined));
  });

  it('serves plain HTTP, with a body each way', async (t) => {
    const plain = await StageProvider.startPlain((request, response) => request.pipe(response));
    t.after(() => plain.end());
    const allow = [parseHostRule(`files.example:80=127.0.0.1:${plain.port}`)];
    writeFileSync(join(session.workspace, 'body'), Buffer.alloc(300_000, 'x'));
    await session.run('curl -s -T body -o back http://files.example/a/b?c=d', { mitmdump, allow });
    assert.equal(session.file('back'), session.file('body'));
    // The answer may begin before the request has ended, and the request is told then.
    const [request] = session.collector.of('egress.request');
    assert.equal(readPath(request?.fields, 'http.path'), '/a/b');
    assert.equal(readPath(request?.fields, 'http.method'), 'PUT');
    const [response] = session.collector.of('egress.response');
    assert.equal(readPath(response?.fields, 'http.req_bytes'), 300_000);
  });

  const asRoot = process.getuid?.() === 0 ? false : 'needs root, to ask as another user';
  it('gives other users of this machine no connection', { skip: asRoot }, async () => {
    const script = `touch begun; while [ ! -e go ]; do sleep 0.05; done
      curl -s -o own https://${HOST}/own; true`;
    const ended = session.run(script, { mitmdump, allow: [rule()] });
    const { port } = await running();
    await begun();
    const args = ['-sk', '-x', `http://127.0.0.1:${port}`, `https://${HOST}/other`];
    const other = promisify(execFile)('curl', args, { uid: NOBODY, gid: NOBODY });
    await assert.rejects(other, ({ code }: { code: number }) => code !== 0);
    writeFileSync(join(session.workspace, 'go'), '');
    await ended;
    assert.deepEqual(asked, [`${HOST}/own`]);
  });

  it('says that sight was lost when mitmproxy is killed, and lets nothing out', async () => {
    const script = `touch begun; while [ ! -e go ]; do sleep 0.05; done
      curl -s -o late https://${HOST}/late; true`;
    const ended = session.run(script, { mitmdump, allow: [rule()] });
    const { pid } = await running();
    await begun();
    process.kill(pid, 'SIGKILL');
    for (let tries = 0; tries < 500; tries++) {
      if (session.collector.read().some(({ kind }) => kind === 'telemetry.drop')) break;
      await sleep(10);
    }
    writeFileSync(join(session.workspace, 'go'), '');
    await ended;
    assert.deepEqual(asked, []);
    const reasons = session.collector
      .of('telemetry.drop')
      .map(({ fields }) => readPath(fields, 'reason'));
    assert.ok(reasons.includes('mitmdump ended before the run'), reasons.join());
    assert.match(session.said.join('\n'), /mitmproxy ended before the session/);
  });

  it('leaves no mitmproxy behind when the process around it is killed', async () => {
    const script = 'touch begun; while [ ! -e go ]; do sleep 0.05; done';
    const ended = session.run(script, { mitmdump, allow: [rule()] });
    const { pid } = await running();
    await begun();
    const [, parent] = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
    process.kill(Number(parent), 'SIGKILL');
    for (let tries = 0; tries < 500 && argumentsOf(String(pid)).length > 0; tries++)
      await sleep(10);
    const left = argumentsOf(String(pid)).length > 0;
    if (left) process.kill(pid, 'SIGKILL');
    writeFileSync(join(session.workspace, 'go'), '');
    await ended;
    assert.equal(left, false);
  });

  it('does not begin without a mitmdump that runs', async () => {
    const mitmdump = join(session.root, 'none');
    await assert.rejects(session.run('true', { mitmdump }), { code: 'PROCESS_FAILED' });
    assert.match(session.said.join('\n'), /mitmdump/);
  });
});
