/** What a sender of OTLP/HTTP can hold on to: each has a bound, and others are served meanwhile. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  encodeLogsRequest,
  INTAKE_REQUEST_BYTES_MIN,
  LANE_ALONE_BYTES_MAX,
  LANE_WAITING_BYTES_MAX,
  OTLP_BODIES_BYTES_MAX,
  OTLP_CONNECTIONS_MAX,
  OTLP_HEADER_BYTES_MAX,
} from '@vitrine/schema';
import { Budget } from '@vitrine/schema/receive';
import { Tokens } from '../access/tokens.ts';
import { Repeats } from '../admit/repeats.ts';
import { Figures } from '../metrics/figures.ts';
import { Journal } from '../queue/journal.ts';
import { hostClock } from '../sequence/sequencer.ts';
import { otlpServer } from './otlp-http.ts';

const HOST = '127.0.0.1';
const REQUEST_MS_MAX = 500;
const MIB = 1_048_576;
const WAIT_MS_MAX = 10_000;
const dir = mkdtempSync(join(tmpdir(), 'vitrine-hostile-'));
const journal = new Journal({ dir: join(dir, 'journal'), fsync: true, log: () => {} });
const tokens = new Tokens(dir);
const ingest = tokens.create('ingest', 'default', '', new Date(), null);
const clock = hostClock(() => 1_764_000_000_000);
const budget = new Budget(OTLP_BODIES_BYTES_MAX);
const shared = { journal, tokens, tenant: 'default', repeats: new Repeats(), clock, budget };
const target = { ...shared, figures: new Figures(), log: () => {} };
const server = otlpServer(target, REQUEST_MS_MAX);
const one = encodeLogsRequest([{ timeUnixNano: '1', attributes: {} }]);
let port = 0;

before(async () => {
  journal.open(0, () => {});
  await new Promise<void>((done) => server.listen(0, HOST, done));
  port = (server.address() as AddressInfo).port;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await journal.close();
  rmSync(dir, { recursive: true });
});

interface Held {
  socket: Socket;
  /** All it heard until it was cut. */
  ended: Promise<string>;
}

function hold(t: TestContext, to = port): Held {
  const socket = connect(to, HOST).on('error', () => {});
  t.after(() => socket.destroy());
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    heard += text;
  });
  const ended = new Promise<string>((resolve) => socket.on('close', () => resolve(heard)));
  return { socket, ended };
}

function head(more = '', token = ingest): string {
  const lines = [
    'POST /v1/logs HTTP/1.1',
    'host: x',
    `authorization: Bearer ${token}`,
    'content-type: application/x-protobuf',
  ];
  return `${lines.join('\r\n')}\r\n${more}`;
}

async function isServed(to = port, authorization = `Bearer ${ingest}`): Promise<boolean> {
  const headers = { authorization, 'content-type': 'application/x-protobuf' };
  const options = { method: 'POST', headers, body: new Uint8Array(one) };
  return (await fetch(`http://${HOST}:${to}/v1/logs`, options)).ok;
}

/** A server that gives a request its usual time. Resolves with its port. */
async function patient(t: TestContext, at = target): Promise<number> {
  const given = otlpServer(at);
  await new Promise<void>((done) => given.listen(0, HOST, done));
  t.after(() => {
    given.closeAllConnections();
    given.close();
  });
  return (given.address() as AddressInfo).port;
}

/** As much as one sender may have waiting; what is returned lets it go. */
function fillLane(journal: Journal, principal: string): () => Promise<void> {
  const from = { principal, signal: 'logs', contentType: 'json', observed: '1', peer: '' } as const;
  const body = Buffer.alloc(MIB - 1_024);
  const entries = (LANE_ALONE_BYTES_MAX + LANE_WAITING_BYTES_MAX) / MIB;
  const kept = Array.from({ length: entries }, (_, i) =>
    journal.append({ kind: 'push', ...from, hash: String(i), body }),
  );
  return async () => {
    // As the sequencer does it: what is taken has its room back once its batch is made.
    const timer = setInterval(() => {
      const taken = journal.take(Number.POSITIVE_INFINITY);
      for (const { entry, bytes } of taken) journal.leave(entry, bytes);
    }, 5);
    await Promise.all(kept).finally(() => clearInterval(timer));
  };
}

