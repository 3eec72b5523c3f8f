import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { httpSettings } from '../config.ts';
import type { Outcome } from '../contract.ts';
import { defineConnector } from '../define.ts';
import { SecretReader } from '../secret.ts';
import { classifyName } from './address.ts';
import { identity, makeCertificates } from './certificates.fixture.ts';
import { openWire } from './open.ts';

const PASSWORD = 'canary-of-the-proxy-77';
const plain = defineConnector({
  type: 'plain',
  config: z.strictObject({ ...httpSettings, url: z.string() }),
  encode: ({ id }) => Buffer.from(id),
  request: ({ items }, { url }) => ({ method: 'POST', url, headers: {}, body: items[0]!.bytes }),
});

const dir = mkdtempSync(join(tmpdir(), 'vitrine-proxy-'));
const sockets = new Set<Socket>();
let destination: Server;
let proxy: Server;
/** It takes a request and never answers. */
const SILENT = -1;
let refuse = 0;
/** What the proxy was asked for, and with which credentials. */
let asked: [string, string | undefined][] = [];

before(async () => {
  makeCertificates(dir);
  destination = createTlsServer(identity(dir, 'server'), (_, response) => response.end());
  await listen(destination);
  proxy = createServer();
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push([request.url!, request.headers['proxy-authorization']]);
    sockets.add(socket.on('error', () => {}));
    if (refuse === SILENT) return;
    if (refuse !== 0) return void socket.end(`HTTP/1.1 ${refuse} No\r\nContent-Length: 0\r\n\r\n`);
    // It resolves names in our place: every name leads to the destination.
    const through = connect(portOf(destination), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      through.pipe(socket).pipe(through);
    }).on('error', () => {});
    sockets.add(through);
  });
  await listen(proxy);
});

after(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of [destination, proxy]) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  rmSync(dir, { recursive: true });
});

function listen(server: Server): Promise<void> {
  return new Promise((done) => server.listen(0, '127.0.0.1', done));
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function sendTo(url: string, settings: object = {}): Promise<Outcome> {
  asked = [];
  const raw = {
    url,
    allow: ['loopback'],
    ca_file: join(dir, 'ca.pem'),
    proxy: `http://127.0.0.1:${portOf(proxy)}`,
    ...settings,
  };
  const connector = plain.configure('soc', raw);
  const secrets = new SecretReader({
    PROXY: `http://vitrine:${PASSWORD}@127.0.0.1:${portOf(proxy)}`,
  });
  const limits = { connectMs: 1_000, attemptMs: 2_000 };
  const wire = openWire({ connector, secrets, clock: systemClock, ...limits });
  try {
    const item = { id: 'alr_1', bytes: Buffer.from('{}') };
    return await wire.send([item], 1, new AbortController().signal);
  } finally {
    await wire.close();
  }
}

const reasonOf = (outcome: Outcome): string => ('reason' in outcome ? outcome.reason : 'none');

describe('through a proxy', () => {
  it('a destination is reached by CONNECT, and its certificate is checked as ever', async () => {
    assert.equal((await sendTo('https://localhost:8443/')).kind, 'ok');
    assert.deepEqual(asked, [['localhost:8443', undefined]]);
    const other = await sendTo('https://siem.example.com/');
    assert.deepEqual(asked, [['siem.example.com:443', undefined]]);
    assert.match(reasonOf(other), /^ERR_TLS_CERT_ALTNAME_INVALID/);
  });

  it('credentials come from a secret, and are never said', async () => {
    refuse = 407;
    const outcome = await sendTo('https://localhost/', { proxy: { env: 'PROXY' } });
    refuse = 0;
    const words = Buffer.from(`vitrine:${PASSWORD}`).toString('base64');
    assert.equal(asked[0]![1], `Basic ${words}`);
    assert.equal(outcome.kind, 'pause');
    assert.match(reasonOf(outcome), /the proxy answered 407 to CONNECT localhost:443/);
    assert.ok(!reasonOf(outcome).includes(PASSWORD) && !reasonOf(outcome).includes(words));
  });

  it('a proxy that fails is waited for', async () => {
    refuse = 502;
    const outcome = await sendTo('https://localhost/');
    refuse = 0;
    assert.partialDeepStrictEqual(outcome, { kind: 'retry', unreachable: true });
    assert.match(reasonOf(outcome), /the proxy answered 502 to CONNECT localhost:443; \w/);
  });

  it('a proxy that does not answer is waited for, and kills no alert', async () => {
    refuse = SILENT;
    const outcome = await sendTo('https://localhost/');
    refuse = 0;
    assert.partialDeepStrictEqual(outcome, { kind: 'retry', unreachable: true });
    assert.match(reasonOf(outcome), /the proxy made no way to localhost:443 within 1000 ms; \w/);
  });

  it('metadata and inner names are refused, and inner addresses, as without one', async () => {
    const refused: [string, string[]][] = [
      ['https://metadata.google.internal/', ['loopback', 'private']],
      ['https://metadata/', ['loopback', 'private']],
      ['https://169.254.169.254/', ['loopback', 'private']],
      ['https://[fd00:ec2::254]/', ['loopback', 'private']],
      ['https://0xa9fea9fe/', ['loopback', 'private']],
      ['https://10.0.0.1/', ['loopback']],
      ['https://intranet/', ['loopback']],
      ['https://splunk.corp/', ['loopback']],
    ];
    for (const [url, allow] of refused) {
      const outcome = await sendTo(url, { allow });
      assert.match(reasonOf(outcome), /^EGRESS_REFUSED/, url);
      assert.deepEqual(asked, [], url);
    }
  });

  it('nothing goes to the outside without TLS', async () => {
    const outcome = await sendTo('http://siem.example.com/');
    assert.match(reasonOf(outcome), /^EGRESS_PLAINTEXT/);
    assert.deepEqual(asked, []);
  });

  it('the proxy itself must be allowed', async () => {
    const outcome = await sendTo('https://siem.example.com/', { allow: ['private'] });
    assert.match(reasonOf(outcome), /^EGRESS_REFUSED: .*127\.0\.0\.1/);
    assert.deepEqual(asked, []);
  });

  it('is only what the settings say: the environment is not asked', async () => {
    process.env.HTTPS_PROXY = `http://127.0.0.1:${portOf(proxy)}`;
    const outcome = await sendTo(`https://localhost:${portOf(destination)}/`, { proxy: undefined });
    delete process.env.HTTPS_PROXY;
    assert.equal(outcome.kind, 'ok');
    assert.deepEqual(asked, []);
  });

  it('credentials in plain sight are no setting', async () => {
    const plainly = { proxy: `http://me:${PASSWORD}@127.0.0.1:1/` };
    await assert.rejects(sendTo('https://localhost/', plainly), (error: Error) => {
      return !error.message.includes(PASSWORD);
    });
  });
});

describe('a name', () => {
  it('says what its address would be', () => {
    const names: Record<string, string> = {
      localhost: 'loopback',
      'LOCALHOST.': 'loopback',
      'a.localhost': 'loopback',
      metadata: 'never',
      'metadata.google.internal.': 'never',
      'METADATA.goog': 'never',
      'metadata.azure.internal': 'never',
      'metadata.tencentyun.com': 'never',
      'metadata.soc.example': 'public',
      splunk: 'private',
      'splunk.internal': 'private',
      'router.home.arpa': 'private',
      'siem.example.com': 'public',
      'internal.example.com': 'public',
    };
    for (const [name, kind] of Object.entries(names)) assert.equal(classifyName(name), kind, name);
  });
});
