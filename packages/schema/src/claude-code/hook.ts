/**
 * One hook of Claude Code as an event: the JSON a hook command reads on its standard input, which
 * is also the body of an HTTP hook. Content becomes parts of its own, the rest part `hook`.
 */
import { SchemaError } from '../error.ts';
import type { SandboxEvent } from '../event.ts';
import { exactJson } from '../exact.ts';
import { isObject, type JsonObject } from '../json.ts';
import { HOOK_BYTES_MAX } from '../limits.ts';
import { cutName, FieldTree } from '../otlp/fields.ts';
import { isSession } from '../otlp/origin.ts';
import { PartSet } from '../otlp/part-set.ts';
import { HOOK_COMMON, HOOK_EVENTS, type HookEvent } from './hook-events.ts';
import { contentOf, Members } from './members.ts';
import { nameAgent, PRODUCT } from './source.ts';
import { describeTool } from './tool.ts';

/** Where intakes take hooks, beside OTLP. */
export const HOOK_PATH = '/v1/hooks/claude-code';
/** The hooks that say something of their own, in the order of a session. */
export const ASKED_HOOKS: readonly string[] = [...HOOK_EVENTS]
  .filter(([, { unasked }]) => unasked !== true)
  .map(([name]) => name);
const UNKNOWN: HookEvent = { kind: 'other' };
/** A hook says no time: whoever takes it gives it one. */
const NO_TIME = '0';

/** Throws HOOK_MALFORMED or HOOK_TOO_LARGE. `t` of the event is `'0'`. */
export function hookEvent(body: Uint8Array): SandboxEvent {
  if (body.length > HOOK_BYTES_MAX) {
    const message = `the hook has ${body.length} bytes, ${HOOK_BYTES_MAX} at most`;
    throw new SchemaError('HOOK_TOO_LARGE', message, 'the tool call itself is not affected');
  }
  const given = parse(body);
  const name = given.hook_event_name;
  if (typeof name !== 'string' || name === '') throw malformed('it has no hook_event_name');
  const known = HOOK_EVENTS.get(name) ?? UNKNOWN;
  const source: JsonObject = { service: PRODUCT, event: cutName(name), signal: 'hook' };
  const tree = new FieldTree();
  tree.fields.source = source;
  const members = new Members((member, said) => void tree.set(member, said));
  const value = (key: string): unknown => (Object.hasOwn(given, key) ? given[key] : undefined);
  members.take(HOOK_COMMON, value);
  nameAgent(members, value, false);
  members.take(known.members ?? [], value);
  describeOutcome(members, name, given);
  const parts = new PartSet();
  try {
    const { tool_input: inputBytes } = moveContent(given, known, parts);
    if (inputBytes !== undefined) members.set('tool.input_bytes', inputBytes);
  } catch (cause) {
    throw malformed('it is nested too deeply', cause);
  }
  parts.noteCuts(source);
  const event: SandboxEvent = {
    kind: kindOf(known, given),
    t: NO_TIME,
    fields: tree.fields,
    parts: parts.parts,
  };
  const session = given.session_id;
  if (typeof session === 'string' && isSession(session)) event.session = session.toWellFormed();
  return event;
}

function parse(body: Uint8Array): JsonObject {
  let given: unknown;
  try {
    given = exactJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch (cause) {
    throw malformed('it is not JSON', cause);
  }
  if (!isObject(given)) throw malformed('it is not a JSON object');
  return given;
}

function malformed(why: string, cause?: unknown): SchemaError {
  const hint = 'send what a hook of Claude Code reads on its standard input';
  return new SchemaError('HOOK_MALFORMED', `this is no hook: ${why}`, hint, { cause });
}

/** What no single value says: how it went, and which agent a call has started. */
function describeOutcome(members: Members, name: string, given: JsonObject): void {
  const { tool_name: tool, tool_input: input, tool_response: response } = given;
  if (typeof tool === 'string') {
    members.set('tool.source', tool.startsWith('mcp__') ? 'mcp' : 'builtin');
    describeTool(members, tool, input);
  }
  if (name === 'PostToolUse') members.set('tool.success', true);
  if (name === 'PostToolUseFailure') members.set('tool.success', false);
  if (name === 'PermissionDenied') members.set('classifier.verdict', 'deny');
  if (isObject(response)) members.words('tool.agent_id', response.agentId);
  for (const list of ['background_tasks', 'session_crons']) {
    const value = given[list];
    if (Array.isArray(value)) members.set(`agent.${list}`, value.length);
  }
}

function kindOf({ kind }: HookEvent, { source, event }: JsonObject): string {
  if (kind === 'session.start' && source === 'resume') return 'session.resume';
  if (kind === 'file.write' && event === 'add') return 'file.create';
  return kind === 'file.write' && event === 'unlink' ? 'file.delete' : kind;
}

/**
 * What is in a part of its own is not kept twice: the original names the part instead. The bytes
 * of each part, before it was cut.
 */
function moveContent(given: JsonObject, known: HookEvent, parts: PartSet): Record<string, number> {
  const rest: JsonObject = {};
  const bytes: Record<string, number> = {};
  for (const [key, value] of Object.entries(given)) {
    const part = known.parts?.[key];
    const content = part === undefined ? undefined : contentOf(value);
    const isMoved = content !== undefined && parts.add(part!, content);
    if (isMoved) bytes[part!] = content.length;
    // Not assigned: a member may be called `__proto__`.
    Object.defineProperty(rest, key, {
      value: isMoved ? { part: part! } : value,
      enumerable: true,
    });
  }
  parts.add('hook', Buffer.from(JSON.stringify(rest)));
  return bytes;
}
