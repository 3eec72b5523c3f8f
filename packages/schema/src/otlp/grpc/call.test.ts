/** What one call hears, from a sender that keeps the protocol and from those that do not. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  GRPC_MESSAGE_BYTES_MAX,
  GRPC_REASON_BYTES_MAX,
  OTLP_UNPACKED_RATIO_MAX,
} from '../../limits.ts';
import { GRPC_STATUS } from '../response.ts';
import { frame } from './frame.ts';
import { EXPORT_PATHS, rawAnswer, rawExport, rawStream } from './raw-client.ts';
import { RigError, startRig } from './rig.ts';

const { ok, invalidArgument, deadlineExceeded, resourceExhausted } = GRPC_STATUS;
const { unimplemented, internal, unavailable } = GRPC_STATUS;
const GZIP = { 'grpc-encoding': 'gzip' };

/** `message` behind a prefix with this flag. */
function framed(flag: number, message: Uint8Array, length = message.length): Buffer {
  const bytes = frame(message);
  bytes[0] = flag;
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

describe('a call', () => {
  it('of each service is taken with its message, its caller and its peer', async (t) => {
    const { taken, connect, budget } = await startRig(t);
    const session = connect();
    for (const [signal, path] of Object.entries(EXPORT_PATHS)) {
      const headers = { authorization: 'me' };
      const answer = await rawExport(session, Buffer.from(signal), { path, headers });
      assert.equal(answer.status, ok);
      assert.deepEqual([...answer.data], [0, 0, 0, 0, 0]);
      const { body, started, ...rest } = taken.pop()!;
      assert.equal(String(body), signal);
      assert.ok(started <= performance.now());
      assert.deepEqual(rest, { signal, caller: 'me', peer: '127.0.0.1' });
    }
    assert.equal(budget.held, 0);
  });

  it('is read whatever pieces it comes in, and however it is packed', async (t) => {
    const { taken, connect } = await startRig(t);
    const session = connect();
    const stream = rawStream(session, { end: false });
    const answer = rawAnswer(stream);
    for (const byte of frame(Buffer.from('piece by piece'))) stream.write(Buffer.from([byte]));
    stream.end();
    assert.equal((await answer).status, ok);
    assert.equal((await rawExport(session, Buffer.alloc(0))).status, ok);
    const packed = framed(1, gzipSync('packed'));
    assert.equal((await rawExport(session, packed, { headers: GZIP, body: packed })).status, ok);
    // A sender may leave a message plain although it names an encoding.
    assert.equal((await rawExport(session, Buffer.from('plain'), { headers: GZIP })).status, ok);
    const bodies = taken.map(({ body }) => String(body));
    assert.deepEqual(bodies, ['piece by piece', '', 'packed', 'plain']);
  });

  it('that breaks the framing is refused with what is wrong', async (t) => {
    const { taken, lost, connect, budget } = await startRig(t);
    const session = connect();
    const whole = frame(Buffer.from('abc'));
    const cases: [Buffer, object, number, RegExp, string][] = [
      [Buffer.alloc(0), {}, unimplemented, /no message/, 'GRPC_UNIMPLEMENTED'],
      [Buffer.concat([whole, whole]), {}, unimplemented, /more than one/, 'GRPC_UNIMPLEMENTED'],
      [whole.subarray(0, 3), {}, invalidArgument, /in the middle/, 'OTLP_MALFORMED'],
      [whole.subarray(0, 7), {}, invalidArgument, /in the middle/, 'OTLP_MALFORMED'],
      [framed(2, whole), {}, internal, /flag 2/, 'GRPC_MALFORMED'],
      [framed(1, gzipSync('x')), {}, internal, /grpc-encoding/, 'GRPC_MALFORMED'],
      [framed(1, whole), GZIP, invalidArgument, /no gzip/, 'OTLP_MALFORMED'],
      [framed(1, Buffer.alloc(0)), GZIP, invalidArgument, /no gzip/, 'OTLP_MALFORMED'],
    ];
    for (const [body, headers, status, text, code] of cases) {
      const answer = await rawAnswer(rawStream(session, { body, headers: { ...headers } }));
      assert.equal(answer.status, status, answer.message);
      assert.match(answer.message, text);
      assert.equal(answer.trailersOnly, true);
      assert.equal(answer.headers['grpc-accept-encoding'], 'identity,gzip,zstd');
      assert.equal(lost.pop(), code);
    }
    assert.equal(taken.length, 0);
    assert.equal(budget.held, 0);
  });

  it('is bounded as sent, after decompression and by their ratio', async (t) => {
    const { taken, connect, budget } = await startRig(t);
    const session = connect();
    const statusOf = async (body: Buffer, headers = {}) => {
      return (await rawAnswer(rawStream(session, { body, headers }))).status;
    };
    assert.equal(await statusOf(frame(Buffer.alloc(GRPC_MESSAGE_BYTES_MAX))), ok);
    const most = framed(1, gzipSync(randomBytes(GRPC_MESSAGE_BYTES_MAX / 2), { level: 0 }));
    assert.equal(await statusOf(most, GZIP), ok);
    const hex = randomBytes(GRPC_MESSAGE_BYTES_MAX / 2).toString('hex');
    assert.equal(await statusOf(framed(1, gzipSync(hex)), GZIP), ok);
    const over = framed(1, gzipSync(`${hex}x`));
    assert.ok(over.length < GRPC_MESSAGE_BYTES_MAX);
    assert.equal(await statusOf(over, GZIP), resourceExhausted);
    const bomb = gzipSync(Buffer.alloc(GRPC_MESSAGE_BYTES_MAX));
    assert.ok(bomb.length * OTLP_UNPACKED_RATIO_MAX < GRPC_MESSAGE_BYTES_MAX);
    assert.equal(await statusOf(framed(1, bomb), GZIP), resourceExhausted);
    assert.equal(taken.length, 3);
    assert.equal(budget.held, 0);
  });

  it('that is too large is refused at its prefix, and hears it while it still sends', async (t) => {
    const { connect, lost } = await startRig(t);
    const prefix = framed(0, Buffer.alloc(0), GRPC_MESSAGE_BYTES_MAX + 1);
    const open = await rawAnswer(rawStream(connect(), { body: prefix, end: false }));
    assert.equal(open.status, resourceExhausted);
    assert.match(open.message, /4194304 bytes/);
    const session = connect();
    const sending = rawStream(session, { end: false });
    const answer = rawAnswer(sending);
    const large = frame(Buffer.alloc(2 * GRPC_MESSAGE_BYTES_MAX));
    for (let i = 0; i < large.length; i += 65_536) sending.write(large.subarray(i, i + 65_536));
    sending.end();
    assert.equal((await answer).status, resourceExhausted);
    assert.equal((await rawExport(session, Buffer.from('next'))).status, ok, 'it may go on');
    assert.deepEqual(lost, ['OTLP_TOO_LARGE', 'OTLP_TOO_LARGE']);
  });

  it('of another protocol, service or encoding is refused before it is read', async (t) => {
    const { taken, lost, connect } = await startRig(t);
    const session = connect();
    const type = (value: string) => ({ headers: { 'content-type': value } });
    const [service] = EXPORT_PATHS.logs.split('/Export');
    const cases: [Parameters<typeof rawExport>[2], number, RegExp][] = [
      [type('application/x-protobuf'), 415, /application\/x-protobuf/],
      [type('application/grpc-web'), 200, /application\/grpc-web/],
      [type('application/grpc+json'), 200, /application\/grpc\+json/],
      [{ headers: { ':method': 'PUT' } }, 405, /a POST/],
      [{ path: `${service}/Other` }, 200, /LogsService\/Other is not served/],
      [{ path: '/grpc.health.v1.Health/Check' }, 200, /Health\/Check is not served/],
      [{ path: '/v1/logs' }, 200, /v1\/logs is not served/],
      [{ headers: { 'grpc-encoding': 'br' } }, 200, /br is not known/],
    ];
    for (const [call, http, text] of cases) {
      const answer = await rawExport(session, Buffer.from('x'), call);
      assert.deepEqual([answer.status, answer.headers[':status']], [unimplemented, http]);
      assert.match(answer.message, text);
      assert.equal(answer.headers['grpc-accept-encoding'], 'identity,gzip,zstd');
    }
    assert.deepEqual([taken.length, lost.length], [0, 0]);
    for (const fine of ['application/grpc+proto', 'Application/GRPC; x=y']) {
      assert.equal((await rawExport(session, Buffer.from('x'), type(fine))).status, ok);
    }
  });

  it('hears what to try again and when, in words that a header can carry', async (t) => {
    const words = `50 % of “it”\n${'ü'.repeat(GRPC_REASON_BYTES_MAX)}`;
    const { connect } = await startRig(t, {
      welcome() {
        throw new RigError('AWAY', words);
      },
    });
    const answer = await rawExport(connect(), Buffer.from('x'));
    assert.equal(answer.status, unavailable);
    const raw = String(answer.headers['grpc-message']);
    assert.ok(raw.startsWith('50 %25 of %E2%80%9Cit%E2%80%9D%0A%C3%BC'), raw.slice(0, 60));
    assert.ok(words.startsWith(answer.message));
    const bytes = Buffer.byteLength(answer.message);
    assert.ok(bytes <= GRPC_REASON_BYTES_MAX && bytes > GRPC_REASON_BYTES_MAX - 4, `${bytes}`);
    assert.doesNotMatch(String(answer.headers['grpc-status-details-bin']), /=/);
    // Status { code: 14, message, details: [Any { RetryInfo { 1 s, 500,000,000 ns } }] }
    const message = Buffer.from(answer.message);
    assert.deepEqual([...answer.details.subarray(0, 3)], [0x08, unavailable, 0x12]);
    assert.ok(answer.details.includes(message));
    const info = Buffer.from('type.googleapis.com/google.rpc.RetryInfo');
    const delay = Buffer.from('12 0a 0a 08 08 01 10 80 ca b5 ee 01'.replaceAll(' ', ''), 'hex');
    const any = Buffer.concat([Buffer.from([0x0a, info.length]), info, delay]);
    const detail = Buffer.concat([Buffer.from([0x1a, any.length]), any]);
    assert.deepEqual(answer.details.subarray(-detail.length), detail);
  });
});

describe('a deadline', () => {
  it('ends a call that waits, and one whose message does not come', async (t) => {
    const gate = Promise.withResolvers<void>();
    const { connect, budget, taken, lost } = await startRig(t, {
      take: () => gate.promise.then(() => new Uint8Array()),
    });
    const session = connect();
    const headers = { 'grpc-timeout': '40m' };
    const waiting = await rawExport(session, Buffer.from('x'), { headers });
    assert.equal(waiting.status, deadlineExceeded);
    assert.ok(budget.held > 0, 'its memory is in use until it is done');
    gate.resolve();
    const slow = rawAnswer(rawStream(session, { headers, body: Buffer.alloc(3), end: false }));
    assert.equal((await slow).status, deadlineExceeded);
    assert.equal(budget.held, 0);
    assert.deepEqual([taken.length, lost.length], [0, 0]);
  });

  it('is read in every unit, and refused when it is none', async (t) => {
    const { connect } = await startRig(t, {
      take: () => new Promise((resolve) => setTimeout(resolve, 100, new Uint8Array())),
    });
    const session = connect();
    const statusOf = async (timeout: string) => {
      const headers = { 'grpc-timeout': timeout };
      return (await rawExport(session, Buffer.from('x'), { headers })).status;
    };
    const short = ['0S', '1n', '99999u', '20m', '20000000n'];
    const long = ['99999999H', '1M', '5S', '5000m', '5000000u', '99999999u'];
    const broken = ['', '5', 'S', '-1S', '1.5S', '123456789n', '5s', '1 S'];
    for (const [texts, status] of [
      [short, deadlineExceeded],
      [long, ok],
      [broken, internal],
    ] as const) {
      const statuses = await Promise.all(texts.map(statusOf));
      assert.deepEqual(
        statuses,
        texts.map(() => status),
        texts.join(),
      );
    }
  });
});
