import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  encodeLogsRequest,
  encodeStatus,
  GRPC_STATUS,
  INTAKE_CONNECTIONS_MAX,
  INTAKE_HEADER_BYTES_MAX,
  OTLP_BODY_BYTES_MAX,
  OTLP_RECORDS_MAX,
} from '@vitrine/schema';
import { type Bed, makeBed, pathsOf, readAll, tempDir } from '../../test/bed.ts';
import { fileReads, PROTOBUF, send, sendLogs } from '../../test/client.ts';
import { createIntake } from './server.ts';

async function intake(t: TestContext, options?: Parameters<typeof makeBed>[2]) {
  const dir = tempDir(t);
  const bed = await makeBed(t, join(dir, 'spool'), options);
  const socket = join(dir, 'agent.sock');
  const made = createIntake({ vantage: 'agent', custody: bed.custody, log: () => {} });
  await new Promise<void>((resolve) => made.server.listen(socket, resolve));
  t.after(() => made.close(0));
  return { bed, socket };
}

const kept = (bed: Bed) => pathsOf(readAll(bed.spool), 'agent');
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const JSON_LOGS = JSON.stringify({
  resourceLogs: [
    {
      scopeLogs: [
        {
          logRecords: [
            {
              eventName: 'file.read',
              attributes: [{ key: 'file.path', value: { stringValue: 'json' } }],
            },
          ],
        },
      ],
    },
  ],
});

/** The message of a google.rpc.Status in JSON, after its code was compared. */
function statusOf(body: Buffer, code: number): string {
  const status = JSON.parse(body.toString()) as { code: number; message: string };
  assert.equal(status.code, code);
  return status.message;
}

describe('an intake', () => {
  it('takes protobuf, JSON and gzip, and answers in kind', async (t) => {
    const { bed, socket } = await intake(t);
    const proto = await sendLogs(socket, fileReads(['proto']));
    assert.deepEqual([proto.status, proto.body.length], [200, 0]);
    assert.equal(proto.headers['content-type'], 'application/x-protobuf');
    const json = await send(socket, '/v1/logs', { headers: JSON_TYPE, body: JSON_LOGS });
    assert.deepEqual([json.status, json.body.toString()], [200, '{}']);
    assert.equal(json.headers['content-type'], 'application/json');
    const headers = { 'content-encoding': 'gzip' };
    const packed = await sendLogs(socket, gzipSync(fileReads(['gzip'])), { headers });
    assert.equal(packed.status, 200);
    assert.equal((await sendLogs(socket, encodeLogsRequest([]))).status, 200);
    assert.deepEqual(kept(bed), ['proto', 'json', 'gzip']);
  });

  it('takes traces and metrics', async (t) => {
    const { bed, socket } = await intake(t);
    const traces = { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'chat' }] }] }] };
    const metrics = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'cost' }] }] }] };
    for (const [path, body] of [
      ['/v1/traces', traces] as const,
      ['/v1/metrics', metrics] as const,
    ]) {
      const answer = await send(socket, path, { headers: JSON_TYPE, body: JSON.stringify(body) });
      assert.equal(answer.status, 200);
    }
    const others = readAll(bed.spool)
      .of('agent')
      .filter(({ record }) => record.kind === 'other');
    assert.deepEqual(
      others.map(({ record }) => record.source),
      [{ event: 'chat' }, { event: 'cost' }],
    );
  });

  it('answers 400 with the reason and keeps nothing of a broken request', async (t) => {
    const { bed, socket } = await intake(t);
    const whole = fileReads(['a', 'b']);
    const broken = whole.subarray(0, whole.length - 3);
    const proto = await sendLogs(socket, broken);
    assert.equal(proto.status, 400);
    assert.equal(proto.headers['content-type'], 'application/x-protobuf');
    const message = 'a length runs past the end of its message';
    assert.ok(proto.body.includes(message), proto.body.toString());
    const { invalidArgument } = GRPC_STATUS;
    const said = proto.body.subarray(4).toString();
    assert.deepEqual(proto.body, encodeStatus('protobuf', invalidArgument, said));
    const json = await send(socket, '/v1/logs', { headers: JSON_TYPE, body: '{"resourceLogs":[' });
    assert.equal(json.status, 400);
    statusOf(json.body, invalidArgument);
    assert.deepEqual(kept(bed), []);
  });

  it('answers 415 to other types and encodings, 404 and 405 to other requests', async (t) => {
    const { socket } = await intake(t);
    for (const type of ['text/plain', 'application/grpc', '']) {
      const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
      const answer = await send(socket, '/v1/logs', { headers, body: 'x' });
      assert.equal(answer.status, 415);
      assert.match(statusOf(answer.body, GRPC_STATUS.invalidArgument), /application\/x-protobuf/);
    }
    const encoded = { headers: { 'content-encoding': 'br' } };
    assert.equal((await sendLogs(socket, fileReads(['a']), encoded)).status, 415);
    assert.equal((await send(socket, '/v1/profiles', { headers: PROTOBUF })).status, 404);
    const got = await send(socket, '/v1/logs', { method: 'GET', headers: PROTOBUF });
    assert.equal(got.status, 405);
  });

  it('answers 413 to what is too large or too many, declared, sent or unpacked', async (t) => {
    const { bed, socket } = await intake(t);
    const large = Buffer.alloc(OTLP_BODY_BYTES_MAX + 1);
    assert.equal((await sendLogs(socket, large)).status, 413);
    const chunked = { headers: { 'transfer-encoding': 'chunked' } };
    assert.equal((await sendLogs(socket, large, chunked)).status, 413);
    const bomb = { headers: { 'content-encoding': 'gzip' } };
    assert.equal((await sendLogs(socket, gzipSync(large), bomb)).status, 413);
    const most = Array.from({ length: OTLP_RECORDS_MAX }, () => 'x');
    assert.equal((await sendLogs(socket, fileReads([...most, 'x']))).status, 413);
    assert.deepEqual(kept(bed), []);
    assert.equal((await sendLogs(socket, fileReads(most))).status, 200);
    // Behind the hello, and behind what was said of the four refusals.
    const { next } = bed.chain('agent').stored;
    assert.ok(next > OTLP_RECORDS_MAX && next <= OTLP_RECORDS_MAX + 5, `${next} records`);
  });

  it('names the records it rejects in a partial success', async (t) => {
    const { bed, socket } = await intake(t);
    const parts = Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((name) => [`vitrine.part.${name}`, Buffer.alloc(1_048_576)]),
    );
    const one = { eventName: 'file.read', timeUnixNano: '1', attributes: { 'file.path': 'kept' } };
    const huge = { ...one, attributes: { 'file.path': 'huge', ...parts } };
    const answer = await sendLogs(socket, encodeLogsRequest([one, huge]));
    assert.equal(answer.status, 200);
    // partial_success (1) { rejected_log_records (1): 1, error_message (2) }
    assert.deepEqual([...answer.body.subarray(0, 1), ...answer.body.subarray(2, 4)], [10, 8, 1]);
    assert.match(answer.body.toString(), /record 1 of the request/);
    assert.deepEqual(kept(bed), ['kept']);
  });

  it('answers 503 and when to come again when the spool is full or the relay closes', async (t) => {
    const { bed, socket } = await intake(t, { bytesMax: 1_048_576 });
    const record = { eventName: 'file.read', timeUnixNano: '1' };
    const attributes = { 'vitrine.part.content': Buffer.alloc(600_000) };
    const half = encodeLogsRequest([{ ...record, attributes }]);
    assert.equal((await sendLogs(socket, half)).status, 200);
    const full = await sendLogs(socket, half);
    assert.equal(full.status, 503);
    assert.equal(full.headers['retry-after'], '5');
    assert.match(full.body.toString(), /the spool is full/);
    await bed.custody.close('drain');
    const closing = await send(socket, '/v1/logs', { headers: JSON_TYPE, body: JSON_LOGS });
    assert.equal(closing.status, 503);
    statusOf(closing.body, GRPC_STATUS.unavailable);
  });
});

