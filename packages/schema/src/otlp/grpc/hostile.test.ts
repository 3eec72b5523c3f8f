/** Senders that hold, flood or break connections: each bound from both sides. */
import assert from 'node:assert/strict';
import { constants } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GRPC_HEADER_BYTES_MAX,
  GRPC_PINGS_EARLY_MAX,
  GRPC_RESETS_MAX,
  GRPC_STREAMS_MAX,
  INTAKE_REQUEST_BYTES_MIN,
} from '../../limits.ts';
import { Budget } from '../receive/budget.ts';
import { GRPC_STATUS } from '../response.ts';
import { frame } from './frame.ts';
import { rawAnswer, rawExport, rawStream } from './raw-client.ts';
import {
  DATA,
  END_HEADERS,
  END_STREAM,
  EXPORT_HEADERS,
  HEADERS,
  h2Frame,
  PING,
  PREFACE,
  RST_STREAM,
  rawFrames,
  SETTINGS,
} from './raw-frames.ts';
import { RigError, startRig, until } from './rig.ts';

const { ok, deadlineExceeded, unavailable } = GRPC_STATUS;
describe('a hostile sender', () => {
  it('has so many calls at a time on one connection', async (t) => {
    const { connect, taken } = await startRig(t);
    const session = connect();
    await rawExport(session, Buffer.from('first'));
    const open = Array.from({ length: GRPC_STREAMS_MAX }, () => rawStream(session, { end: false }));
    // Node's client keeps the limit by itself; another connection of theirs would not.
    assert.equal(session.remoteSettings.maxConcurrentStreams, GRPC_STREAMS_MAX);
    const answers = open.map(rawAnswer);
    for (const stream of open) stream.end(frame(Buffer.from('x')));
    for (const answer of await Promise.all(answers)) assert.equal(answer.status, ok);
    assert.equal(taken.length, 1 + GRPC_STREAMS_MAX);
  });

  it('is refused a call beyond them, before the limit is known to it', async (t) => {
    const { port } = await startRig(t);
    // The preface, empty SETTINGS and HEADERS in one write: nothing of ours was read by then.
    const answered = await rawFrames(port, [
      PREFACE,
      h2Frame(SETTINGS, 0, 0, Buffer.alloc(0)),
      ...Array.from({ length: GRPC_STREAMS_MAX + 1 }, (_, i) =>
        h2Frame(HEADERS, END_HEADERS, 2 * i + 1, EXPORT_HEADERS),
      ),
    ]);
    const refused = answered.filter(({ type }) => type === RST_STREAM);
    const [only] = refused;
    assert.equal(refused.length, 1);
    assert.equal(only!.stream, 2 * GRPC_STREAMS_MAX + 1);
    assert.equal(only!.payload.readUInt32BE(0), constants.NGHTTP2_REFUSED_STREAM);
  });

  it('sends a header of so many bytes', async (t) => {
    const { connect, taken } = await startRig(t);
    const session = connect();
    const sized = (bytes: number) => {
      const headers = { 'x-pad': 'p'.repeat(bytes) };
      return rawExport(session, Buffer.from('x'), { headers });
    };
    const spare = 600; // the other headers, with the 32 bytes that are counted for each
    assert.equal((await sized(GRPC_HEADER_BYTES_MAX - spare)).status, ok);
    const over = await sized(GRPC_HEADER_BYTES_MAX);
    assert.deepEqual([over.status, over.rstCode], [-1, constants.NGHTTP2_ENHANCE_YOUR_CALM]);
    assert.equal(taken.length, 1);
    assert.equal((await sized(0)).status, ok);
  });

  it('gives up so many calls at once', async (t) => {
    const { connect, connections, budget } = await startRig(t);
    const session = connect();
    let gone: number | undefined;
    session.on('goaway', (code) => {
      gone = code;
    });
    const giveUp = async (calls: number) => {
      for (let i = 0; i < calls && !session.destroyed; i++) {
        const stream = rawStream(session, { body: Buffer.alloc(3), end: false });
        stream.close(constants.NGHTTP2_CANCEL);
        await new Promise((done) => stream.on('close', done));
      }
    };
    await giveUp(GRPC_RESETS_MAX - 1);
    assert.equal((await rawExport(session, Buffer.from('x'))).status, ok);
    await giveUp(GRPC_RESETS_MAX);
    await until('the connection is closed', () => connections() === 0);
    assert.notEqual(gone, undefined);
    assert.equal(budget.held, 0);
  });

  it('pings so often, and no more before it has called again', async (t) => {
    const { connect, connections } = await startRig(t);
    const session = connect();
    const ping = () => new Promise((done) => session.ping(done));
    const first = 1;
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < first + GRPC_PINGS_EARLY_MAX; i++) await ping();
      // A client that measures the line pings while it calls: that is no abuse.
      assert.equal((await rawExport(session, Buffer.from('x'))).status, ok);
    }
    let gone: [number, string] | undefined;
    session.on('goaway', (code, _last, data) => {
      gone = [code, String(data)];
    });
    for (let i = 0; i < first + GRPC_PINGS_EARLY_MAX + 1 && !session.destroyed; i++) {
      session.ping(() => {});
    }
    await until('the connection is closed', () => connections() === 0);
    assert.deepEqual(gone, [constants.NGHTTP2_ENHANCE_YOUR_CALM, 'too_many_pings']);
  });

  it('pings on, and is cut off all the same', async (t) => {
    const { port, connections } = await startRig(t, { lingerMsMax: 150 });
    const socket = connectSocket(port, '127.0.0.1').on('error', () => {});
    socket.write(Buffer.concat([PREFACE, h2Frame(SETTINGS, 0, 0, Buffer.alloc(0))]));
    const pinging = setInterval(() => socket.write(h2Frame(PING, 0, 0, Buffer.alloc(8))), 20);
    await until('it is connected', () => connections() === 1);
    await until('it is cut', () => connections() === 0);
    clearInterval(pinging);
    socket.destroy();
  });

  it('connects and is silent, or makes no call it may make', async (t) => {
    const { connect, connections, port } = await startRig(t, {
      firstCallMsMax: 1_000,
      lingerMsMax: 100,
      welcome({ authorization }) {
        if (authorization !== 'me') throw new RigError('NOT_WELCOME', 'who is this?');
        return 'me';
      },
    });
    const silent = connectSocket(port, '127.0.0.1').on('error', () => {});
    const half = connectSocket(port, '127.0.0.1').on('error', () => {});
    half.write('PRI * HTTP/2.0\r\n');
    const unwelcome = connect();
    const asking = setInterval(() => {
      if (!unwelcome.destroyed && !unwelcome.closed) void rawExport(unwelcome, Buffer.from('x'));
    }, 20);
    const welcome = connect();
    const headers = { authorization: 'me' };
    assert.equal((await rawExport(welcome, Buffer.from('x'), { headers })).status, ok);
    await until('only one is left', () => connections() === 1);
    clearInterval(asking);
    assert.equal((await rawExport(welcome, Buffer.from('x'), { headers })).status, ok);
    silent.destroy();
    half.destroy();
  });

  it('idles', async (t) => {
    const { connect, connections } = await startRig(t, { idleMsMax: 150, lingerMsMax: 100 });
    const session = connect();
    for (let i = 0; i < 3; i++) {
      assert.equal((await rawExport(session, Buffer.from('x'))).status, ok);
      await sleep(75);
    }
    await until('it is closed', () => connections() === 0);
  });

  it('sends its message too slowly', async (t) => {
    const { connect, budget, taken } = await startRig(t, { requestMsMax: 200 });
    const session = connect();
    const bytes = [...frame(Buffer.from('slowly, byte by byte'))];
    const drip = rawStream(session, { end: false });
    const answer = rawAnswer(drip);
    const dripping = setInterval(() => {
      if (!drip.closed) drip.write(Buffer.from([bytes.shift()!]));
    }, 30);
    const { status, message } = await answer;
    clearInterval(dripping);
    assert.equal(status, deadlineExceeded);
    assert.match(message, /200 ms to arrive/);
    assert.equal((await rawExport(session, Buffer.from('fast'))).status, ok);
    assert.deepEqual([budget.held, taken.length], [0, 1]);
  });

  it('does not take its answer', async (t) => {
    const { connect, connections } = await startRig(t, {
      lingerMsMax: 200,
      take: async () => Buffer.alloc(100_000),
    });
    const session = connect();
    await new Promise((done) => session.once('remoteSettings', done));
    session.settings({ initialWindowSize: 0 });
    await new Promise((done) => session.once('localSettings', done));
    rawStream(session, { body: frame(Buffer.from('x')) });
    assert.equal(connections(), 1);
    await until('it is cut', () => connections() === 0);
  });

  it('fills the memory for messages, and leaves nothing when it goes away', async (t) => {
    const budget = new Budget(5 * INTAKE_REQUEST_BYTES_MIN);
    const { connect, lost, connections } = await startRig(t, { memoryFor: () => budget });
    const session = connect();
    const body = frame(Buffer.from('x'));
    const held = Array.from({ length: 2 }, () =>
      rawStream(session, { body: body.subarray(0, 5), end: false }),
    );
    await until('both are held', () => budget.held === 2 * INTAKE_REQUEST_BYTES_MIN);
    assert.equal((await rawExport(session, Buffer.from('x'))).status, ok);
    const large = await rawExport(session, Buffer.alloc(4 * INTAKE_REQUEST_BYTES_MIN));
    assert.equal(large.status, unavailable);
    assert.deepEqual(lost, ['OTLP_OVERLOADED']);
    assert.equal(held.length, 2);
    session.destroy();
    await until('it is gone', () => connections() === 0 && budget.held === 0);
    assert.deepEqual(lost, ['OTLP_OVERLOADED'], 'who goes away loses nothing that was taken');
  });

  it('gives up after its whole message, which is not taken then', async (t) => {
    const { port, taken, lost, budget } = await startRig(t);
    const message = frame(Buffer.from('x'));
    const cancel = Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL]);
    const call = [
      PREFACE,
      h2Frame(SETTINGS, 0, 0, Buffer.alloc(0)),
      h2Frame(HEADERS, END_HEADERS, 1, EXPORT_HEADERS),
    ];
    await rawFrames(port, [
      ...call,
      h2Frame(DATA, 0, 1, message),
      h2Frame(RST_STREAM, 0, 1, cancel),
    ]);
    assert.deepEqual([taken.length, lost.length, budget.held], [0, 0, 0]);
    await rawFrames(port, [...call, h2Frame(DATA, END_STREAM, 1, message)]);
    assert.equal(taken.length, 1);
  });

  it('speaks another protocol', async (t) => {
    const { port, connections } = await startRig(t);
    const socket = connectSocket(port, '127.0.0.1').on('error', () => {});
    socket.write('GET /v1/logs HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((done) => socket.on('close', done).resume());
    await until('it is closed', () => connections() === 0);
  });
});

describe('an end', () => {
  it('lets calls end that are on their way, takes no more, and cuts the rest', async (t) => {
    const gate = Promise.withResolvers<void>();
    const { grpc, connect, connections } = await startRig(t, {
      take: ({ body }) =>
        (String(body) === 'ends' ? gate.promise : new Promise<void>(() => {})).then(() => body),
    });
    const [first, second] = [connect(), connect()];
    const ends = rawExport(first, Buffer.from('ends'));
    const never = rawExport(second, Buffer.from('never'));
    await sleep(50);
    const closed = grpc.close(300);
    await new Promise((done) => first.once('goaway', done));
    gate.resolve();
    assert.equal((await ends).status, ok);
    await closed;
    assert.equal((await never).status, -1);
    await until('nothing is left', () => connections() === 0);
    connect();
    await until('a late connection is not kept', () => connections() === 0);
  });
});
