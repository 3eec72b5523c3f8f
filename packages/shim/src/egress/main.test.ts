/**
 * The egress proxy as the process that `run` starts: what it reports over gRPC, in which order, and
 * what it does when nobody takes it.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPath } from '@vitrine/schema';
import { askTls, connect } from '../stage/client.ts';
import { StageIntake } from '../stage/intake.ts';
import { StageProvider } from '../stage/provider.ts';
import { parseHostRule } from './host-rule.ts';
import type { EgressSettings } from './main.ts';

const ENTRY = fileURLToPath(new URL('../../bin/shim.mjs', import.meta.url));

let intake: StageIntake;
let provider: StageProvider;
let child: ChildProcess;
let socket: string;
let said = '';

beforeEach(async () => {
  intake = await new StageIntake().start();
  provider = await StageProvider.start(intake.dir, (request, response) => {
    request.resume().on('end', () => response.end('{}'));
  });
  socket = join(intake.dir, 'egress.sock');
  const settings: EgressSettings = {
    socket,
    intake: intake.socket,
    certificateFile: join(intake.dir, 'ca.pem'),
    fingerprintKey: '22'.repeat(32),
    rules: [parseHostRule(`api.example.com=127.0.0.1:${provider.port}`, provider.caFile)],
    provisioned: [],
  };
  said = '';
  child = spawn(process.execPath, [ENTRY, 'egress'], { env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stderr!.on('data', (chunk) => {
    said += chunk;
  });
  child.stdin!.write(`${JSON.stringify(settings)}\n`);
  await once(child.stdout!, 'data');
});
afterEach(async () => {
  child.kill('SIGKILL');
  await provider.end();
  await intake.end();
});

const ask = (path: string) =>
  askTls(socket, {
    host: 'api.example.com',
    ca: readFileSync(join(intake.dir, 'ca.pem'), 'utf8'),
    path,
  });

/** Its exit code when its parent closes its stdin. */
async function end(): Promise<number> {
  const exited = once(child, 'exit');
  child.stdin!.end();
  return (await exited)[0];
}

describe('the process of the egress proxy', () => {
  it('tells of each request before it is answered, numbered and in order', async () => {
    for (const path of ['/a', '/b']) {
      assert.equal((await ask(path)).status, 200);
      const told = intake.of('egress.request').map((event) => readPath(event.fields, 'http.path'));
      assert.equal(told.at(-1), path);
    }
    assert.equal(await end(), 0);
    const tunnel = 'egress.tunnel';
    const kinds = ['telemetry.hello', tunnel, 'egress.request', tunnel, 'egress.request'];
    assert.deepEqual(
      intake.events.map(({ kind }) => kind),
      [...kinds, 'telemetry.bye'],
    );
    for (const [i, { fields, parts }] of intake.events.entries()) {
      assert.deepEqual(fields.source, { shim: 'egress', seq: i });
      assert.deepEqual(parts, {}, 'the members say it all');
    }
    const bye = intake.events.at(-1)!;
    assert.deepEqual(bye.fields.counts, { requests: 2, tunnels: 2, refused: 0, unsent: 0 });
    assert.equal(said, '');
  });

  it('speaks gRPC and nothing else', async () => {
    await ask('/a');
    assert.deepEqual(new Set(intake.wires), new Set(['traces over gRPC']));
  });

  it('lets nothing through that it could not tell of, and tells of it later', async () => {
    await intake.stop();
    const refused = await connect(socket, 'api.example.com:443');
    assert.equal(refused.status, 502);
    assert.equal(JSON.parse(refused.body).code, 'EGRESS_UNAUDITED');
    assert.equal(provider.connections, 0);
    await intake.start();
    await intake.until(({ kind }) => kind === 'egress.tunnel');
    assert.equal((await ask('/again')).status, 200);
    assert.equal(await end(), 0);
  });

  it('ends with 1 when an event was refused, and goes on until then', async () => {
    intake.refuses = ({ fields }) => readPath(fields, 'http.path') === '/odd';
    assert.equal((await ask('/odd')).status, 502);
    assert.equal((await ask('/even')).status, 200);
    assert.equal(await end(), 1);
    assert.match(said, /egress: the receiver refused the events/);
  });
});
