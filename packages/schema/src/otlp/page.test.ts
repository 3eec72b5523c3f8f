/** What one log has of an event, and a page of it carries, another collector makes the same of. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { SandboxEvent } from '../event.ts';
import type { JsonObject } from '../json.ts';
import { decodeExport } from './decode.ts';
import { toEvents } from './events.ts';
import type { Signal } from './model.ts';
import {
  joinLogs,
  joinLogTexts,
  type LoggedRecord,
  logBytes,
  logText,
  outgoingLog,
} from './page.ts';

const ORIGIN = 'vitrine.local/0a1b2c3d/default.0.1';
const VECTORS = new URL('../../../../test/vectors/claude-code/', import.meta.url);
const SESSION = 'session-1';

/** As a log has it: with the commitment of each part, and a place. */
function logged({ kind, t, fields, parts }: SandboxEvent): LoggedRecord {
  const names = Object.keys(parts).map((name) => [name, 'commitment']);
  const own = { v: 1, kind, t, session: SESSION, shim: 'in', seq: 3, prev: 'x' };
  return {
    session: SESSION,
    observed: '1800000000000000000',
    severityNumber: 9,
    title: 'a title',
    record: { ...structuredClone(fields), ...own, parts: Object.fromEntries(names) },
    parts: new Map(Object.entries(parts)),
    integrity: { leaf_index: 7, leaf_hash: 'aGFzaA==', log_id: '0a1b2c3d' },
  };
}

function replayed(events: SandboxEvent[]): Record<string, SandboxEvent[]> {
  const logs = events.map((event) => outgoingLog(logged(event)));
  const bytes = joinLogs(logs.map(logBytes), ORIGIN);
  const text = Buffer.from(joinLogTexts(logs.map(logText), ORIGIN));
  const direct = toEvents(decodeExport('logs', 'protobuf', bytes, { direct: true }));
  return {
    protobuf: toEvents(decodeExport('logs', 'protobuf', bytes)),
    direct,
    json: toEvents(decodeExport('logs', 'json', text)),
  };
}

function assertSame(events: SandboxEvent[]): void {
  for (const [encoding, again] of Object.entries(replayed(events))) {
    assert.equal(again.length, events.length);
    for (const [i, event] of events.entries()) {
      const { kind, t, fields, parts, session } = again[i]!;
      assert.deepEqual({ kind, t, fields }, { kind: event.kind, t: event.t, fields: event.fields });
      assert.deepEqual(bytesOf(parts), bytesOf(event.parts), encoding);
      assert.equal(session, SESSION);
    }
  }
}

function bytesOf(parts: SandboxEvent['parts']): JsonObject {
  const entries = Object.entries(parts).map(([name, data]) => [
    name,
    Buffer.from(data).toString('base64'),
  ]);
  return Object.fromEntries(entries.sort());
}

