/**
 * The two steps of a browser's session: a one-time code becomes a cookie, and the cookie ends. The
 * page itself never sees the token.
 */

import { refusal } from './errors.ts';
import { isSameOrigin } from './guard.ts';
import { sessionCookies, tokenOfCookies } from './session-cookie.ts';

const BODY_CHARS_MAX = 1_024;
const ANSWER_MS_MAX = 10_000;

/** `POST {code}`: the API's own refusal, or 200 with the cookie and `{role, expires}`. */
export async function beginSession(
  request: Request,
  api: string,
  nowMs: number,
): Promise<Response> {
  if (!isOwn(request)) return refusal('ORIGIN_FOREIGN');
  const code = await codeOf(request);
  if (code === null) return refusal('BODY_INVALID');
  const answer = await ask(`${api}/v1/login`, { body: JSON.stringify({ code }) });
  if (answer === null) return refusal('API_AWAY');
  const said = (await answer.json().catch(() => null)) as Record<string, unknown> | null;
  if (!answer.ok) return Response.json(said ?? {}, { status: answer.status, headers: UNKEPT });
  const { token, role, expires } = said ?? {};
  if (typeof token !== 'string' || typeof expires !== 'string') return refusal('API_AWAY');
  const maxAgeS = (Date.parse(expires) - nowMs) / 1_000;
  const named = typeof role === 'string' && /^[a-z]{1,20}$/.test(role) ? role : '';
  const cookies = sessionCookies({ token, role: named }, maxAgeS, isSecure(request));
  return Response.json({ role, expires }, { headers: withCookies(UNKEPT, cookies) });
}

/** Ends the token, if the API can be reached, and in any case clears the cookie. */
export async function endSession(request: Request, api: string): Promise<Response> {
  if (!isOwn(request)) return refusal('ORIGIN_FOREIGN');
  const token = tokenOfCookies(request.headers.get('cookie'));
  if (token !== '') {
    await ask(`${api}/v1/logout`, { headers: { authorization: `Bearer ${token}` } });
  }
  return new Response(null, {
    status: 204,
    headers: withCookies(
      {
        ...UNKEPT,
        // What the browser keeps of this origin goes as well; the choice of colours may stay.
        'clear-site-data': '"cache"',
      },
      sessionCookies({ token: '', role: '' }, 0, isSecure(request)),
    ),
  });
}

function withCookies(plain: Record<string, string>, cookies: readonly string[]): Headers {
  const headers = new Headers(plain);
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  return headers;
}

const UNKEPT = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

function isOwn({ headers }: Request): boolean {
  return isSameOrigin(headers.get('origin'), headers.get('host'));
}

/** Whether the browser came by https, itself or before a proxy. */
function isSecure(request: Request): boolean {
  const origin = request.headers.get('origin') ?? request.url;
  return URL.canParse(origin) && new URL(origin).protocol === 'https:';
}

async function codeOf(request: Request): Promise<string | null> {
  const text = await request.text();
  if (text.length > BODY_CHARS_MAX) return null;
  try {
    const { code } = JSON.parse(text) as { code?: unknown };
    return typeof code === 'string' ? code : null;
  } catch {
    return null;
  }
}

/** `null` when the API does not answer. */
async function ask(
  url: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: string },
): Promise<Response | null> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      cache: 'no-store',
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
  } catch {
    return null;
  }
}
