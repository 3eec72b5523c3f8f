import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CONNECTOR_ANSWER_BYTES_MAX } from '@vitrine/schema';
import type { TestReport } from '@vitrine/schema/api';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { httpSettings } from '../config.ts';
import { sampleAlerts } from '../conformance/sample-log.ts';
import type { HttpAnswer, HttpRequest, Outcome } from '../contract.ts';
import { defineConnector } from '../define.ts';
import { SecretReader, secretReference } from '../secret.ts';
import { selfTest } from '../self-test.ts';
import { openWire } from './open.ts';

const [ALERT] = sampleAlerts([{}]);
const CERTIFICATE = fileURLToPath(new URL('localhost.crt.pem', import.meta.url));
const KEY = fileURLToPath(new URL('localhost.key.pem', import.meta.url));
const TOKEN = 'canary-token-0123456789';

/** Sends its secret as a header, which the webhook never does. */
function bearer(overrides: {
  request?: Partial<HttpRequest>;
  classify?: (answer: HttpAnswer) => Outcome;
}) {
  const { request, classify } = overrides;
  return defineConnector({
    type: 'bearer',
    config: z.strictObject({ ...httpSettings, url: z.string(), token: secretReference() }),
    encode: () => Buffer.from('{}'),
    request: ({ items }, { url, token }) => {
      const body = items[0]!.bytes;
      const headers = { authorization: `Bearer ${token.reveal()}` };
      return { method: 'POST', url, headers, body, ...request };
    },
    ...(classify === undefined ? {} : { classify }),
  });
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(listener: RequestListener, secure = false): Promise<string> {
  const tls = { cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) };
  const server = secure ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return secure ? `https://localhost:${port}/` : `http://127.0.0.1:${port}/`;
}

async function send(url: string, overrides: Parameters<typeof bearer>[0] = {}, settings = {}) {
  const raw = { url, token: { env: 'TOKEN' }, allow: ['loopback'], ...settings };
  const connector = bearer(overrides).configure('soc', raw);
  const secrets = new SecretReader({ TOKEN });
  const limits = { clock: systemClock, connectMs: 1_000, attemptMs: 1_000 };
  const wire = openWire({ connector, secrets, ...limits });
  try {
    const item = { id: ALERT!.id, bytes: connector.encode(ALERT!) };
    return await wire.send([item], 1, new AbortController().signal);
  } finally {
    await wire.close();
  }
}

describe('one attempt', () => {
  it('hides a secret that the destination repeats', async () => {
    const url = await serve((request, response) => {
      response.writeHead(400).end(`bad ${'x'.repeat(270)} ${request.headers.authorization}`);
    });
    const outcome = await send(url);
    assert.ok(outcome.kind === 'dead');
    assert.match(outcome.reason, /Bearer \[redac/);
    for (let length = 6; length <= TOKEN.length; length++) {
      assert.ok(!outcome.reason.includes(TOKEN.slice(0, length)), outcome.reason);
    }
  });

  it('reads no more of an answer than its bound', async () => {
    let seen = 0;
    const url = await serve((_, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(65_536, 'x');
      const pour = (): void => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    });
    const classify = ({ body }: HttpAnswer): Outcome => {
      seen = body.length;
      return { kind: 'ok', answer: 'HTTP 200' };
    };
    assert.equal((await send(url, { classify })).kind, 'ok');
    assert.equal(seen, CONNECTOR_ANSWER_BYTES_MAX);
  });

  it('pauses for a request that cannot be made', async () => {
    for (const url of ['no url', 'ftp://127.0.0.1/', '']) {
      assert.equal((await send(url)).kind, 'pause', url);
    }
    const headers = { 'x-bad': 'line\r\nbreak' };
    assert.equal((await send('http://127.0.0.1:9/', { request: { headers } })).kind, 'pause');
  });

  it('pauses for a missing secret, and for a destination that is not allowed', async () => {
    const missing = await send('http://127.0.0.1:9/', {}, { token: { env: 'NONE' } });
    assert.ok(missing.kind === 'pause');
    assert.match(missing.reason, /^SECRET_MISSING: the environment has no NONE; set NONE/);
    const refused = await send('http://127.0.0.1:9/', {}, { allow: [] });
    assert.ok(refused.kind === 'pause');
    assert.match(refused.reason, /^EGRESS_REFUSED: .*allow: \[loopback\]/);
  });

  it('names the reason of a refused connection', async () => {
    const outcome = await send('http://localhost:9/');
    assert.ok(outcome.kind === 'retry');
    assert.match(outcome.reason, /^ECONNREFUSED/);
  });
});

describe('TLS', () => {
  const accept: RequestListener = (_, response) => response.end();

  it('is checked against the public authorities', async () => {
    const outcome = await send(await serve(accept, true));
    assert.ok(outcome.kind === 'retry');
    assert.match(outcome.reason, /^DEPTH_ZERO_SELF_SIGNED_CERT: .*; no trusted .* ca_file$/);
  });

  it('is checked against `ca_file` when there is one', async () => {
    const outcome = await send(await serve(accept, true), {}, { ca_file: CERTIFICATE });
    assert.deepEqual(outcome, { kind: 'ok', answer: 'HTTP 200' });
  });

  it('needs a file that can be read', async () => {
    await assert.rejects(send('https://localhost/', {}, { ca_file: '/nowhere/ca.pem' }), {
      code: 'CONNECTOR_CONFIG_INVALID',
      message: 'ca_file: cannot read /nowhere/ca.pem (ENOENT)',
    });
  });
});

describe('a self-test', () => {
  const test = (url: string, settings = {}): Promise<TestReport> => {
    const raw = { url, token: { env: 'TOKEN' }, allow: ['loopback'], ...settings };
    const deps = { environment: { TOKEN }, timing: { attemptMs: 1_000, connectMs: 1_000 } };
    return selfTest('soc', bearer({}).configure('soc', raw), deps);
  };
  const steps = (report: TestReport): string => {
    return report.steps.map(({ step, ok }) => `${step} ${ok ? 'ok' : 'failed'}`).join(', ');
  };

  it('reports every step of a secure connection', async () => {
    const url = await serve((_, response) => response.end(), true);
    const report = await test(url, { ca_file: CERTIFICATE });
    assert.equal(steps(report), 'settings ok, dns ok, connect ok, tls ok, send ok');
    assert.match(
      report.steps[3]!.detail,
      /^TLSv1\.3, localhost, issued by localhost, until .* \(\d+ days\)$/,
    );
    assert.ok(report.steps.every(({ ms }) => Number.isInteger(ms) && ms >= 0));
  });

  it('names the step that failed', async () => {
    const secure = await serve((_, response) => response.end(), true);
    assert.equal(steps(await test(secure)), 'settings ok, dns ok, connect ok, tls failed');
    assert.equal(steps(await test('http://127.0.0.1:9/')), 'settings ok, connect failed');
    assert.equal(
      steps(await test('http://127.0.0.1:9/', { allow: [] })),
      'settings ok, connect failed',
    );
    assert.equal(steps(await test('https://nowhere.invalid/')), 'settings ok, dns failed');
    assert.equal(steps(await test('no url')), 'settings failed');
    const refusing = await serve((_, response) => response.writeHead(403).end());
    assert.equal(steps(await test(refusing)), 'settings ok, connect ok, send failed');
  });
});
