/** What the resource and scope of a group say about every record in it, read once. */
import type { JsonObject } from '../json.ts';
import { FIELD_CHARS_MAX } from '../limits.ts';
import { cutName } from './fields.ts';
import { messageAttribute, type OtlpGroup, type OtlpMessage } from './model.ts';
import { ContextText } from './text.ts';

/** Names under which a source tells its session, the best first; a record's own comes first. */
export const SESSION_KEYS = [
  'session.id',
  'conversation.id',
  'gen_ai.conversation.id',
  'service.instance.id',
];

/** Attribute of the resource in pages of a log: its origin. */
export const REPLAYED_LOG = 'vitrine.log';

export interface Origin {
  service: string;
  scope: string;
  /** `vitrine.shim.name`: the sender speaks our own convention. */
  shim: string | undefined;
  /** `vitrine.log`: a page of another log, whose records are to be the same here. */
  replayed: boolean;
  session: Claim | undefined;
  context: ContextText;
}

/** A session as a source names it, and which of `SESSION_KEYS` said so. */
export interface Claim {
  rank: number;
  session: string;
}

export function originOf(group: OtlpGroup<unknown>): Origin {
  const { name } = group.scope;
  return {
    service: cutName(messageAttribute(group.resource, 'service.name') ?? ''),
    scope: cutName(typeof name === 'string' ? name : ''),
    shim: shimOf(group.resource),
    replayed: messageAttribute(group.resource, REPLAYED_LOG) !== undefined,
    session: claimOf(group.resource),
    context: new ContextText(group),
  };
}

/** The shim of ours that a resource names. */
export function shimOf(resource: OtlpMessage): string | undefined {
  const shim = messageAttribute(resource, 'vitrine.shim.name');
  return shim === undefined || shim === '' ? undefined : cutName(shim);
}

export function claimOf(message: OtlpMessage): Claim | undefined {
  for (const [rank, key] of SESSION_KEYS.entries()) {
    const session = messageAttribute(message, key);
    if (session !== undefined && isSession(session)) return { rank, session };
  }
  return undefined;
}

/** A name too long to be repeated in a record is no name; the part has it. */
export function isSession(text: string): boolean {
  return text !== '' && text.length <= FIELD_CHARS_MAX;
}

export function betterClaim(own: Claim | undefined, shared: Claim | undefined): Claim | undefined {
  if (own === undefined || shared === undefined) return own ?? shared;
  return own.rank <= shared.rank ? own : shared;
}

/** The names by which a record that is no event of ours can be found again. */
export function sourceOf(origin: Origin, event: string): JsonObject {
  const source: JsonObject = {};
  if (origin.service !== '') source.service = origin.service;
  if (event !== '') source.event = event;
  if (origin.scope !== '') source.scope = origin.scope;
  return source;
}
