/**
 * The HTTP server of the API: finds the route, authenticates, answers errors from the one table.
 * Knows nothing of what the routes do.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { CodedError } from '@vitrine/schema';
import type { Refusal } from '@vitrine/schema/api';
import { bearerOf } from '../access/tokens.ts';
import { listen } from '../listen.ts';
import { dropRest } from '../receive/body.ts';
import { Context, type Route } from './context.ts';
import { ApiError } from './errors.ts';
import { routes } from './routes/index.ts';
import type { System } from './system.ts';

const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;

export interface ApiServer {
  url: string;
  close(): Promise<void>;
}

export async function startApi(host: string, port: number, system: System): Promise<ApiServer> {
  const server = createServer((request, response) => {
    void answer(request, response, system);
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  const bound = await listen(server, host, port);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  system: System,
): Promise<void> {
  try {
    const url = urlOf(request);
    const found = findRoute(request.method ?? 'GET', url.pathname);
    const open = found.route.open === true;
    const token = bearerOf(request.headers.authorization);
    const principal = system.tokens.authenticate(token, new Date());
    if (principal === null && !open) {
      throw new ApiError(
        'UNAUTHENTICATED',
        token === '' ? 'no token' : 'no such token, or expired',
      );
    }
    const route = { params: found.params, open };
    await found.route.handle(new Context(request, response, url, route, system, principal));
  } catch (error) {
    await dropRest(request);
    refuse(response, error, system);
  }
}

function urlOf(request: IncomingMessage): URL {
  const base = 'http://vitrine';
  const url = URL.canParse(request.url ?? '/', base) ? new URL(request.url ?? '/', base) : null;
  if (url === null) throw new ApiError('BAD_REQUEST', 'the request target is no path');
  return url;
}

function findRoute(method: string, path: string): { route: Route; params: Record<string, string> } {
  let otherMethod = false;
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params === null) continue;
    if (route.method === method) return { route, params };
    otherMethod = true;
  }
  if (otherMethod) throw new ApiError('METHOD_NOT_ALLOWED', `${path} does not take ${method}`);
  throw new ApiError('NOT_FOUND', `there is no ${path}`, '/v1/openapi.json lists every route');
}

/**
 * `null` when the path is another; otherwise the decoded `:name` segments, and what stands where
 * the pattern ends in `*name`, as it came.
 */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  const params: Record<string, string> = {};
  if (wanted.at(-1)?.startsWith('*') && given.length >= wanted.length) {
    const rest = given.splice(wanted.length - 1);
    params[wanted.pop()!.slice(1)] = rest.join('/');
  }
  if (wanted.length !== given.length) return null;
  for (const [i, segment] of wanted.entries()) {
    if (segment.startsWith(':')) {
      try {
        params[segment.slice(1)] = decodeURIComponent(given[i]!);
      } catch {
        return null;
      }
    } else if (segment !== given[i]) return null;
  }
  return params;
}

function refuse(response: ServerResponse, error: unknown, system: System): void {
  const known = error instanceof CodedError ? error : undefined;
  const status = error instanceof ApiError ? error.status : (STATUS[known?.code ?? ''] ?? 500);
  if (status >= 500 || known === undefined) {
    system.log(`api: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const shown = known ?? new ApiError('INTERNAL', 'something went wrong here');
  const body: Refusal = shown.toJSON();
  const headers = error instanceof ApiError ? error.headers : {};
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}

/** Errors of the packages below, as the API answers them; any other is ours: 500. */
const STATUS: Record<string, number> = {
  CURSOR_INVALID: 400,
  QUERY_FIELD_UNKNOWN: 400,
  QUERY_SYNTAX: 400,
  QUERY_TOO_LARGE: 400,
  QUERY_VALUE_INVALID: 400,
  SANDBOX_INVALID: 400,
  SESSION_UNKNOWN: 404,
  SESSION_EXISTS: 409,
  RULES_REFUSED: 409,
  BUNDLE_TOO_LARGE: 413,
  READ_TOO_LARGE: 413,
  QUEUE_FULL: 429,
  SANDBOX_LIMIT: 429,
  DETECTION_STALLED: 503,
  ENGINE_AWAY: 503,
  JOURNAL_UNWRITABLE: 503,
  QUEUE_CLOSED: 503,
  READ_TIMEOUT: 503,
  STORE_CLOSED: 503,
};
