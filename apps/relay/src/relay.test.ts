import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtoExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import type { JsonObject } from '@vitrine/schema';
import { MAC_KEY, pathsOf, tempDir } from '../test/bed.ts';
import { fileReads, send, sendLogs } from '../test/client.ts';
import { configOf, ENTRY, isGone, launch, pullAll, socketsOf, start } from '../test/process.ts';
import { Reader } from '../test/reader.ts';

/** Severity number of OTLP. */
const INFO = 9;

/** A TCP port in front of a Unix socket: the official exporters know no other address. */
async function portOf(t: TestContext, socketPath: string): Promise<number> {
  const bridge = createServer((from) => {
    const to = connect(socketPath);
    from.pipe(to).pipe(from);
    from.on('error', () => to.destroy());
    to.on('error', () => from.destroy());
  });
  await new Promise<void>((resolve) => bridge.listen(0, '127.0.0.1', resolve));
  t.after(() => bridge.close());
  return (bridge.address() as AddressInfo).port;
}

describe('a relay process', () => {
  for (const [name, Exporter] of [
    ['protobuf', ProtoExporter],
    ['JSON', JsonExporter],
  ] as const) {
    it(`takes what the official exporter sends in ${name}`, async (t) => {
      const dir = tempDir(t);
      const { agent, opp } = socketsOf(dir);
      await start(t, configOf(dir));
      const url = `http://127.0.0.1:${await portOf(t, agent)}/v1/logs`;
      const exporter = new Exporter({ url });
      const provider = new LoggerProvider({
        processors: [new BatchLogRecordProcessor({ exporter })],
      });
      const logger = provider.getLogger('claude_code.events');
      for (let i = 0; i < 20; i++) {
        const attributes = { 'event.name': 'user_prompt', 'session.id': 'abc', prompt: `p${i}` };
        logger.emit({
          body: 'claude_code.user_prompt',
          severityNumber: INFO,
          attributes,
        });
      }
      await provider.shutdown();
      const reader = new Reader(MAC_KEY);
      await pullAll(opp, reader);
      const others = reader.of('agent').filter(({ record }) => record.kind === 'other');
      assert.equal(others.length, 20);
      const [{ record, parts }] = others as [(typeof others)[0]];
      assert.deepEqual(record.agent, { session: 'abc' });
      assert.equal((record.source as JsonObject).event, 'claude_code.user_prompt');
      assert.match(String(parts.otlp), /"stringValue":"p0"/);
    });
  }

  it('lets only the agent’s socket be opened by others', async (t) => {
    const dir = tempDir(t);
    await start(t, configOf(dir));
    const { agent, host, opp } = socketsOf(dir);
    const modes = [agent, host, opp, `${dir}/spool`].map((path) => statSync(path).mode & 0o777);
    assert.deepEqual(modes, [0o666, 0o600, 0o600, 0o700]);
  });

  for (const how of ['SIGTERM', 'SIGINT', 'the end of its input'] as const) {
    it(`ends its chains and itself on ${how}`, async (t) => {
      const dir = tempDir(t);
      const { agent, host, opp } = socketsOf(dir);
      const first = await start(t, configOf(dir));
      await sendLogs(agent, fileReads(['a']));
      const waiting = { chain: `s1/${first.boot}.host`, after_seq: 0, wait_ms: 20_000 };
      const long = send(opp, '/opp/v1/pull', { body: JSON.stringify(waiting) });
      if (how === 'the end of its input') first.child.stdin?.end();
      else first.child.kill(how);
      assert.equal(await first.ended, 0);
      assert.equal((await long).status, 200);
      assert.deepEqual([agent, host, opp, `${dir}/spool/lock`].map(isGone), [
        true,
        true,
        true,
        true,
      ]);

      const second = await start(t, configOf(dir));
      const reader = new Reader(MAC_KEY);
      await pullAll(opp, reader);
      const own = reader.chains.get(`s1/${first.boot}.agent`)!.map(({ record }) => record.kind);
      assert.deepEqual(own, ['telemetry.hello', 'file.read', 'telemetry.bye']);
      const hello = reader.chains.get(`s1/${second.boot}.agent`)![0]!.record;
      const { chain, seq } = hello.previous as JsonObject;
      assert.deepEqual([chain, seq], [`s1/${first.boot}.agent`, 2]);
      assert.deepEqual(Object.keys(hello.versions as JsonObject), ['node', 'relay']);
    });
  }

  it('reads a configuration that comes in pieces, on many lines', async (t) => {
    const dir = tempDir(t);
    const { child } = launch(t, ['--config', '-']);
    const text = JSON.stringify(configOf(dir), null, 2);
    for (let i = 0; i < text.length; i += 100) {
      child.stdin.write(text.slice(i, i + 100));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const line = await new Promise((resolve) => child.stdout.once('data', resolve));
    assert.match(String(line), /^\{"ready":true,"boot":"[0-9a-f]{16}"\}\n$/);
  });

  it('takes a configuration that is a file away, and lives on without its parent', async (t) => {
    const dir = tempDir(t);
    const file = `${dir}/relay.json`;
    writeFileSync(file, JSON.stringify(configOf(dir)), { mode: 0o600 });
    // A second name of the same file shows what is left of its bytes.
    linkSync(file, `${dir}/copy`);
    const { child, ended } = launch(t, ['--config', file]);
    child.stdin.end();
    await new Promise((resolve) => child.stdout.once('data', resolve));
    assert.equal(isGone(file), true);
    assert.equal(
      readFileSync(`${dir}/copy`).every((byte) => byte === 0),
      true,
    );
    assert.equal((await sendLogs(socketsOf(dir).agent, fileReads(['a']))).status, 200);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
  });

  it('runs on where its standard input is a file, which nobody holds', async (t) => {
    const dir = tempDir(t);
    const file = `${dir}/relay.json`;
    writeFileSync(file, JSON.stringify(configOf(dir)), { mode: 0o600 });
    const shell = ['-c', 'exec "$0" "$1" --config - < "$2"', process.execPath, ENTRY, file];
    const child = spawn('sh', shell, { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    assert.equal((await sendLogs(socketsOf(dir).agent, fileReads(['a']))).status, 200);
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  it('takes the agent’s OTLP on a port of the loopback interface', async (t) => {
    const dir = tempDir(t);
    const intakes = [{ listen: '127.0.0.1:0', vantage: 'agent' }];
    const { child } = launch(t);
    child.stdin.write(JSON.stringify(configOf(dir, { intakes })));
    const line = await new Promise((resolve) => child.stdout.once('data', resolve));
    const { otlp } = JSON.parse(String(line)) as { otlp: string[] };
    assert.match(otlp[0]!, /^http:\/\/127\.0\.0\.1:\d+$/);
    const headers = { 'content-type': 'application/x-protobuf' };
    const body = new Uint8Array(fileReads(['over tcp']));
    const answer = await fetch(`${otlp[0]}/v1/logs`, { method: 'POST', headers, body });
    assert.equal(answer.status, 200);
    const reader = new Reader(MAC_KEY);
    await pullAll(socketsOf(dir).opp, reader);
    assert.deepEqual(pathsOf(reader, 'agent'), ['over tcp']);
  });

  const WRONG: [what: string, args: string[], input: string, says: RegExp][] = [
    ['an argument', ['--help'], '', /CONFIG_INVALID.*--config - or --config FILE/],
    ['no such file', ['--config', '/nowhere'], '', /CONFIG_INVALID.*ENOENT/],
    ['no configuration', [], '', /CONFIG_INVALID.*no JSON/],
    ['a wrong one', [], '{"session":"x"}', /CONFIG_INVALID.*mac_key/],
    ['an endless one', [], ' '.repeat(70_000), /CONFIG_INVALID/],
  ];
  for (const [what, args, input, says] of WRONG) {
    it(`ends with 2 and a sentence on ${what}`, async (t) => {
      const { child, ended, stderr } = launch(t, args);
      child.stdin.write(input);
      if (input.length < 100) child.stdin.end();
      assert.equal(await ended, 2);
      assert.match(stderr(), says);
    });
  }

  it('ends with 1 when another relay has its spool or its socket', async (t) => {
    const dir = tempDir(t);
    await start(t, configOf(dir));
    const spool = launch(t);
    spool.child.stdin.write(JSON.stringify(configOf(dir, { opp_socket: `${dir}/other.sock` })));
    assert.equal(await spool.ended, 1);
    assert.match(spool.stderr(), /SPOOL_LOCKED/);
    const socket = launch(t);
    socket.child.stdin.write(JSON.stringify(configOf(dir, { spool_dir: `${dir}/other` })));
    assert.equal(await socket.ended, 1);
    assert.match(socket.stderr(), /SOCKET_IN_USE/);
    const reader = new Reader(MAC_KEY);
    await sendLogs(socketsOf(dir).agent, fileReads(['still there']));
    await pullAll(socketsOf(dir).opp, reader);
    assert.deepEqual(pathsOf(reader, 'agent'), ['still there']);
  });
});
