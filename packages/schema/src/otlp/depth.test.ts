/** Values nested beyond `OTLP_VALUE_DEPTH_MAX` are kept as they came, in every signal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OTLP_VALUE_DEPTH_MAX } from '../limits.ts';
import { decodeExport } from './decode.ts';
import { toEvents } from './events.ts';
import type { Signal } from './model.ts';

/** The text of the only record, from an attribute value that is nested so deeply. */
function originals(signal: 'logs' | 'traces', levels: number): { wire: string; json: string } {
  let value: unknown = { stringValue: 'x' };
  let wire: Buffer = Buffer.from([0x0a, 0x01, 0x78]);
  for (let i = 1; i < levels; i++) {
    value = { arrayValue: { values: [value] } };
    wire = nest(0x2a, nest(0x0a, wire));
  }
  const key = Buffer.from([0x0a, 0x01, 0x6b]);
  const attribute = Buffer.concat([key, nest(0x12, wire)]);
  const record = nest(signal === 'logs' ? 0x32 : 0x4a, attribute);
  const body = nest(0x0a, nest(0x12, nest(0x12, record)));
  const item = { attributes: [{ key: 'k', value }] };
  const request =
    signal === 'logs'
      ? { resourceLogs: [{ scopeLogs: [{ logRecords: [item] }] }] }
      : { resourceSpans: [{ scopeSpans: [{ spans: [item] }] }] };
  return {
    wire: originalOf(signal, 'protobuf', body),
    json: originalOf(signal, 'json', Buffer.from(JSON.stringify(request))),
  };
}

function originalOf(signal: Signal, encoding: 'protobuf' | 'json', body: Buffer): string {
  const [event] = toEvents(decodeExport(signal, encoding, body));
  return Buffer.from(event!.parts.otlp!).toString();
}

function nest(tag: number, inner: Buffer): Buffer {
  const prefix = [tag];
  let rest = inner.length;
  for (; rest > 0x7f; rest >>>= 7) prefix.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...prefix, rest]), inner]);
}

for (const signal of ['logs', 'traces'] as const) {
  test(`${signal}: both sides of the limit, and far beyond it`, () => {
    const inside = originals(signal, OTLP_VALUE_DEPTH_MAX);
    assert.equal(inside.wire, inside.json);
    assert.ok(inside.json.includes('{"stringValue":"x"}'));
    const beyond = originals(signal, OTLP_VALUE_DEPTH_MAX + 1);
    assert.ok(beyond.wire.includes('{"values":[{"protobuf":"CgF4"}]}'));
    assert.ok(beyond.json.includes('{"values":[{"json":"{\\"stringValue\\":\\"x\\"}"}]}'));
    assert.ok(originals(signal, 1_000).wire.includes('"protobuf":"'));
  });
}
