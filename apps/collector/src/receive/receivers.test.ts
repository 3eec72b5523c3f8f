/** What the two OTLP ports have in common, and what one sender can take from the others. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  encodeLogsRequest,
  GRPC_STATUS,
  INTAKE_REQUEST_BYTES_MIN,
  OTLP_CONNECTIONS_MAX,
} from '@vitrine/schema';
import { rawConnect, rawExport } from '@vitrine/schema/grpc/raw-client';
import { Tokens } from '../access/tokens.ts';
import { Repeats } from '../admit/repeats.ts';
import { Figures } from '../metrics/figures.ts';
import { Journal } from '../queue/journal.ts';
import { hostClock } from '../sequence/sequencer.ts';
import { startReceivers } from './receivers.ts';

const HOST = '127.0.0.1';
const WAIT_MS_MAX = 10_000;
const dir = mkdtempSync(join(tmpdir(), 'vitrine-receivers-'));
const journal = new Journal({ dir: join(dir, 'journal'), fsync: true, log: () => {} });
const tokens = new Tokens(dir);
const authorization = `Bearer ${tokens.create('ingest', 'default', '', new Date(), null)}`;
const clock = hostClock(() => 1_764_000_000_000);
const repeats = new Repeats();
const figures = new Figures();
const target = { journal, tokens, tenant: 'default', repeats, figures, clock, log: () => {} };

before(() => journal.open(0, () => {}));
after(async () => {
  await journal.close();
  rmSync(dir, { recursive: true });
});

async function receivers(t: TestContext, bodiesBytesMax?: number) {
  const ports = { host: HOST, otlp_http: 0, otlp_grpc: 0 };
  const started = await startReceivers(target, ports, bodiesBytesMax);
  t.after(() => started.close());
  return started;
}

async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const from = Date.now();
  while (!(await isSo())) {
    assert.ok(Date.now() - from < WAIT_MS_MAX, `waited for: ${what}`);
    await sleep(10);
  }
}

/** What one request takes at least: for itself, and for its first bytes. */
const REQUEST_BYTES = 2 * INTAKE_REQUEST_BYTES_MIN;

/** Sends all of a body but its last byte. */
function hold(url: string, bytes = 2): ClientRequest {
  const type = { 'content-type': 'application/x-protobuf', 'content-length': bytes };
  const headers = { authorization, ...type };
  const held = request(`${url}/v1/logs`, { method: 'POST', headers, agent: false });
  held.on('error', () => {});
  held.write(Buffer.alloc(bytes - 1));
  return held;
}

describe('the OTLP ports', () => {
  it('share the memory for bodies, and have it back when their senders go', async (t) => {
    // One sender gets a half of it.
    const { http, grpc } = await receivers(t, 5 * REQUEST_BYTES);
    const session = rawConnect(grpc);
    t.after(() => session.destroy());
    const message = encodeLogsRequest([{ timeUnixNano: '1', attributes: {} }]);
    const push = async () => {
      return (await rawExport(session, message, { headers: { authorization } })).status;
    };
    assert.equal(await push(), GRPC_STATUS.ok);
    const post = async () => {
      const headers = { authorization, 'content-type': 'application/json' };
      const answer = await fetch(`${http}/v1/logs`, { method: 'POST', headers, body: '{}' });
      return { status: answer.status, text: await answer.text() };
    };
    assert.equal((await post()).status, 200);
    const first = hold(http);
    await sleep(100);
    assert.equal(await push(), GRPC_STATUS.ok, 'there is room for one more');
    const second = hold(http);
    await until('all is in use', async () => (await push()) === GRPC_STATUS.unavailable);
    const { status, text } = await post();
    assert.equal(status, 429);
    assert.match(text, /OTLP_OVERLOADED/);
    for (const one of [first, second]) one.destroy();
    await until('it is free again', async () => (await push()) === GRPC_STATUS.ok);
  });

  it('take so many connections over gRPC', async (t) => {
    const { grpc } = await receivers(t);
    const over = 3;
    let [open, closed] = [0, 0];
    const sockets: Socket[] = [];
    t.after(() => {
      for (const socket of sockets) socket.destroy();
    });
    for (let i = 0; i < OTLP_CONNECTIONS_MAX + over; i++) {
      const socket = connect(Number(new URL(grpc).port), HOST).on('error', () => {});
      socket.on('connect', () => open++).on('close', () => closed++);
      sockets.push(socket.resume());
      // No more at a time than a listener has room for before it accepts.
      if (i % 100 === 0) await until('they are connected', () => open === sockets.length);
    }
    await until('the last are turned away', () => closed === over);
    assert.equal(open, OTLP_CONNECTIONS_MAX + over);
    await sleep(100);
    assert.equal(closed, over);
  });

  it('open both or neither', async (t) => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, HOST, done));
    t.after(() => other.close());
    const free = createServer();
    await new Promise<void>((done) => free.listen(0, HOST, done));
    const portOf = (server: typeof other) => (server.address() as { port: number }).port;
    const [taken, http] = [portOf(other), portOf(free)];
    await new Promise((done) => free.close(done));
    const ports = { host: HOST, otlp_http: http, otlp_grpc: taken };
    await assert.rejects(startReceivers(target, ports), { code: 'PORT_IN_USE' });
    const again = await startReceivers(target, { ...ports, otlp_grpc: 0 });
    await again.close();
  });
});
