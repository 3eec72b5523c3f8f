/**
 * Who may talk to the dashboard's server at all: requests that name this host (a page of another
 * site whose name is rebound to this address does not), and changes that come from our own pages.
 */
const LOOPBACK = /^(localhost|([a-z0-9-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether the `Host` header names this dashboard: loopback names, and those in `allowed`. */
export function isHostAllowed(host: string | null, allowed: readonly string[]): boolean {
  const given = (host ?? '').toLowerCase();
  if (!/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/.test(given)) return false;
  const name = given.replace(/:\d{1,5}$/, '');
  return LOOPBACK.test(name) || allowed.includes(name) || allowed.includes(given);
}

/** Whether a request that changes something comes from a page of the same origin. */
export function isSameOrigin(origin: string | null, host: string | null): boolean {
  if (origin === null || host === null || !URL.canParse(origin)) return false;
  const { host: from, protocol } = new URL(origin);
  return /^https?:$/.test(protocol) && from === withoutDefaultPort(host, protocol);
}

/**
 * Whether the browser says (Fetch Metadata, `Sec-Fetch-Site`) that another page asks. To a cookie
 * all ports of one host are the same site: a page of another port would read and take evidence in
 * the reader's name, and the log would say so.
 */
export function isForeign(site: string | null): boolean {
  return site !== null && site !== 'same-origin' && site !== 'none';
}

function withoutDefaultPort(host: string, protocol: string): string {
  const port = protocol === 'https:' ? ':443' : ':80';
  const lower = host.toLowerCase();
  return lower.endsWith(port) ? lower.slice(0, -port.length) : lower;
}
