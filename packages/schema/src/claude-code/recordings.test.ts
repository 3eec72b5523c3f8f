/**
 * The recorded session of the real CLI, hooks and telemetry of one run: what events come out, and
 * that both tell the same story under the same names.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { SandboxEvent } from '../event.ts';
import { type Json, readPath } from '../json.ts';
import { decodeExport } from '../otlp/decode.ts';
import { toEvents } from '../otlp/events.ts';
import type { Signal } from '../otlp/model.ts';
import { hookEvent } from './hook.ts';

const VECTORS = new URL('../../../../test/vectors/claude-code/', import.meta.url);

function linesOf(file: string): string[] {
  const text = readFileSync(new URL(file, VECTORS), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

function telemetry(encoding: 'json' | 'protobuf'): SandboxEvent[] {
  return linesOf(`otlp-${encoding}.jsonl`).flatMap((line) => {
    const { url, body } = JSON.parse(line) as { url: string; body: unknown };
    const bytes =
      encoding === 'json' ? Buffer.from(JSON.stringify(body)) : Buffer.from(`${body}`, 'base64');
    return toEvents(decodeExport(url.slice('/v1/'.length) as Signal, encoding, bytes));
  });
}

function hooks(): SandboxEvent[] {
  return linesOf('hooks.jsonl').map((line) => hookEvent(Buffer.from(line)));
}

function at(event: SandboxEvent, path: string): Json | undefined {
  return readPath(event.fields, path);
}

function label(event: SandboxEvent): string {
  return `${at(event, 'source.signal')} ${at(event, 'source.event')}`;
}

/** Of each sort of event how many there are, the first, and the bytes of its parts. */
function digest(events: SandboxEvent[]): unknown[] {
  const sorts = Map.groupBy(events, label);
  return [...sorts].map(([sort, all]) => {
    const { kind, t, session, sequence, fields, parts } = all[0]!;
    const bytes = Object.fromEntries(
      Object.entries(parts).map(([name, data]) => [name, data.length]),
    );
    return { sort, count: all.length, first: { kind, t, session, sequence, fields, parts: bytes } };
  });
}

test('the recordings give the golden events', () => {
  const golden = linesOf('events.jsonl').map((line) => JSON.parse(line));
  const found = digest([...hooks(), ...telemetry('json')]);
  assert.deepEqual(JSON.parse(JSON.stringify(found)), golden);
});

/** Numbers and ids differ between two runs; names of members and parts do not. */
function shape(value: Json): Json {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner)]));
}

test('both encodings give the same kinds with the same members and parts', () => {
  const shapes = (events: SandboxEvent[]): string[] => {
    const lines = events.map((event) => {
      const { kind, fields, parts } = event;
      return JSON.stringify([label(event), kind, shape(fields), Object.keys(parts)]);
    });
    return [...new Set(lines)].sort();
  };
  assert.deepEqual(shapes(telemetry('protobuf')), shapes(telemetry('json')));
});

test('content is in parts and nowhere else', () => {
  const contents = [
    'read the notes',
    'Quarterly notes',
    'sk-ant-foreign',
    'account,amount',
    'say hi',
  ];
  for (const event of [...hooks(), ...telemetry('json')]) {
    const clear = JSON.stringify(event.fields);
    for (const content of contents) assert.ok(!clear.includes(content), `${content} in ${clear}`);
  }
  const uploads = hooks().filter((event) =>
    partText(event, 'tool_input').includes('sk-ant-foreign'),
  );
  assert.equal(uploads.length, 8, 'as the parts have it');
  for (const event of uploads) assert.ok(!partText(event, 'hook').includes('sk-ant-foreign'));
});

function partText(event: SandboxEvent, name: string): string {
  return Buffer.from(event.parts[name] ?? []).toString();
}

/** A tool call is told apart by its agent and its number: numbers repeat in this recording. */
function callsOf(events: SandboxEvent[], kind: string): string[] {
  return events
    .filter((event) => event.kind === kind)
    .map(
      (event) => `${at(event, 'agent.id')} ${at(event, 'tool.use_id')} ${at(event, 'tool.name')}`,
    )
    .sort();
}

test('hooks and telemetry name the same session, prompts, calls and agents', () => {
  const told = hooks();
  const sent = telemetry('json');
  const sessions = new Set([...told, ...sent].map(({ session }) => session));
  assert.equal(sessions.size, 1);
  assert.deepEqual([...sessions], [at(told[0]!, 'agent.session')]);
  const prompts = (events: SandboxEvent[]): unknown[] =>
    events.filter(({ kind }) => kind === 'prompt.submit').map((event) => at(event, 'prompt.id'));
  assert.deepEqual(prompts(told), prompts(sent));
  assert.equal(callsOf(told, 'tool.call').length, 23);
  assert.deepEqual(callsOf(told, 'tool.call'), callsOf(told, 'tool.result'));
  assert.deepEqual(callsOf(told, 'tool.result'), callsOf(sent, 'tool.result'));
  assert.deepEqual(callsOf(told, 'tool.call'), callsOf(sent, 'approval.decision'));
  const ended = (events: SandboxEvent[]): unknown[] =>
    events
      .filter((event) => event.kind === 'agent.stop' && at(event, 'agent.id') !== 'main')
      .map((event) => at(event, 'agent.id'));
  assert.deepEqual(ended(told), ended(sent));
});

test('agents are a tree: telemetry names each parent, hooks the call that started each', () => {
  const parents = new Map<Json | undefined, Json | undefined>();
  for (const event of telemetry('json')) {
    const parent = at(event, 'agent.parent_id');
    if (parent !== undefined) parents.set(at(event, 'agent.id'), parent);
  }
  const spawned = hooks()
    .filter(({ kind }) => kind === 'agent.spawn')
    .map((event) => at(event, 'agent.id'));
  assert.deepEqual(
    spawned.map((agent) => parents.get(agent)),
    ['main', spawned[0], spawned[1]],
  );
  for (const event of hooks()) {
    const child = at(event, 'tool.agent_id');
    if (child !== undefined) assert.equal(at(event, 'agent.id'), parents.get(child));
  }
});
