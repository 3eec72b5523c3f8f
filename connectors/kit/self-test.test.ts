/** How far a test came, step by step, and what is called confirmed. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import type { Guarantee, TestReport, TestStep } from '@vitrine/schema/api';
import { z } from 'zod';
import { classifyAnswer } from './classify.ts';
import { httpSettings } from './config.ts';
import { defineConnector } from './define.ts';
import { selfTest } from './self-test.ts';

/** A token from one server, health and alerts to another, confirmed where it gives a ticket. */
const whole = defineConnector({
  type: 'whole',
  config: z.strictObject({
    ...httpSettings,
    url: z.string(),
    issuer: z.string(),
    guarantee: z.enum(['answered', 'settled', 'lossy']).default('answered'),
  }),
  guarantee: ({ guarantee }): Guarantee => guarantee,
  encode: ({ id }) => Buffer.from(id),
  request: ({ items }, { url }) => {
    return { method: 'POST', url: `${url}/send`, headers: {}, body: items[0]!.bytes };
  },
  classify(answer) {
    const ticket = answer.headers.ticket;
    if (ticket !== undefined) return { kind: 'accepted', ticket, answer: 'taken' };
    return classifyAnswer(answer);
  },
  token: {
    request: ({ issuer }) => ({ method: 'POST', url: `${issuer}/token`, headers: {} }),
    read(answer) {
      if (answer.status !== 200) return classifyAnswer(answer);
      return { token: 'canary-token', expiresInMs: 3_600_000 };
    },
  },
  confirm: {
    pollMs: 10,
    triesMax: 3,
    request: (_, { url }) => ({ method: 'GET', url: `${url}/confirm`, headers: {} }),
    read: ({ body }) => new Map([['7', body === 'safe']]),
  },
  probe: ({ url }) => ({ method: 'GET', url: `${url}/health`, headers: {} }),
});

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const fine: RequestListener = (_, response) => response.end();

async function tested(
  destination: RequestListener,
  issuer: RequestListener = fine,
  settings = {},
): Promise<TestReport> {
  const raw = { url: await serve(destination), issuer: await serve(issuer), allow: ['loopback'] };
  const heard: TestStep[] = [];
  const report = await selfTest('soc', whole.configure('soc', { ...raw, ...settings }), {
    timing: { attemptMs: 1_000, connectMs: 1_000 },
    onStep: (step) => heard.push(step),
  });
  assert.deepEqual(heard, report.steps);
  return report;
}

const told = ({ steps }: TestReport): string =>
  steps.map(({ step, ok }) => (ok ? step : `${step} failed`)).join(', ');

describe('a test', () => {
  it('reports token and health, and a connection for each server that it needs', async () => {
    const report = await tested(fine);
    assert.equal(told(report), 'settings, connect, token, connect, probe, send');
    assert.deepEqual([report.ok, report.confirmed], [true, true]);
  });

  it('ends at the first that fails', async () => {
    const refusing: RequestListener = (_, response) => response.writeHead(401).end();
    const unwell: RequestListener = (request, response) =>
      response.writeHead(request.url === '/health' ? 503 : 200).end();
    assert.equal(told(await tested(fine, refusing)), 'settings, connect, token failed');
    assert.match(told(await tested(unwell)), /token, connect, probe failed$/);
    assert.match(told(await tested(refusing)), /token, connect, probe failed$/);
    const gone = await tested(fine, fine, { url: 'http://127.0.0.1:9' });
    assert.equal(told(gone), 'settings, connect, token, connect failed');
    const secretless = await tested(fine, fine, { issuer: 'no url' });
    assert.equal(told(secretless), 'settings failed');
  });

  it('waits for the confirmation of what was only taken', async () => {
    let asked = 0;
    const taking = (answer: () => string): RequestListener => {
      return (request, response) => {
        if (request.url === '/send') response.setHeader('ticket', '7');
        response.end(request.url === '/confirm' ? answer() : '');
      };
    };
    const safe = await tested(taking(() => (++asked < 2 ? 'not yet' : 'safe')));
    assert.match(told(safe), /send, confirm$/);
    assert.deepEqual([safe.ok, safe.confirmed, asked], [true, true, 2]);
    const never = await tested(taking(() => 'not yet'));
    assert.match(told(never), /send, confirm failed$/);
    assert.deepEqual([never.ok, never.confirmed], [false, false]);
  });

  it('calls nothing confirmed where the protocol has no word for it', async () => {
    for (const guarantee of ['settled', 'lossy'] as const) {
      const { ok, confirmed } = await tested(fine, fine, { guarantee });
      assert.deepEqual([ok, confirmed], [true, false], guarantee);
    }
  });
});
