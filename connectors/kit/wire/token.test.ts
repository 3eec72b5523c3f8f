import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { TOKEN_EARLY_MS_MAX } from '@vitrine/schema';
import { z } from 'zod';
import { classifyAnswer } from '../classify.ts';
import { type Clock, systemClock } from '../clock.ts';
import { httpSettings } from '../config.ts';
import type { Outcome } from '../contract.ts';
import { defineConnector } from '../define.ts';
import { SecretReader } from '../secret.ts';
import { openWire } from './open.ts';
import type { Wire } from './wire.ts';

const HOUR_MS = 3_600_000;

const tokened = defineConnector({
  type: 'tokened',
  config: z.strictObject({ ...httpSettings, url: z.string() }),
  encode: ({ id }) => Buffer.from(id),
  request({ items, token }, { url }) {
    const headers = { authorization: `Bearer ${token}` };
    return { method: 'POST', url: `${url}/send`, headers, body: items[0]!.bytes };
  },
  classify(answer) {
    if (answer.status !== 401) return classifyAnswer(answer);
    return { kind: 'renew', reason: `HTTP 401: ${answer.body}` };
  },
  token: {
    request: ({ url }) => ({ method: 'POST', url: `${url}/token`, headers: {} }),
    read(answer) {
      if (answer.status !== 200) return classifyAnswer(answer);
      return { token: answer.body, expiresInMs: HOUR_MS };
    },
  },
});

let server: Server;
let issued = 0;
let issuerStatus = 200;
/** Tokens that are taken. */
let good = (token: string): boolean => token !== '';
let sent: string[] = [];

before(async () => {
  server = createServer((request: IncomingMessage, response) => {
    if (request.url === '/token') {
      response.writeHead(issuerStatus).end(`canary-token-${++issued}`);
      return;
    }
    const token = String(request.headers.authorization).slice('Bearer '.length);
    sent.push(token);
    response.writeHead(good(token) ? 200 : 401).end(`your ${token} will not do`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
after(() => {
  server.closeAllConnections();
  return new Promise((done) => server.close(done));
});
beforeEach(() => {
  [issued, issuerStatus, sent, nowMs, good] = [0, 200, [], 0, () => true];
});

let nowMs = 0;
const clock: Clock = { ...systemClock, monotonic: () => nowMs };
const ITEM = { id: 'alr_1', bytes: Buffer.from('{}') };
const send = (wire: Wire): Promise<Outcome> => {
  return wire.send([ITEM], 1, new AbortController().signal);
};

async function withWire(work: (wire: Wire) => Promise<void>): Promise<void> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connector = tokened.configure('soc', { url, allow: ['loopback'] });
  const limits = { connectMs: 2_000, attemptMs: 2_000 };
  const wire = openWire({ connector, secrets: new SecretReader({}), clock, ...limits });
  try {
    await work(wire);
  } finally {
    await wire.close();
  }
}

describe('a token', () => {
  it('is fetched once for all that need it at a time', () =>
    withWire(async (wire) => {
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => send(wire)));
      assert.ok(outcomes.every(({ kind }) => kind === 'ok'));
      assert.equal(issued, 1);
    }));

  it('is fetched anew before its end, and not earlier', () =>
    withWire(async (wire) => {
      await send(wire);
      nowMs = HOUR_MS - TOKEN_EARLY_MS_MAX - 1_000;
      await send(wire);
      assert.equal(issued, 1);
      nowMs = HOUR_MS - TOKEN_EARLY_MS_MAX + 1_000;
      await send(wire);
      assert.equal(issued, 2);
    }));

  it('is used to its end when the issuer is away, and no longer', () =>
    withWire(async (wire) => {
      await send(wire);
      issuerStatus = 503;
      nowMs = HOUR_MS - 1_000;
      assert.equal((await send(wire)).kind, 'ok');
      nowMs = HOUR_MS + 1_000;
      const outcome = await send(wire);
      assert.equal(outcome.kind, 'retry');
      assert.ok('reason' in outcome && outcome.reason.startsWith('token: HTTP 503'));
    }));

  it('that is refused is fetched anew once, then the connector pauses', () =>
    withWire(async (wire) => {
      good = (token) => token === 'canary-token-2';
      assert.equal((await send(wire)).kind, 'ok');
      assert.deepEqual(sent, ['canary-token-1', 'canary-token-2']);
      good = () => false;
      const outcome = await send(wire);
      assert.equal(outcome.kind, 'pause');
      assert.equal(issued, 3);
    }));

  it('that is refused for many at a time is fetched anew once', () =>
    withWire(async (wire) => {
      good = (token) => token !== 'canary-token-1';
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => send(wire)));
      assert.ok(outcomes.every(({ kind }) => kind === 'ok'));
      assert.equal(issued, 2);
    }));

  it('is in no text, whoever repeats it', () =>
    withWire(async (wire) => {
      good = () => false;
      const outcome = await send(wire);
      assert.ok('reason' in outcome);
      assert.match(outcome.reason, /your \[redacted\] will not do/);
    }));

  it('that is not given pauses, for no alert is at fault', () =>
    withWire(async (wire) => {
      issuerStatus = 400;
      const outcome = await send(wire);
      assert.equal(outcome.kind, 'pause');
      assert.deepEqual(sent, []);
    }));
});
