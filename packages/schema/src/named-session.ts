/**
 * Where a relay keeps the session that an event names: the agent's own word, which says nothing of
 * whose session the record belongs to.
 */
import { isObject, type JsonObject } from './json.ts';
import { OTLP_NAME_CHARS_MAX } from './limits.ts';

/**
 * `agent.session` is the agent's own id; `source.session` where that is taken. A longer one is cut:
 * the whole of it is in part `otlp`, if anywhere. Changes `fields` in place.
 */
export function keepNamedSession(fields: JsonObject, named: string): void {
  const session = cut(named);
  fields.agent ??= {};
  const { agent, source } = fields;
  if (isObject(agent) && !Object.hasOwn(agent, 'session')) {
    agent.session = session;
    return;
  }
  if (isObject(agent) && agent.session === session) return;
  if (isObject(source) && !Object.hasOwn(source, 'session')) source.session = session;
}

function cut(session: string): string {
  if (session.length <= OTLP_NAME_CHARS_MAX) return session;
  return session.slice(0, OTLP_NAME_CHARS_MAX).toWellFormed();
}
