/** Hooks that the recordings do not have, and hooks that no Claude Code would send. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxEvent } from '../event.ts';
import type { JsonObject } from '../json.ts';
import { FIELD_CHARS_MAX, HOOK_BYTES_MAX, PART_BYTES_MAX } from '../limits.ts';
import { ASKED_HOOKS, hookEvent } from './hook.ts';

function eventOf(hook: JsonObject): SandboxEvent {
  return hookEvent(Buffer.from(JSON.stringify({ session_id: 's1', ...hook })));
}

function part(event: SandboxEvent, name: string): string {
  return Buffer.from(event.parts[name]!).toString();
}

function tool(name: string, input: JsonObject): JsonObject {
  const event = eventOf({ hook_event_name: 'PreToolUse', tool_name: name, tool_input: input });
  return event.fields.tool as JsonObject;
}

test('a call says what it is about in the clear, and nothing more of its input', () => {
  const path = '/w/a.txt';
  assert.equal(tool('Edit', { file_path: path, old_string: 'a', new_string: 'b' }).path, path);
  assert.equal(tool('NotebookEdit', { notebook_path: path }).path, path);
  assert.equal(tool('Bash', { command: 'A=1 B=2 /usr/bin/curl -s x' }).program, '/usr/bin/curl');
  const fetched = 'cd /code && curl -s "https://user:word@a.example:8443/x?y" https://b.example';
  assert.equal(tool('Bash', { command: fetched }).host, 'a.example:8443');
  assert.equal(tool('Bash', { command: 'echo http:// && ls' }).host, undefined);
  for (const value of [`'two words'`, `"a \\" b"`, 'a\\ b', `"x"'y z'`]) {
    assert.equal(
      tool('Bash', { command: `A=1 PASSWORD=${value} ./deploy now` }).program,
      './deploy',
    );
  }
  assert.equal(tool('WebFetch', { url: 'https://u:p@a.example:8443/x?y' }).host, 'a.example:8443');
  assert.equal(tool('Agent', { subagent_type: 'Explore', prompt: 'p' }).subagent_type, 'Explore');
  assert.deepEqual(tool('mcp__db__query', { sql: 'select 1' }), {
    name: 'mcp__db__query',
    source: 'mcp',
    server: 'db',
    input_bytes: 18,
  });
});

test('what is in the clear loses what looks like a credential, the part keeps it', () => {
  const secret = 'sk-ant-api03-abcdefgh';
  const event = eventOf({
    hook_event_name: 'PreToolUse',
    tool_name: 'Read',
    tool_input: { file_path: `/w/${secret}` },
  });
  assert.equal((event.fields.tool as JsonObject).path, '/w/[scrubbed]');
  assert.ok(!JSON.stringify(event.fields).includes(secret));
  assert.ok(part(event, 'tool_input').includes(secret));
});

test('a text that no member has room for is not searched: only the part has it', () => {
  const path = `sk-${'a'.repeat(FIELD_CHARS_MAX)}`;
  assert.equal(tool('Read', { file_path: path.slice(0, FIELD_CHARS_MAX) }).path, '[scrubbed]');
  const event = eventOf({
    hook_event_name: 'PreToolUse',
    tool_name: 'Read',
    tool_input: { file_path: path },
  });
  assert.ok(!('path' in (event.fields.tool as JsonObject)));
  assert.ok(part(event, 'tool_input').includes(path));
});

test('the original names the parts that hold its content, and keeps all else', () => {
  const hook = {
    hook_event_name: 'PostToolUse',
    tool_name: 'Bash',
    tool_use_id: 'toolu_1',
    tool_input: { command: 'ls' },
    tool_response: 'a\nb',
    never_heard_of: { a: [1.5, null] },
  };
  const event = eventOf(hook);
  assert.equal(part(event, 'tool_output'), 'a\nb');
  assert.deepEqual(JSON.parse(part(event, 'hook')), {
    session_id: 's1',
    ...hook,
    tool_input: { part: 'tool_input' },
    tool_response: { part: 'tool_output' },
  });
});

test('kinds follow what a hook says of itself', () => {
  const kind = (hook: JsonObject): string => eventOf(hook).kind;
  const start = { hook_event_name: 'SessionStart' };
  assert.equal(kind({ ...start, source: 'startup' }), 'session.start');
  assert.equal(kind({ ...start, source: 'resume' }), 'session.resume');
  const changed = { hook_event_name: 'FileChanged', file_path: '/w/a' };
  assert.equal(kind({ ...changed, event: 'add' }), 'file.create');
  assert.equal(kind({ ...changed, event: 'change' }), 'file.write');
  assert.equal(kind({ ...changed, event: 'unlink' }), 'file.delete');
  assert.equal(
    kind({ hook_event_name: 'PermissionRequest', tool_name: 'Bash' }),
    'approval.request',
  );
});

test('a failure, a refusal by the classifier and an interruption are told apart', () => {
  const failed = eventOf({
    hook_event_name: 'PostToolUseFailure',
    tool_name: 'Bash',
    error: 'exit 1: secret words',
    is_interrupt: true,
  });
  assert.equal(failed.kind, 'tool.result');
  const { success, interrupted } = failed.fields.tool as JsonObject;
  assert.deepEqual([success, interrupted], [false, true]);
  assert.equal(part(failed, 'error'), 'exit 1: secret words');
  const denied = eventOf({ hook_event_name: 'PermissionDenied', tool_name: 'Bash', reason: 'no' });
  assert.equal(denied.kind, 'classifier.verdict');
  assert.deepEqual(denied.fields.classifier, { verdict: 'deny' });
  assert.equal(part(denied, 'reason'), 'no');
});

test('a hook nobody knows becomes other and is kept whole', () => {
  const event = eventOf({ hook_event_name: 'Invented', agent_id: 'a1', x: 'y' });
  assert.equal(event.kind, 'other');
  assert.deepEqual(event.fields, {
    source: { service: 'claude-code', event: 'Invented', signal: 'hook' },
    agent: { id: 'a1', product: 'claude-code', session: 's1' },
  });
  assert.equal(JSON.parse(part(event, 'hook')).x, 'y');
  assert.ok(!ASKED_HOOKS.includes('MessageDisplay'), 'one for each piece of an answer');
});

test('values of the wrong form are left out, whatever they are', () => {
  const odd = { a: 1 };
  const event = eventOf({
    session_id: 7,
    hook_event_name: 'PostToolUse',
    prompt_id: odd,
    agent_type: [odd],
    tool_name: odd,
    tool_use_id: '\ud800',
    tool_input: 'no object',
    tool_response: null,
    duration_ms: -1,
    background_tasks: 'none',
  });
  assert.equal(event.session, undefined);
  assert.deepEqual(event.fields.tool, { use_id: '\ufffd', success: true, input_bytes: 9 });
  assert.equal(event.fields.prompt, undefined);
});

test('names that JavaScript has a use for are kept as they came', () => {
  const text = '{"hook_event_name":"Stop","__proto__":{"x":1},"constructor":2}';
  const event = hookEvent(Buffer.from(text));
  assert.equal(part(event, 'hook'), text);
  assert.equal(hookEvent(Buffer.from('{"hook_event_name":"constructor"}')).kind, 'other');
});

test('a part is cut at its limit, and the record says so', () => {
  const event = eventOf({
    hook_event_name: 'UserPromptSubmit',
    prompt: 'x'.repeat(PART_BYTES_MAX + 1),
  });
  assert.equal(event.parts.prompt!.length, PART_BYTES_MAX);
  assert.deepEqual((event.fields.source as JsonObject).cut, { prompt: PART_BYTES_MAX + 1 });
});

test('the largest hook is taken and one byte more refused', () => {
  const frame = JSON.stringify({ hook_event_name: 'Stop', x: '' }).length;
  const sized = (bytes: number): Buffer =>
    Buffer.from(JSON.stringify({ hook_event_name: 'Stop', x: 'x'.repeat(bytes - frame) }));
  assert.equal(hookEvent(sized(HOOK_BYTES_MAX)).kind, 'agent.stop');
  assert.throws(() => hookEvent(sized(HOOK_BYTES_MAX + 1)), { code: 'HOOK_TOO_LARGE' });
});

test('what is no hook is refused by name, however it is broken', () => {
  const deep = `{"hook_event_name":"Stop","x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  for (const text of ['', '{', 'null', '[]', '7', '{}', '{"hook_event_name":""}', deep]) {
    assert.throws(
      () => hookEvent(Buffer.from(text)),
      { code: 'HOOK_MALFORMED' },
      text.slice(0, 40),
    );
  }
});

test('a change of the model says from which to which', () => {
  const models = { from_model: 'a', to_model: 'b', source: 'picker' };
  const event = eventOf({ hook_event_name: 'PostModelSwitch', ...models });
  assert.equal(event.kind, 'config.change');
  const { model, model_from: before } = event.fields.agent as JsonObject;
  assert.deepEqual([before, model], ['a', 'b']);
});

test('what one sandbox sends does not change what is kept of another', () => {
  const asked = (question: string): SandboxEvent => {
    const input = { answers: { first: 'a', [question]: 'yes' } };
    return eventOf({ hook_event_name: 'PreToolUse', tool_name: 'Ask', tool_input: input });
  };
  for (let i = 0; i < 3; i++) asked('say \\"h');
  assert.equal(part(asked('say "hi'), 'tool_input'), '{"answers":{"first":"a","say \\"hi":"yes"}}');
});