describe('a hostile sender', { concurrency: true }, () => {
  it('is cut off when it sends no header, or one too large', { timeout: 15_000 }, async (t) => {
    const { socket } = await intake(t);
    const silent = connect(socket);
    const cut = new Promise<string>((resolve) => {
      let said = '';
      silent.on('data', (bytes) => {
        said += bytes.toString();
      });
      silent.on('close', () => resolve(said));
    });
    const headers = { ...PROTOBUF, 'x-filler': 'x'.repeat(INTAKE_HEADER_BYTES_MAX) };
    assert.equal((await send(socket, '/v1/logs', { headers })).status, 431);
    assert.match(await cut, /^HTTP\/1\.1 408/);
  });

  it('cannot hold more connections than the intake allows', async (t) => {
    const { socket } = await intake(t);
    const all = Array.from({ length: INTAKE_CONNECTIONS_MAX + 5 }, () => connect(socket));
    t.after(() => {
      for (const one of all) one.destroy();
    });
    let dropped = 0;
    const enough = new Promise<void>((resolve) => {
      for (const one of all) {
        one.on('error', () => {});
        one.on('close', () => {
          dropped++;
          if (dropped === 5) resolve();
        });
      }
    });
    await enough;
    assert.equal(all.filter((one) => !one.closed).length, INTAKE_CONNECTIONS_MAX);
  });

  it('hears 429 when its bodies would take too much memory, and holds nothing after', async (t) => {
    const { bed, socket } = await intake(t);
    const half = `POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n`;
    const stuck = Array.from({ length: 3 }, () => {
      const one = connect(socket);
      one.on('error', () => {});
      one.write(`${half}content-length: ${OTLP_BODY_BYTES_MAX}\r\n\r\n`);
      one.write(Buffer.alloc(9_000_000));
      return one;
    });
    t.after(() => {
      for (const one of stuck) one.destroy();
    });
    const answers = await Promise.race(
      stuck.map((one) => new Promise<string>((r) => one.once('data', (b) => r(b.toString())))),
    );
    assert.match(answers, /^HTTP\/1\.1 429 .*\r\nretry-after: 1\r\n/s);
    for (const one of stuck) one.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal((await sendLogs(socket, fileReads(['after']))).status, 200);
    assert.deepEqual(kept(bed), ['after']);
  });

  it('leaves nothing when it goes away in the middle', async (t) => {
    const { bed, socket } = await intake(t);
    const body = fileReads(['whole']);
    const gone = connect(socket);
    gone.write(
      `POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n` +
        `content-length: ${body.length + 1}\r\n\r\n`,
    );
    gone.write(body);
    await new Promise((resolve) => setTimeout(resolve, 20));
    gone.destroy();
    assert.equal((await sendLogs(socket, fileReads(['next']))).status, 200);
    assert.deepEqual(kept(bed), ['next']);
  });
});
