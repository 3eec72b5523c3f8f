/**
 * What an event of an intake becomes before it is linked: the session it names is the agent's own
 * word and is kept as that, and an event without a time gets the relay's.
 */
import { keepNamedSession, type SandboxEvent } from '@vitrine/schema';
import type { EventBody } from './make.ts';

const NO_TIME = '0';

/** `t`: the relay's clock, unix nanoseconds. Changes the event's fields in place. */
export function eventBody(event: SandboxEvent, t: string): EventBody {
  const { kind, fields, text, parts, session } = event;
  const at = event.t === NO_TIME ? t : event.t;
  if (text !== undefined) return { kind, t: at, fields, text, parts };
  if (session !== undefined) keepNamedSession(fields, session);
  return { kind, t: at, fields, parts };
}
