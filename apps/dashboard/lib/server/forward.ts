/**
 * Passes a request of the browser on to the collector's API and its answer back as it comes: live
 * events and bundles are never held. The token of the cookie becomes a bearer token; cookies, and
 * headers that belong to one connection, go neither way.
 */

import { refusal } from './errors.ts';
import { isForeign, isSameOrigin } from './guard.ts';
import { tokenOfCookies } from './session-cookie.ts';

const METHODS = ['GET', 'HEAD', 'POST'];
/** Of the API, what a page may ask for. */
const PATHS = /^\/(v1|log)\/./;
/** Credentials are made and answered outside the page's reach. */
const CREDENTIALS = /^\/v1\/(login|login-codes|logout|tokens)(\/|$)/;
const REQUEST_HEADERS = ['accept', 'content-type', 'if-none-match', 'last-event-id', 'range'];
const ANSWER_HEADERS = [
  'accept-ranges',
  'content-disposition',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'retry-after',
  'vitrine-salt',
];
/** Answers that are read while they are written. */
const LIVE_TYPES = ['text/event-stream', 'application/x-ndjson'];
const BODY_BYTES_MAX = 1_048_576;
/** Until the answer begins; a body may go on for as long as the browser reads it. */
const ANSWER_MS_MAX = 30_000;

/** `prefix` is what stands before the API's own path. Never throws. */
export async function forward(
  request: Request,
  prefix: string,
  api: string,
  answerMsMax = ANSWER_MS_MAX,
): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const path = pathname.slice(prefix.length);
  const changes = request.method !== 'GET' && request.method !== 'HEAD';
  if (changes && !isSameOrigin(request.headers.get('origin'), request.headers.get('host'))) {
    return refusal('ORIGIN_FOREIGN');
  }
  if (isForeign(request.headers.get('sec-fetch-site'))) return refusal('ORIGIN_FOREIGN');
  if (!METHODS.includes(request.method)) return refusal('METHOD_NOT_ALLOWED');
  if (!PATHS.test(path) || CREDENTIALS.test(decoded(path))) return refusal('PATH_UNKNOWN');
  const body = changes ? await bodyOf(request) : undefined;
  if (body === null) return refusal('BODY_INVALID');
  return ask(request, `${api}${path}${search}`, body, answerMsMax);
}

async function ask(
  request: Request,
  url: string,
  body: ArrayBuffer | undefined,
  answerMsMax: number,
): Promise<Response> {
  const slow = new AbortController();
  const timer = setTimeout(() => slow.abort(), answerMsMax);
  try {
    const answer = await fetch(url, {
      method: request.method,
      headers: requestHeaders(request.headers),
      signal: AbortSignal.any([request.signal, slow.signal]),
      cache: 'no-store',
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
    return new Response(answer.body, {
      status: answer.status,
      headers: answerHeaders(answer.headers),
    });
  } catch {
    return refusal(slow.signal.aborted ? 'API_SLOW' : 'API_AWAY');
  } finally {
    clearTimeout(timer);
  }
}

function requestHeaders(from: Headers): Headers {
  const headers = picked(from, REQUEST_HEADERS);
  const token = tokenOfCookies(from.get('cookie'));
  if (token !== '') headers.set('authorization', `Bearer ${token}`);
  return headers;
}

function answerHeaders(from: Headers): Headers {
  const headers = picked(from, ANSWER_HEADERS);
  // `no-transform` keeps the compression of the server from collecting live events.
  headers.set('cache-control', isLive(from) ? 'no-store, no-transform' : 'no-store');
  headers.set('x-content-type-options', 'nosniff');
  return headers;
}

function isLive(headers: Headers): boolean {
  const type = headers.get('content-type') ?? '';
  return LIVE_TYPES.some((live) => type.startsWith(live));
}

function picked(from: Headers, names: string[]): Headers {
  const headers = new Headers();
  for (const name of names) {
    const value = from.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path).replace(/\/+/g, '/').toLowerCase();
  } catch {
    return '/v1/tokens';
  }
}

/** The body, bounded; `null` when it is larger than any the API takes. */
async function bodyOf(request: Request): Promise<ArrayBuffer | null> {
  if (Number(request.headers.get('content-length') ?? 0) > BODY_BYTES_MAX) return null;
  const body = await request.arrayBuffer();
  return body.byteLength > BODY_BYTES_MAX ? null : body;
}
