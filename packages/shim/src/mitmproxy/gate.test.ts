/** The gate over real sockets, before bytes that stand for mitmproxy: what it refuses and tells. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { parseHostRule } from '../egress/host-rule.ts';
import type { ShimEvent } from '../send/event.ts';
import { connect } from '../stage/client.ts';
import { StageWire, sendPlain } from '../stage/wire.ts';
import { Gate } from './gate.ts';

let dir: string;
let socket: string;
let mitmproxy: StageWire;
let gate: Gate;
let told: ShimEvent[];
let isAway: boolean;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-gate-'));
  socket = join(dir, 'gate.sock');
  mitmproxy = await StageWire.start();
  told = [];
  isAway = false;
  gate = new Gate({
    rules: [parseHostRule('plain.example:80'), parseHostRule('tls.example')],
    port: mitmproxy.port,
    report: async (event) => {
      if (isAway) throw new Error('no relay');
      told.push(event);
    },
  });
  await gate.listen(socket);
});

afterEach(async () => {
  await gate.close();
  await mitmproxy.end();
  rmSync(dir, { recursive: true, force: true });
});

const said = (member: string): unknown => told.map(({ attributes }) => attributes[member]);

describe('the gate', () => {
  it('hands on what is allowed, and leaves the telling to mitmproxy', async () => {
    mitmproxy.says = 'HTTP/1.1 200 Connection established\r\n\r\n';
    assert.equal((await connect(socket, 'TLS.example:443')).status, 200);
    assert.equal(
      mitmproxy.got,
      'CONNECT tls.example:443 HTTP/1.1\r\nhost: tls.example:443\r\n\r\n',
    );
    assert.deepEqual([told, gate.refused], [[], 0]);
  });

  it('writes the Host of the name it judged', async () => {
    const text = 'GET http://plain.example/a HTTP/1.1\r\nHost: evil.example\r\n\r\n';
    assert.match(await sendPlain(socket, text), /^HTTP\/1\.1 200 /);
    assert.match(
      mitmproxy.got,
      /^GET http:\/\/plain\.example\/a HTTP\/1\.1\r\nhost: plain\.example\r\n/,
    );
    assert.ok(!mitmproxy.got.includes('evil'));
  });

  it('tells of a tunnel that it refuses', async () => {
    assert.equal((await connect(socket, 'evil.example:443')).status, 403);
    assert.deepEqual(said('decision.rule'), ['not allowlisted']);
    assert.deepEqual([mitmproxy.got, gate.refused], ['', 1]);
  });

  const bad: [what: string, text: string, status: number, kind: string, reason: unknown][] = [
    [
      'another host',
      'GET http://evil.example/ HTTP/1.1\r\nHost: a\r\n\r\n',
      403,
      'request',
      undefined,
    ],
    [
      'an expectation',
      'GET http://plain.example/ HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\n\r\n',
      400,
      'request',
      undefined,
    ],
    [
      'a request to a server',
      'GET / HTTP/1.1\r\nHost: plain.example\r\n\r\n',
      400,
      'error',
      'a request that is none to a proxy',
    ],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400, 'error', 'a request that is none to a proxy'],
    ['no HTTP', 'SSH-2.0-client\r\n\r\n', 400, 'error', 'no HTTP: HPE_INVALID_METHOD'],
  ];
  for (const [what, text, status, kind, reason] of bad) {
    it(`refuses and tells of ${what}`, async () => {
      assert.match(await sendPlain(socket, text), new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.deepEqual([told.map((event) => event.kind), mitmproxy.got], [[`egress.${kind}`], '']);
      assert.deepEqual(said('reason'), [reason]);
    });
  }

  it('says so when a refusal cannot be told', async () => {
    isAway = true;
    const { status, body } = await connect(socket, 'evil.example:443');
    assert.deepEqual([status, JSON.parse(body).code], [502, 'EGRESS_UNAUDITED']);
  });

  it('answers 502 when there is no mitmproxy', async () => {
    await mitmproxy.end();
    const text = 'GET http://plain.example/a HTTP/1.1\r\nHost: a\r\n\r\n';
    assert.match(await sendPlain(socket, text), /^HTTP\/1\.1 502 [\s\S]*EGRESS_FAILED/);
  });
});
