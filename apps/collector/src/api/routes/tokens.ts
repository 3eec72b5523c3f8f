/** Tokens: made, listed, revoked by an admin; each change is a record in the log. */
import {
  PULL_STREAMS,
  type PullStream,
  ROLES,
  type Role,
  type TokenMade,
  type TokenRevoked,
  type TokensAnswer,
} from '@vitrine/schema/api';
import { isRole, isStream } from '../../access/may.ts';
import type { Route } from '../context.ts';
import { ApiError } from '../errors.ts';

const DAY_MS = 86_400_000;
const EXPIRES_DAYS_MAX = 3_650;
const NOTE_CHARS_MAX = 200;

export const tokenRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/tokens',
    summary: 'Tokens without their secrets.',
    handle(context) {
      context.may('token.manage');
      context.json<TokensAnswer>({ items: context.system.tokens.list() });
    },
  },
  {
    method: 'POST',
    path: '/v1/tokens',
    summary:
      'Make a token: {role, note?, expires_days?, pull?}. The answer is the only time it is shown.',
    async handle(context) {
      const principal = context.may('token.manage');
      const { role, note, days, pull } = tokenRequest(await context.body());
      const now = new Date();
      const expires = days === undefined ? null : new Date(now.getTime() + days * DAY_MS);
      const scope = pull === undefined ? '' : ` to pull ${pull.join(', ')}`;
      await context.record('token.manage', `create ${role}${scope}`);
      const { tokens } = context.system;
      const token = tokens.create(role, principal.tenant, note, now, expires, pull);
      const made = { token, role, expires: expires?.toISOString() ?? null };
      context.json<TokenMade>({ ...made, ...(pull === undefined ? {} : { pull }) }, 201);
    },
  },
  {
    method: 'DELETE',
    path: '/v1/tokens/:id',
    summary: 'Revoke a token.',
    async handle(context) {
      context.may('token.manage', context.params.id);
      await context.record('token.manage', `revoke ${context.params.id}`);
      if (!context.system.tokens.revoke(context.params.id!)) {
        throw new ApiError('NOT_FOUND', `there is no token ${context.params.id}`);
      }
      context.json<TokenRevoked>({ revoked: context.params.id! });
    },
  },
];

function tokenRequest(body: unknown): {
  role: Role;
  note: string;
  days: number | undefined;
  pull: PullStream[] | undefined;
} {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const { role, note = '', expires_days: days } = given;
  if (!isRole(role)) throw new ApiError('BAD_REQUEST', `role must be one of ${ROLES.join(', ')}`);
  // It stands in the records of what is done with the token: those hold no halves of characters.
  if (typeof note !== 'string' || !note.isWellFormed() || note.length > NOTE_CHARS_MAX) {
    throw new ApiError(
      'BAD_REQUEST',
      `note must be a text of at most ${NOTE_CHARS_MAX} characters`,
    );
  }
  const pull = streamsOf(given.pull);
  if (days === undefined) return { role, note, days: undefined, pull };
  if (typeof days !== 'number' || !(days > 0 && days <= EXPIRES_DAYS_MAX)) {
    throw new ApiError('BAD_REQUEST', `expires_days must be from 0 to ${EXPIRES_DAYS_MAX}`);
  }
  return { role, note, days, pull };
}

/** The streams that a token for consumers is to read. */
function streamsOf(given: unknown): PullStream[] | undefined {
  if (given === undefined || given === null) return undefined;
  const isList = Array.isArray(given) && given.length > 0 && given.every(isStream);
  if (isList) return [...new Set(given)];
  throw new ApiError('BAD_REQUEST', `pull must be a list of ${PULL_STREAMS.join(', ')}`);
}
