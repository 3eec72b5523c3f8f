/** In front of every request: is it meant for this host, and which scripts may its page run. */
import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { dashboardConfig, isDevelopment } from './lib/config.ts';
import { refusal } from './lib/server/errors.ts';
import { isHostAllowed } from './lib/server/guard.ts';
import { contentPolicy, SECURITY_HEADERS } from './lib/server/headers.ts';

const NONCE_BYTES = 18;

export function proxy(request: NextRequest): Response {
  if (!isHostAllowed(request.headers.get('host'), dashboardConfig().hosts)) {
    return refusal('HOST_UNKNOWN');
  }
  const policy = contentPolicy(randomBytes(NONCE_BYTES).toString('base64'), isDevelopment());
  const headers = new Headers(request.headers);
  // Next takes the nonce for its own scripts from this header of the request.
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.headers.set(name, value);
  return response;
}

export const config = { matcher: ['/((?!_next/static/).*)'] };
