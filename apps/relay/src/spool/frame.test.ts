import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { decodeLogsRequest } from '@vitrine/schema';
import fc from 'fast-check';
import { FrameWriter, readFrame, recordFrameBytes } from './frame.ts';
import { type CarriedRecord, logSizes, logsRequest } from './log-record.ts';

const PLACE = { slot: 7, seq: 2 ** 40 + 3, shim: 3, shimLast: 2 ** 41 };

function carried(recordBytes: number, partBytes: number[] = []): CarriedRecord {
  const parts = partBytes.map((size, i) => {
    return { name: `part-${i}`, salt: randomBytes(16), data: randomBytes(size) };
  });
  const bytes = randomBytes(recordBytes);
  return {
    kind: 'tool.call',
    t: '1764000000000000001',
    bytes,
    mac: randomBytes(32).toString('latin1'),
    parts,
  };
}

function written(...records: CarriedRecord[]): Buffer {
  const writer = new FrameWriter();
  for (const record of records) writer.record(PLACE, record);
  return Buffer.from(writer.bytes);
}

describe('a record frame', () => {
  // Around every length at which a protobuf prefix grows by a byte.
  const sizes = [1, 100, 123, 124, 125, 126, 127, 128, 129, 16_380, 16_383, 16_384, 65_535];

  it('gives back the place and the exact bytes', () => {
    for (const size of sizes) {
      const record = carried(size);
      const read = readFrame(written(record), 0);
      assert.ok(read?.frame.kind === 'record');
      const { bytes, log: _, ...place } = read.frame.record;
      assert.deepEqual(place, PLACE);
      assert.deepEqual(bytes, record.bytes);
      assert.equal(read.next, recordFrameBytes(logSizes(record)));
    }
  });

  it('holds an OTLP log record with the record, its MAC and its parts', () => {
    const records = [
      ...sizes.map((size) => carried(size)),
      ...[0, 1, 90, 100, 110, 127, 128, 16_384, 1_048_576].map((size) => carried(600, [size, 3])),
    ];
    const bytes = written(...records);
    const logs: Buffer[] = [];
    for (let read = readFrame(bytes, 0); read !== undefined; read = readFrame(bytes, read.next)) {
      assert.ok(read.frame.kind === 'record');
      logs.push(read.frame.record.log);
    }
    const decoded = decodeLogsRequest(logsRequest(logs));
    assert.equal(decoded.length, records.length);
    for (const [i, { kind, t, bytes: body, mac, parts }] of records.entries()) {
      const named = Object.fromEntries(parts.map(({ name, salt, data }) => [name, { salt, data }]));
      const expected = {
        eventName: kind,
        timeUnixNano: t,
        observedTimeUnixNano: '0',
        body,
        attributes: { 'vitrine.mac': Buffer.from(mac, 'latin1'), 'vitrine.parts': named },
      };
      assert.deepEqual(decoded[i], expected);
    }
  });

  it('says any time in its low 64 bits', () => {
    const times = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 66n }),
      fc.bigInt({ min: 0n, max: 64n }).map((bits) => 2n ** bits - 1n),
    );
    const check = (t: bigint): void => {
      const read = readFrame(written({ ...carried(10), t: String(t) }), 0);
      assert.ok(read?.frame.kind === 'record');
      assert.equal(read.frame.record.log.readBigUInt64LE(1), BigInt.asUintN(64, t));
    };
    fc.assert(fc.property(times, check));
  });

  it('is nothing without its last byte, or with any byte changed', () => {
    const whole = written(carried(80, [5]));
    for (let end = 0; end < whole.length; end++) {
      assert.equal(readFrame(whole.subarray(0, end), 0), undefined, `cut at ${end}`);
    }
    for (let i = 0; i < whole.length; i++) {
      const changed = Buffer.from(whole);
      changed[i] = changed[i]! ^ 1;
      assert.equal(readFrame(changed, 0), undefined, `changed at ${i}`);
    }
  });
});

describe('FrameWriter', () => {
  it('forgets what was written behind a mark, and grows', () => {
    const writer = new FrameWriter();
    writer.json('ack', { slot: 1, seq: 5 });
    const mark = writer.length;
    writer.record(PLACE, carried(200_000));
    writer.rewind(mark);
    writer.json('shim', { id: 1, vantage: 'agent', name: 'ünïcode' });
    const bytes = writer.bytes;
    const first = readFrame(bytes, 0);
    assert.deepEqual(first?.frame, { kind: 'ack', body: { slot: 1, seq: 5 } });
    const second = readFrame(bytes, mark);
    const body = { id: 1, vantage: 'agent', name: 'ünïcode' };
    assert.deepEqual(second, { frame: { kind: 'shim', body }, next: bytes.length });
  });
});

describe('logsRequest', () => {
  it('is empty without records', () => {
    assert.equal(logsRequest([]).length, 0);
  });
});
