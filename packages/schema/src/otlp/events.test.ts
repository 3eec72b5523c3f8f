/** The shim convention: what becomes a member, what a part, and what stays in part `otlp`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxEvent } from '../event.ts';
import {
  FIELD_CHARS_MAX,
  OTLP_ATTRIBUTES_MAX,
  OTLP_CONTEXT_BYTES_MAX,
  OTLP_NAME_CHARS_MAX,
  PART_BYTES_MAX,
} from '../limits.ts';
import { decodeExport } from './decode.ts';
import { toEvents } from './events.ts';
import type { OtlpMessage } from './model.ts';
import { type AttributeValue, encodeLogsRequest, type OutgoingLog } from './request.ts';

type Attributes = Record<string, AttributeValue>;
const SHIM: Attributes = { 'vitrine.shim.name': 'strace' };

function eventsOf(logs: OutgoingLog[], resource: Attributes): SandboxEvent[] {
  return toEvents(decodeExport('logs', 'protobuf', encodeLogsRequest(logs, resource)));
}

function eventOf(attributes: Attributes, more: Partial<OutgoingLog> = {}, resource = SHIM) {
  const log = { eventName: 'file.read', timeUnixNano: '7', attributes, ...more };
  return eventsOf([log], resource)[0]!;
}

function partText(event: SandboxEvent, name = 'otlp'): string {
  return Buffer.from(event.parts[name]!).toString();
}

function kept(event: SandboxEvent): Record<string, OtlpMessage> {
  const { logRecord } = JSON.parse(partText(event)) as {
    logRecord: { attributes?: OtlpMessage[] };
  };
  return Object.fromEntries((logRecord.attributes ?? []).map((a) => [String(a.key), a]));
}

test('dotted names nest, and a whole event of a shim needs no original', () => {
  const attributes = {
    'file.path': '/w/a',
    'file.real_path': '/w/a',
    'process.pid': 12,
    'http.auth_provisioned': false,
    'load.average': 0.25,
    'large.count': 2n ** 60n,
    'process.argv': ['ls', '-l'],
    'net.raw': new Uint8Array([1, 2, 3]),
    'extra.map': { a: { b: null } },
    'vitrine.shim.seq': 4,
    'session.id': 'sess',
    'event.sequence': 9,
  };
  const event = eventOf(attributes);
  assert.deepEqual(event, {
    kind: 'file.read',
    t: '7',
    session: 'sess',
    sequence: 9,
    fields: {
      source: { shim: 'strace', seq: 4 },
      file: { path: '/w/a', real_path: '/w/a' },
      process: { pid: 12, argv: ['ls', '-l'] },
      http: { auth_provisioned: false },
      load: { average: '0.25' },
      large: { count: '1152921504606846976' },
      net: { raw: 'AQID' },
      extra: { map: { a: { b: null } } },
      event: { sequence: 9 },
    },
    parts: {},
  });
});

test('time is the source’s, else the observer’s, else 0', () => {
  assert.equal(eventOf({}, { timeUnixNano: '0', observedTimeUnixNano: '5' }).t, '5');
  assert.equal(eventOf({}, { timeUnixNano: '3', observedTimeUnixNano: '5' }).t, '3');
  assert.equal(eventOf({}, { timeUnixNano: '0' }).t, '0');
});

test('of two names in conflict the first stays, and the original keeps both', () => {
  for (const attributes of [
    { a: 1, 'a.b': 2 },
    { 'a.b': 2, a: 1 },
  ] as Attributes[]) {
    const event = eventOf(attributes);
    const [first] = Object.keys(attributes);
    assert.deepEqual(event.fields.a, first === 'a' ? 1 : { b: 2 });
    assert.deepEqual(Object.keys(kept(event)).sort(), ['a', 'a.b']);
  }
});

test('names that no record may have stay in the original only', () => {
  const names = ['kind', 'parts', 'prev', 'seq', 'session', 'shim', 't', 'v'].flatMap((name) => [
    name,
    `${name}.x`,
  ]);
  names.push(
    '__proto__.x',
    'a.__proto__',
    'größe',
    'a..b',
    '.a',
    'a.',
    '',
    'source',
    'source.shim',
  );
  names.push('x'.repeat(OTLP_NAME_CHARS_MAX + 1), 'a.'.repeat(17).slice(0, -1));
  for (const name of names) {
    const event = eventOf({ [name]: 'x', 'file.path': '/w' });
    const { source, ...rest } = event.fields;
    assert.equal((source as OtlpMessage).shim, 'strace', name);
    assert.deepEqual(rest, { file: { path: '/w' } }, name);
    assert.ok(Object.hasOwn(kept(event), name), name);
  }
  assert.deepEqual(eventOf({ ['x'.repeat(OTLP_NAME_CHARS_MAX)]: 1 }).parts, {});
});

test('a map with a member that no record may have stays in the original', () => {
  for (const map of [{ größe: 1 }, { '': 1 }, { x: { y: 'z'.repeat(FIELD_CHARS_MAX + 1) } }]) {
    const event = eventOf({ map });
    assert.deepEqual(Object.keys(event.fields), ['source']);
    assert.ok(Object.hasOwn(kept(event), 'map'));
  }
});

test('what is sensitive or long is a part, named in the original, not repeated there', () => {
  const long = 'é'.repeat(FIELD_CHARS_MAX + 1);
  const event = eventOf({
    'vitrine.part.prompt': 'secret words',
    'vitrine.part.body': new Uint8Array([9, 8]),
    'File.Path': long,
    'file.path': 'y'.repeat(FIELD_CHARS_MAX),
    kind: 'refused, so that there is an original',
  });
  assert.equal(partText(event, 'prompt'), 'secret words');
  assert.deepEqual([...event.parts.body!], [9, 8]);
  assert.equal(partText(event, 'file.path'), long);
  assert.equal((event.fields.file as OtlpMessage).path, 'y'.repeat(FIELD_CHARS_MAX));
  assert.ok(!partText(event).includes('secret words'));
  assert.deepEqual(kept(event)['vitrine.part.prompt'], {
    key: 'vitrine.part.prompt',
    part: 'prompt',
  });
  assert.deepEqual(Object.keys(event.fields), ['source', 'file']);
});

test('a part name that is not allowed or taken stays in the original', () => {
  for (const name of ['Prompt', '', 'a/b', '__proto__', 'x'.repeat(65), 'otlp']) {
    const event = eventOf({ [`vitrine.part.${name}`]: 'data' });
    assert.deepEqual(Object.keys(event.parts), ['otlp'], name);
    assert.ok(partText(event).includes('"data"'), name);
  }
  assert.deepEqual(Object.keys(eventOf({ 'vitrine.part.n': 5 }).parts), ['otlp']);
});

test('a part beyond its cap is cut, and the record says so', () => {
  const whole = eventOf({ 'vitrine.part.body': new Uint8Array(PART_BYTES_MAX) });
  assert.deepEqual(whole.fields.source, { shim: 'strace' });
  const cut = eventOf({ 'vitrine.part.body': new Uint8Array(PART_BYTES_MAX + 1) });
  assert.equal(cut.parts.body!.length, PART_BYTES_MAX);
  assert.deepEqual(cut.fields.source, { shim: 'strace', cut: { body: PART_BYTES_MAX + 1 } });
});

test('attributes beyond their number stay in the original', () => {
  const attributes: Attributes = {};
  for (let i = 0; i < OTLP_ATTRIBUTES_MAX; i++) attributes[`a${i}`] = i;
  assert.deepEqual(eventOf(attributes).parts, {});
  const event = eventOf({ ...attributes, over: 1 });
  assert.ok(!Object.hasOwn(event.fields, 'over'));
  assert.ok(Object.hasOwn(kept(event), 'over'));
});

test('a body, a severity or a dropped attribute keeps the original of a typed event', () => {
  assert.deepEqual(Object.keys(eventOf({}, { body: 'words' }).parts), ['otlp']);
});

test('a record of nobody we know shows its names only', () => {
  const resource = { 'service.name': 'gemini-cli', 'session.id': 'from-resource' };
  const more = { eventName: 'gemini_cli.tool_call' };
  const event = eventOf({ prompt: 'private' }, more, resource);
  assert.equal(event.kind, 'other');
  assert.equal(event.session, 'from-resource');
  const source = { service: 'gemini-cli', event: 'gemini_cli.tool_call' };
  assert.deepEqual(event.fields, { source });
  assert.ok(partText(event).includes('private'));
  const typed = eventOf({ 'file.path': '/w' }, {}, resource);
  assert.equal(typed.kind, 'file.read');
  assert.deepEqual(typed.fields, {
    source: { service: 'gemini-cli', event: 'file.read' },
    file: { path: '/w' },
  });
  assert.deepEqual(Object.keys(typed.parts), ['otlp']);
});

test('the name of an event is found where dialects put it', () => {
  const named = (attributes: Attributes, more: Partial<OutgoingLog>): unknown => {
    const event = eventOf(attributes, { eventName: '', ...more }, {});
    return (event.fields.source as OtlpMessage).event;
  };
  assert.equal(named({ 'event.name': 'tool_result' }, {}), 'tool_result');
  const body = 'claude_code.tool_result';
  assert.equal(named({ 'event.name': 'tool_result' }, { body }), body);
  assert.equal(named({ 'event.name': 'tool_result' }, { body: 'words' }), 'tool_result');
  assert.equal(named({}, { body: 'a secret' }), undefined);
});

test('the session is the best name the record has, else the best of its resource', () => {
  const session = (own: Attributes, shared: Attributes): unknown =>
    eventOf(own, {}, { ...SHIM, ...shared }).session;
  const shared = { 'session.id': 'shared', 'service.instance.id': 'instance' };
  assert.equal(session({ 'session.id': 'own' }, shared), 'own');
  assert.equal(session({ 'conversation.id': 'talk' }, shared), 'shared');
  assert.equal(
    session({ 'gen_ai.conversation.id': 'talk' }, { 'service.instance.id': 'i' }),
    'talk',
  );
  assert.equal(session({}, { 'service.instance.id': 'i' }), 'i');
  assert.equal(session({ 'session.id': 12 }, {}), '12');
  assert.equal(session({ 'session.id': 'x'.repeat(FIELD_CHARS_MAX + 1) }, shared), 'shared');
  assert.equal(session({ 'session.id': '' }, {}), undefined);
});

test('a large context is written once, not ten thousand times', () => {
  const log = { timeUnixNano: '1', attributes: {} };
  const texts = (chars: number): string[] =>
    eventsOf([log, log, log], { r: 'x'.repeat(chars) }).map((event) => partText(event));
  const small = texts(OTLP_CONTEXT_BYTES_MAX / 2);
  assert.equal(new Set(small).size, 1);
  const large = texts(OTLP_CONTEXT_BYTES_MAX);
  assert.ok(large[0]!.length > OTLP_CONTEXT_BYTES_MAX);
  assert.deepEqual(JSON.parse(large[2]!), {
    contextRecordsBefore: 2,
    logRecord: { timeUnixNano: '1' },
  });
});
