/**
 * What an event of an intake becomes before it is linked: the session it names is the agent's own
 * word and is kept as that, and an event without a time gets the relay's.
 */
import type { EventBody } from '@vitrine/chain';
import { isObject, type JsonObject, OTLP_NAME_CHARS_MAX, type SandboxEvent } from '@vitrine/schema';

const NO_TIME = '0';

/** `t`: the relay's clock, unix nanoseconds. Changes the event's fields in place. */
export function eventBody(event: SandboxEvent, t: string): EventBody {
  const { kind, fields, parts, session } = event;
  if (session !== undefined) nameSession(fields, cut(session));
  return { kind, t: event.t === NO_TIME ? t : event.t, fields, parts };
}

/** `agent.session` is the agent's own id; `source.session` where that is taken. */
function nameSession(fields: JsonObject, session: string): void {
  fields.agent ??= {};
  const { agent, source } = fields;
  if (isObject(agent) && !Object.hasOwn(agent, 'session')) {
    agent.session = session;
    return;
  }
  if (isObject(agent) && agent.session === session) return;
  if (isObject(source) && !Object.hasOwn(source, 'session')) source.session = session;
}

/** The whole of a longer one is in part `otlp`, if anywhere. */
function cut(session: string): string {
  if (session.length <= OTLP_NAME_CHARS_MAX) return session;
  return session.slice(0, OTLP_NAME_CHARS_MAX).toWellFormed();
}
