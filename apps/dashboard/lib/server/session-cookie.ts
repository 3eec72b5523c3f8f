/** The cookie that keeps the API token out of the page's reach. Server side only. */
export const SESSION_COOKIE = 'vitrine_session';

/** The `Set-Cookie` value; `maxAgeS` 0 clears it. */
export function sessionCookie(token: string, maxAgeS: number, secure: boolean): string {
  const flags = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${Math.max(0, Math.floor(maxAgeS))}`;
  return `${SESSION_COOKIE}=${token}; ${flags}${secure ? '; Secure' : ''}`;
}

/** The token in a `Cookie` header, or an empty string. Only what has the form of a token. */
export function tokenOfCookies(header: string | null): string {
  for (const pair of (header ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === SESSION_COOKIE && /^[A-Za-z0-9_-]{1,200}$/.test(value ?? '')) return value ?? '';
  }
  return '';
}