describe('a page of records, sent to another collector', () => {
  for (const encoding of ['json', 'protobuf'] as const) {
    it(`is the same records of what Claude Code exported as ${encoding}`, () => {
      const lines = readFileSync(new URL(`otlp-${encoding}.jsonl`, VECTORS), 'utf8').trimEnd();
      const kinds = new Set<string>();
      for (const line of lines.split('\n')) {
        const { url, body } = JSON.parse(line) as { url: string; body: unknown };
        const bytes =
          encoding === 'json'
            ? Buffer.from(JSON.stringify(body))
            : Buffer.from(String(body), 'base64');
        const signal = url.slice('/v1/'.length) as Signal;
        const events = toEvents(decodeExport(signal, encoding, bytes));
        for (const { kind } of events) kinds.add(kind);
        assertSame(events);
      }
      assert.ok(kinds.size > 3, [...kinds].join());
    });
  }

  it('is the same records of whatever a source says', () => {
    fc.assert(
      fc.property(request, (body) => {
        const bytes = Buffer.from(JSON.stringify(body));
        assertSame(toEvents(decodeExport('logs', 'json', bytes)));
      }),
      { numRuns: 300 },
    );
  });

  it('is the same record where a member is as deep as an attribute of its own may be', () => {
    const input = [{ 'vitrine.part.p': false }];
    const fields = {
      source: { event: 'e' },
      vitrine: { x: { y: { x: { y: { tool: { input } } } } } },
    };
    assertSame([{ kind: 'other', t: '5', fields, parts: {} }]);
  });

  it('has more members than attributes only where those are taken together', () => {
    const tools = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`m${i}`, { n: i }]));
    const event = {
      kind: 'tool.call',
      t: '5',
      fields: { source: { shim: 's' }, tools },
      parts: {},
    };
    assertSame([event]);
    assert.ok(Object.keys(outgoingLog(logged(event)).attributes).length < 20);
  });

  it('says nothing about its place where it is not called a page', () => {
    const [log] = [outgoingLog(logged({ kind: 'tool.call', t: '5', fields: {}, parts: {} }))];
    const text = joinLogTexts([logText(log!)], ORIGIN).replace('vitrine.log', 'vitrine.lag');
    const [event] = toEvents(decodeExport('logs', 'json', Buffer.from(text)));
    assert.deepEqual((event!.fields.vitrine as JsonObject).integrity, {
      leaf_hash: 'aGFzaA==',
      leaf_index: 7,
      log_id: '0a1b2c3d',
    });
  });

  it('keeps what another made wrong', () => {
    const attributes = [
      { key: 'vitrine.part.otlp', value: { stringValue: 'theirs' } },
      { key: '' },
    ];
    const resource = { attributes: [{ key: 'vitrine.log', value: { stringValue: 'x' } }] };
    const scopeLogs = [{ logRecords: [{ eventName: 'other', attributes }] }];
    const body = Buffer.from(JSON.stringify({ resourceLogs: [{ resource, scopeLogs }] }));
    const [event] = toEvents(decodeExport('logs', 'json', body));
    assert.equal(Buffer.from(event!.parts.otlp!).toString(), 'theirs');
    assert.match(Buffer.from(event!.parts['otlp.replayed']!).toString(), /"logRecord"/);
  });
});

const name = fc.constantFrom(
  'a',
  'file',
  'path',
  'tool.input',
  'x.y',
  'vitrine',
  'ü',
  'event.sequence',
);
const dotted = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('.'));
const key = fc.oneof(dotted, fc.constantFrom('vitrine.part.p', 'vitrine.shim.seq', 'source.shim'));
const { value: anyValue } = fc.letrec<{ value: unknown; pair: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 8, depthSize: 'small' },
    fc.string({ unit: 'binary', maxLength: 20 }).map((stringValue) => ({ stringValue })),
    fc.constant({ stringValue: 'x'.repeat(5_000) }),
    fc.maxSafeInteger().map((n) => ({ intValue: String(n) })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    fc.uint8Array({ maxLength: 9 }).map((b) => {
      return { bytesValue: Buffer.from(b).toString('base64') };
    }),
    fc.constant({}),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => ({ arrayValue: { values } })),
    fc.array(tie('pair'), { maxLength: 3 }).map((values) => ({ kvlistValue: { values } })),
  ),
  pair: fc.record({ key, value: tie('value') }),
}));
const record = fc.record({
  eventName: fc.constantFrom('file.read', 'tool.call', 'claude_code.x', ''),
  timeUnixNano: fc.constantFrom('0', '5', '18446744073709551615'),
  body: fc.constantFrom({}, { stringValue: 'words' }),
  attributes: fc.array(fc.record({ key, value: anyValue }), { maxLength: 20 }),
});
const shim = { key: 'vitrine.shim.name', value: { stringValue: 's' } };
const service = { key: 'service.name', value: { stringValue: 'codex' } };
const request = fc
  .tuple(fc.constantFrom([], [shim], [service]), fc.array(record, { minLength: 1, maxLength: 3 }))
  .map(([attributes, logRecords]) => {
    return { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] };
  });
