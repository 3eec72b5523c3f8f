/** An unmodified source: the recorded exports of a Claude Code session, in both encodings. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { SandboxEvent } from '../event.ts';
import { readPath } from '../json.ts';
import { decodeExport } from './decode.ts';
import { toEvents } from './events.ts';
import type { OtlpMessage, Signal } from './model.ts';

interface Recorded {
  url: string;
  body: unknown;
}
type Encoding = 'json' | 'protobuf';

const VECTORS = new URL('../../../../test/vectors/claude-code/', import.meta.url);

function recorded(encoding: Encoding): Recorded[] {
  const text = readFileSync(new URL(`otlp-${encoding}.jsonl`, VECTORS), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
}

function eventsOf({ url, body }: Recorded, encoding: Encoding): SandboxEvent[] {
  const signal = url.slice('/v1/'.length) as Signal;
  const bytes =
    encoding === 'json' ? Buffer.from(JSON.stringify(body)) : Buffer.from(String(body), 'base64');
  return toEvents(decodeExport(signal, encoding, bytes));
}

/** Every object that stands in an array under one of these names. */
function itemsOf(value: unknown, names: string[]): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    names.includes(name) && Array.isArray(inner) ? inner : itemsOf(inner, names),
  );
}

/** The same message as part `otlp` spells it: defaults left out, 64-bit integers as text. */
function spelled(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => spelled(item, ''));
  if (typeof value === 'number') return name === 'intValue' ? String(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(
    ([member, inner]) =>
      /Value$|^as/.test(member) || !(inner === 0 || inner === '' || String(inner) === ''),
  );
  return Object.fromEntries(members.map(([member, inner]) => [member, spelled(inner, member)]));
}

function partText(event: SandboxEvent, name: string): string {
  return Buffer.from(event.parts[name]!).toString();
}

/** Part `otlp` with the values put back that are parts of their own. */
function originalOf(event: SandboxEvent): OtlpMessage {
  return JSON.parse(partText(event, 'otlp'), (_, value) => {
    if (typeof value?.key !== 'string' || value.part === undefined) return value;
    return { key: value.key, value: { stringValue: partText(event, value.part) } };
  }) as OtlpMessage;
}

function sourceOf(event: SandboxEvent, member: string): string {
  return String(readPath(event.fields, `source.${member}`));
}

test('json: every log record, span and metric of every request is one event', () => {
  for (const request of recorded('json')) {
    const items = itemsOf(request.body, ['logRecords', 'spans', 'metrics']) as OtlpMessage[];
    const events = eventsOf(request, 'json');
    assert.equal(events.length, items.length);
    for (const [i, item] of items.entries()) {
      const t = item.timeUnixNano ?? item.startTimeUnixNano;
      if (t !== undefined) assert.equal(events[i]!.t, t);
      const body = (item.body as OtlpMessage | undefined)?.stringValue;
      assert.equal(sourceOf(events[i]!, 'event'), body ?? item.name);
      const original = originalOf(events[i]!);
      const kept = original.logRecord ?? original.span ?? original.metric;
      assert.deepEqual(kept, spelled(item, ''));
    }
  }
});

for (const encoding of ['json', 'protobuf'] as const) {
  test(`${encoding}: events name their session, number and source, and keep the original`, () => {
    const requests = recorded(encoding);
    const events = requests.flatMap((request) => eventsOf(request, encoding));
    assert.equal(new Set(events.map(({ session }) => session)).size, 1);
    assert.match(String(events[0]!.session), /^[0-9a-f-]{36}$/);
    const sequences = events.flatMap(({ sequence }) => sequence ?? []);
    assert.deepEqual(
      sequences,
      sequences.map((_, i) => i),
      'event.sequence counts from 0',
    );
    for (const event of events) {
      assert.equal(sourceOf(event, 'service'), 'claude-code');
      assert.match(sourceOf(event, 'event'), /^claude_code\./);
      assert.match(sourceOf(event, 'scope'), /^com\.anthropic\.claude_code/);
      assert.equal(itemsOf(originalOf(event).resource, ['attributes']).length, 5);
    }
  });
}

/** What two runs of the same script have in common: names and attribute keys, not values. */
function shapes(encoding: Encoding): Map<string, Set<string>> {
  const seen = new Map<string, Set<string>>();
  for (const event of recorded(encoding).flatMap((request) => eventsOf(request, encoding))) {
    const original = originalOf(event);
    const record = original.logRecord ?? original.span ?? original.metric!;
    const keys = itemsOf(record, ['attributes']).map((a) => {
      const { key, value } = a as { key: string; value: OtlpMessage };
      return `${key}:${Object.keys(value).join()}`;
    });
    const name = sourceOf(event, 'event');
    const known = seen.get(name) ?? new Set(Object.keys(record));
    for (const key of keys) known.add(key);
    seen.set(name, known);
  }
  return seen;
}

test('both encodings of the same script give the same members, keys and types', () => {
  const protobuf = shapes('protobuf');
  const json = shapes('json');
  assert.deepEqual([...protobuf.keys()].sort(), [...json.keys()].sort());
  for (const [name, members] of json) {
    assert.deepEqual([...(protobuf.get(name) ?? [])].sort(), [...members].sort(), name);
  }
});
