/**
 * How a person gets into the dashboard: an admin has a one-time code made, the dashboard's server
 * gives it back for a token of the admin's role. Each step is a record in the log.
 */
import { isObject, type JsonObject, LOGIN_TOKEN_MS } from '@vitrine/schema';
import {
  type LoginAnswer,
  type LoginCode,
  type LogoutAnswer,
  PEOPLE_ROLES,
  type Role,
} from '@vitrine/schema/api';
import type { Visitor } from '../../access/login-codes.ts';
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';

/** What tells tokens of the dashboard from those a program uses. */
const NOTE = 'dashboard';
/** In front of the name of who logged in. */
export const NOTED = `${NOTE}: `;
const NAME_CHARS_MAX = 128;

export const loginRoutes: Route[] = [
  {
    method: 'POST',
    path: '/v1/login-codes',
    summary:
      'Make a one-time code for a login link of the dashboard: {role?, name?} → {code, expires}.',
    async handle(context) {
      const principal = context.may('token.manage');
      const visitor = visitorOf(await bodyIfAny(context));
      await context.record('token.manage', 'create login code', { visitor });
      const { loginCodes } = context.system;
      const { code, expires } = loginCodes.create(principal, new Date(), visitor);
      context.json<LoginCode>({ code, expires: expires.toISOString() }, 201);
    },
  },
  {
    method: 'POST',
    path: '/v1/login',
    open: true,
    summary: 'Give a login code for a token of whom it is for: {code} → {token, role, expires}.',
    async handle(context) {
      const code = codeOf(await context.body());
      const now = new Date();
      const { tokens, loginCodes } = context.system;
      const { issuer, role, name } = loginCodes.take(code, now);
      if (!tokens.isValid(issuer.id, now)) {
        throw new ApiError('LOGIN_CODE_EXPIRED', 'the token that made this link is gone');
      }
      await context.record('dashboard.login', 'dashboard', { visitor: { role, name } }, issuer);
      const expires = new Date(now.getTime() + LOGIN_TOKEN_MS);
      const note = name === '' ? NOTE : `${NOTED}${name}`;
      const token = tokens.create(role, issuer.tenant, note, now, expires);
      context.json<LoginAnswer>({ token, role, expires: expires.toISOString() });
    },
  },
  {
    method: 'POST',
    path: '/v1/logout',
    summary: 'End the token of this request, if a login made it.',
    async handle(context) {
      const { id } = context.may('dashboard.logout');
      const { tokens } = context.system;
      const note = tokens.list().find((token) => token.id === id)?.note ?? '';
      if (note !== NOTE && !note.startsWith(NOTED)) {
        const hint = 'an admin revokes other tokens: DELETE /v1/tokens/:id';
        throw new ApiError('BAD_REQUEST', 'this token was not made by a login', hint);
      }
      await context.record('dashboard.logout', 'dashboard');
      tokens.revoke(id);
      context.json<LogoutAnswer>({ ended: id });
    },
  },
];

/** Earlier makers of links send none. */
function bodyIfAny(context: Context): Promise<unknown> | object {
  return context.request.headers['content-type'] === undefined ? {} : context.body();
}

/** Who is to come in: a person, so none of the roles of sources and runtimes. */
function visitorOf(body: unknown): Partial<Visitor> & JsonObject {
  const { role, name } = isObject(body) ? body : {};
  if (role !== undefined && !PEOPLE_ROLES.some((known) => known === role)) {
    throw new ApiError('BAD_REQUEST', `role must be one of ${PEOPLE_ROLES.join(', ')}`);
  }
  const isName = typeof name === 'string' && name.isWellFormed() && name.length <= NAME_CHARS_MAX;
  if (name !== undefined && !isName) {
    const message = `name must be a text of at most ${NAME_CHARS_MAX} characters`;
    throw new ApiError('BAD_REQUEST', message);
  }
  return {
    ...(role === undefined ? {} : { role: role as Role }),
    ...(name === undefined ? {} : { name: name.trim() }),
  };
}

function codeOf(body: unknown): string {
  const code = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof code.code !== 'string') throw new ApiError('BAD_REQUEST', 'code must be a text');
  return code.code;
}
