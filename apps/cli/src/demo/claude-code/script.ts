/**
 * What the stand-in model says: for each conversation that it knows by its prompt, tool calls one
 * after the other, then an answer.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isObject, type JsonObject } from '@vitrine/schema';
import { CliError } from '../../error.ts';

export interface ScriptedCall {
  name: string;
  input: JsonObject;
}

export interface Conversation {
  prompt: string;
  steps: ScriptedCall[];
  answer: string;
}

const SCRIPT = fileURLToPath(
  new URL('../../../../../test/scenarios/claude-code/model.json', import.meta.url),
);

/** `places`: what stands for WORKSPACE and NODE in the script. Throws DEMO_FAILED. */
export function readScript(
  places: { WORKSPACE: string; NODE: string },
  path = SCRIPT,
): Conversation[] {
  const placed = (_: string, value: unknown): unknown =>
    typeof value === 'string'
      ? value.replace(/\b(WORKSPACE|NODE)\b/g, (name) => places[name as keyof typeof places])
      : value;
  const script: unknown = JSON.parse(readFileSync(path, 'utf8'), placed);
  if (Array.isArray(script) && script.every(isConversation)) return script;
  const hint = 'a list of {prompt, steps: [{name, input}], answer}';
  throw new CliError('DEMO_FAILED', `${path} is no script of a model`, hint);
}

function isConversation(value: unknown): value is Conversation {
  if (!isObject(value) || !Array.isArray(value.steps)) return false;
  const { prompt, answer, steps } = value;
  const calls = steps.every((step) => isObject(step) && typeof step.name === 'string');
  return typeof prompt === 'string' && typeof answer === 'string' && calls;
}

/** What comes next in the conversation of a request to `POST /v1/messages`. */
export type Turn = { call: ScriptedCall } | { text: string };

/** A conversation is known by the prompt in its first message, whatever stands around it. */
export function nextTurn(script: Conversation[], request: unknown): Turn {
  const messages = isObject(request) && Array.isArray(request.messages) ? request.messages : [];
  const contents = messages.filter(isObject).map(({ content }) => content);
  const first = JSON.stringify(contents[0] ?? '');
  const conversation = script.find(({ prompt }) => first.includes(prompt));
  if (conversation === undefined) return { text: 'ok' };
  const results = contents.flatMap((content) => (Array.isArray(content) ? content : []));
  const done = results.filter((block) => isObject(block) && block.type === 'tool_result').length;
  const call = conversation.steps[done];
  return call === undefined ? { text: conversation.answer } : { call };
}
