/** What versions other than the recorded one send: other forms of numbers, gates, errors, MCP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxEvent } from '../event.ts';
import type { JsonObject } from '../json.ts';
import { decodeExport } from '../otlp/decode.ts';
import { toEvents } from '../otlp/events.ts';
import { type AttributeValue, encodeLogsRequest } from '../otlp/request.ts';

const CLAUDE = { 'service.name': 'claude-code' };

function sent(
  name: string,
  attributes: Record<string, AttributeValue>,
  resource: Record<string, AttributeValue> = CLAUDE,
): SandboxEvent {
  const body = `claude_code.${name}`;
  const given = { 'event.name': name, 'session.id': 's1', ...attributes };
  const request = encodeLogsRequest([{ timeUnixNano: '7', body, attributes: given }], resource);
  return toEvents(decodeExport('logs', 'protobuf', request))[0]!;
}

function part(event: SandboxEvent, name: string): string {
  return Buffer.from(event.parts[name]!).toString();
}

test('a number is a number, as an integer, a double or text', () => {
  for (const duration of [42, '42', 42.4, '42.4', 42n]) {
    const event = sent('tool_result', {
      tool_name: 'Bash',
      success: 'true',
      duration_ms: duration,
    });
    assert.deepEqual(event.fields.tool, { name: 'Bash', success: true, duration_ms: 42 });
  }
  const odd = sent('tool_result', { success: 'perhaps', duration_ms: '4e9', tool_name: '' });
  assert.equal(odd.fields.tool, undefined);
});

test('what its gates leave out is no content', () => {
  const event = sent('user_prompt', { prompt: '<REDACTED>', prompt_length: 5 });
  assert.deepEqual(Object.keys(event.parts), ['otlp']);
  assert.deepEqual(event.fields.prompt, { length: 5 });
});

test('two texts under the names of one part are both kept', () => {
  const event = sent('user_prompt', { prompt: 'one', prompt_text: 'two' });
  assert.equal(part(event, 'prompt'), 'one');
  assert.ok(part(event, 'otlp').includes('two'));
});

test('a subagent of the main agent has main for its parent, others have theirs', () => {
  const agentOf = (attributes: Record<string, string>): JsonObject =>
    sent('api_request', attributes).fields.agent as JsonObject;
  const product = 'claude-code';
  assert.deepEqual(agentOf({}), { session: 's1', product, id: 'main' });
  const first = { session: 's1', product, id: 'a1', parent_id: 'main' };
  assert.deepEqual(agentOf({ agent_id: 'a1' }), first);
  const second = { session: 's1', product, id: 'a2', parent_id: 'a1' };
  assert.deepEqual(agentOf({ agent_id: 'a2', parent_agent_id: 'a1' }), second);
});

test('errors keep their words in a part', () => {
  const event = sent('api_error', {
    error: 'key sk-ant-api03-abcdefgh',
    status_code: 401,
    attempt: 3,
  });
  assert.equal(event.kind, 'model.error');
  assert.deepEqual(event.fields.request, { attempt: 3, status: 401 });
  assert.equal(part(event, 'error'), 'key sk-ant-api03-abcdefgh');
  assert.ok(!JSON.stringify(event.fields).includes('sk-ant'));
});

test('a tool of an MCP server names it', () => {
  const { tool } = sent('tool_decision', {
    tool_name: 'mcp__db__query',
    decision: 'reject',
    source: 'user_reject',
  }).fields;
  assert.deepEqual(tool, { name: 'mcp__db__query', server: 'db' });
});

test('an event nobody knows becomes other and is kept whole', () => {
  const event = sent('invented', { prompt: 'words', agent_id: 'a1' });
  assert.equal(event.kind, 'other');
  assert.equal((event.fields.source as JsonObject).event, 'claude_code.invented');
  assert.ok(part(event, 'otlp').includes('words'));
  assert.ok(!JSON.stringify(event.fields).includes('words'));
});

test('records of other services under the same names are not taken for its own', () => {
  const event = sent('tool_result', { tool_name: 'Bash' }, { 'service.name': 'another' });
  assert.equal(event.kind, 'other');
  assert.deepEqual(Object.keys(event.fields), ['source']);
  assert.equal(
    sent('tool_result', {}, { 'service.name': 'claude-code-desktop' }).kind,
    'tool.result',
  );
});

test('no attribute takes the place of a member of ours', () => {
  const event = sent('tool_result', { 'source.signal': 'hook', agent: 'x', 'agent.id': 'root' });
  assert.equal((event.fields.source as JsonObject).signal, 'log');
  assert.equal((event.fields.agent as JsonObject).id, 'main');
});

test('what the sandbox of Claude Code stopped is a decision, joined to its tool call', () => {
  const event = sent('safety_event', {
    category: 'sandbox_network',
    decision: 'deny',
    decision_source: 'classifier',
    reason_code: 'subcommands:curl',
    tool_name: 'Bash',
    tool_use_id: 'toolu_1',
    sandbox_violation_count: '2',
    sandbox_enabled: 'true',
  });
  assert.equal(event.kind, 'policy.decision');
  const violations = { category: 'sandbox_network', sandbox_violations: 2, sandbox_enabled: true };
  assert.deepEqual(event.fields.policy, violations);
  assert.deepEqual(event.fields.tool, { name: 'Bash', use_id: 'toolu_1' });
  const { value, source } = event.fields.decision as JsonObject;
  assert.deepEqual([value, source], ['deny', 'classifier']);
});

test('definitions of tools and the system prompt are content', () => {
  const tool = sent('tool', { tool_name: 'Bash', tool_hash: 'ab', tool: '{"name":"Bash"}' });
  assert.equal(tool.kind, 'tool.list');
  assert.equal(part(tool, 'tool_definition'), '{"name":"Bash"}');
  assert.deepEqual(tool.fields.tool, { name: 'Bash', def_hash: 'ab' });
  const prompt = sent('system_prompt', { system_prompt: 'You are', system_prompt_hash: 'cd' });
  assert.equal(part(prompt, 'system_prompt'), 'You are');
});