describe('a sender of OTLP/HTTP', () => {
  it('that says nothing, or drips its header or its body, is cut in time', async (t) => {
    const started = performance.now();
    const silent = hold(t);
    const slowHead = hold(t);
    slowHead.socket.write(head());
    const slowBody = hold(t);
    slowBody.socket.write(head('content-length: 1000000\r\n\r\n'));
    const chunked = hold(t);
    chunked.socket.write(head('transfer-encoding: chunked\r\n\r\n'));
    const drip = setInterval(() => {
      slowHead.socket.write('x-more: 1\r\n');
      slowBody.socket.write('x');
      chunked.socket.write('1\r\nx\r\n');
    }, 50);
    t.after(() => clearInterval(drip));
    assert.ok(await isServed());
    const heard = await Promise.all([silent, slowHead, slowBody, chunked].map((h) => h.ended));
    assert.ok(performance.now() - started < WAIT_MS_MAX);
    for (const answer of heard) assert.match(answer, /^HTTP\/1\.1 408 /);
    assert.ok(await isServed());
    assert.equal(budget.held, 0, 'what it sent is not kept');
  });

  it('that floods its header is refused at the bound', async (t) => {
    const padded = (bytes: number): string => head(`x-pad: ${'x'.repeat(bytes)}\r\n`);
    const flood = hold(t);
    flood.socket.write(padded(OTLP_HEADER_BYTES_MAX));
    assert.match(await flood.ended, /^HTTP\/1\.1 431 /);
    const many = hold(t);
    many.socket.write(head('a: b\r\n'.repeat(OTLP_HEADER_BYTES_MAX / 4)));
    assert.match(await many.ended, /^HTTP\/1\.1 431 /);
    const close = `connection: close\r\ncontent-length: ${one.length}\r\n\r\n`;
    const large = hold(t);
    large.socket.write(padded(OTLP_HEADER_BYTES_MAX / 2) + close);
    large.socket.write(one);
    assert.match(await large.ended, /^HTTP\/1\.1 200 /);
  });

  it('that begins many requests leaves memory to the others', async (t) => {
    const few = { ...target, budget: new Budget(64 * INTAKE_REQUEST_BYTES_MIN) };
    const to = await patient(t, few);
    for (let i = 0; i < 100; i++) hold(t, to).socket.write(head('content-length: 9\r\n\r\nx'));
    while (few.budget.held < 31 * INTAKE_REQUEST_BYTES_MIN) await sleep(10);
    await sleep(50);
    assert.ok(few.budget.held <= 32 * INTAKE_REQUEST_BYTES_MIN);
    const other = `Bearer ${tokens.create('ingest', 'default', '', new Date(), null)}`;
    assert.ok(await isServed(to, other));
  });

  it('that has too much waiting is refused before its body is read', async (t) => {
    // Nobody else has come to this one, or its share would be smaller.
    const own = new Journal({ dir: join(dir, 'own'), fsync: true, log: () => {} });
    own.open(0, () => {});
    const to = await patient(t, { ...target, journal: own });
    const flooding = tokens.create('ingest', 'default', '', new Date(), null);
    const release = fillLane(own, tokens.authenticate(flooding, new Date())!.id);
    const refused = hold(t, to);
    refused.socket.write(head('connection: close\r\ncontent-length: 9\r\n\r\nx', flooding));
    await sleep(100);
    assert.equal(budget.held, 0, 'nothing of it is kept');
    refused.socket.write('xxxxxxxx');
    assert.match(await refused.ended, /^HTTP\/1\.1 429 .*retry-after: 1\r\n/is);
    assert.ok(await isServed(to), 'others are taken');
    await release();
    await own.close();
  });

  it('that takes all connections is turned away beyond their number', async (t) => {
    const to = await patient(t);
    const over = 3;
    const sockets: Held[] = [];
    let turnedAway = 0;
    for (let i = 0; i < OTLP_CONNECTIONS_MAX + over; i++) {
      const held = hold(t, to);
      sockets.push(held);
      held.socket.on('close', () => turnedAway++);
      // No more at a time than a listener has room for before it accepts.
      if (i % 100 === 99) await sleep(50);
    }
    const last = sockets.slice(-over).map(({ ended }) => ended);
    assert.deepEqual(await Promise.all(last), ['', '', '']);
    await sleep(100);
    assert.equal(turnedAway, over);
  });
});
