/** The cookies that keep the API token, and whose it is, out of the page's reach. */
export const SESSION_COOKIE = 'vitrine_session';
/** The reader's role: what pages offer, and nothing that the API believes. */
export const ROLE_COOKIE = 'vitrine_role';

/** The `Set-Cookie` values; `maxAgeS` 0 clears them. */
export function sessionCookies(
  { token, role }: { token: string; role: string },
  maxAgeS: number,
  secure: boolean,
): string[] {
  const age = Math.max(0, Math.floor(maxAgeS));
  const flags = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${age}${secure ? '; Secure' : ''}`;
  return [`${SESSION_COOKIE}=${token}; ${flags}`, `${ROLE_COOKIE}=${role}; ${flags}`];
}

/** The token in a `Cookie` header, or an empty string. Only what has the form of a token. */
export function tokenOfCookies(header: string | null): string {
  for (const pair of (header ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === SESSION_COOKIE && /^[A-Za-z0-9_-]{1,200}$/.test(value ?? '')) return value ?? '';
  }
  return '';
}
