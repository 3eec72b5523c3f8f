/**
 * How a person gets into the dashboard: an admin has a one-time code made, the dashboard's server
 * gives it back for a token of the admin's role. Each step is a record in the log.
 */
import { LOGIN_TOKEN_MS } from '@vitrine/schema';
import type { Route } from '../context.ts';
import { ApiError } from '../errors.ts';

/** What tells tokens of the dashboard from those a program uses. */
const NOTE = 'dashboard';

export const loginRoutes: Route[] = [
  {
    method: 'POST',
    path: '/v1/login-codes',
    summary: 'Make a one-time code for a login link of the dashboard: {code, expires}.',
    async handle(context) {
      const principal = context.may('token.manage');
      await context.record('token.manage', 'create login code');
      const { code, expires } = context.system.loginCodes.create(principal, new Date());
      context.json({ code, expires }, 201);
    },
  },
  {
    method: 'POST',
    path: '/v1/login',
    open: true,
    summary: 'Give a login code for a token of its maker’s role: {code} → {token, role, expires}.',
    async handle(context) {
      const code = codeOf(await context.body());
      const now = new Date();
      const { tokens, loginCodes } = context.system;
      const issuer = loginCodes.take(code, now);
      if (!tokens.isValid(issuer.id, now)) {
        throw new ApiError('LOGIN_CODE_EXPIRED', 'the token that made this link is gone');
      }
      await context.record('dashboard.login', 'dashboard', {}, issuer);
      const expires = new Date(now.getTime() + LOGIN_TOKEN_MS);
      const token = tokens.create(issuer.role, issuer.tenant, NOTE, now, expires);
      context.json({ token, role: issuer.role, expires });
    },
  },
  {
    method: 'POST',
    path: '/v1/logout',
    summary: 'End the token of this request, if a login made it.',
    async handle(context) {
      const { id } = context.may('dashboard.logout');
      const { tokens } = context.system;
      if (tokens.list().find((token) => token.id === id)?.note !== NOTE) {
        const hint = 'an admin revokes other tokens: DELETE /v1/tokens/:id';
        throw new ApiError('BAD_REQUEST', 'this token was not made by a login', hint);
      }
      await context.record('dashboard.logout', 'dashboard');
      tokens.revoke(id);
      context.json({ ended: id });
    },
  },
];

function codeOf(body: unknown): string {
  const code = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof code.code !== 'string') throw new ApiError('BAD_REQUEST', 'code must be a text');
  return code.code;
}
