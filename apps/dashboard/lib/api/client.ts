/**
 * The browser's only way to data: JSON from the collector's API through this origin. Every failure
 * is an `ApiFailure` with a code, a sentence and a hint.
 */

import { PAGE_ERRORS, type PageCode } from './errors.ts';
import { textsOf } from './text-stream.ts';

/** The collector's own codes, and those of the way to it. */
export class ApiFailure extends Error {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly code: string;
  readonly hint: string;

  constructor(status: number, code: string, message: string, hint: string) {
    super(message);
    this.name = 'ApiFailure';
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

/** The address of an API path on this origin: `/v1/sessions` → `/api/v1/sessions`. */
export function apiUrl(path: string, query: Record<string, ApiValue> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    search.set(name, String(value));
  }
  const text = search.toString();
  return `/api${path}${text === '' ? '' : `?${text}`}`;
}

export type ApiValue = string | number | boolean | null | undefined;

export interface Asking {
  query?: Record<string, ApiValue>;
  signal?: AbortSignal;
}

/** GETs JSON. Throws ApiFailure; an aborted request throws the signal's reason. */
export async function getJson<T>(path: string, asking: Asking = {}): Promise<T> {
  const response = await send(apiUrl(path, asking.query), {
    ...(asking.signal === undefined ? {} : { signal: asking.signal }),
    headers: { accept: 'application/json' },
  });
  if (!response.ok) throw await failureOf(response);
  try {
    return (await response.json()) as T;
  } catch {
    asking.signal?.throwIfAborted();
    throw pageFailure('ANSWER_UNREADABLE', response.status);
  }
}

/** POSTs JSON and reads the answer as such; throws as `getJson` does. */
export async function postJson<T>(path: string, body: object): Promise<T> {
  const response = await send(apiUrl(path), {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw await failureOf(response);
  try {
    return (await response.json()) as T;
  } catch {
    throw pageFailure('ANSWER_UNREADABLE', response.status);
  }
}

/** POSTs JSON; each line of JSON of the answer when it comes. Throws as `linesOf`. */
export async function* postLines<T>(path: string, body: object): AsyncGenerator<T> {
  const response = await send(apiUrl(path), {
    method: 'POST',
    headers: { accept: 'application/x-ndjson', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw await failureOf(response);
  yield* linesOf<T>(response);
}

/** Each line of JSON when it comes. Throws ApiFailure for what is none, or breaks off. */
export async function* linesOf<T>({ body, status }: Response): AsyncGenerator<T> {
  let rest = '';
  try {
    for await (const text of body === null ? [] : textsOf(body)) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield lineOf<T>(line, status);
    }
  } catch (error) {
    throw error instanceof ApiFailure ? error : brokenOff(status);
  }
  if (rest !== '') throw brokenOff(status);
}

function lineOf<T>(line: string, status: number): T {
  try {
    return JSON.parse(line) as T;
  } catch {
    throw pageFailure('ANSWER_UNREADABLE', status);
  }
}

function brokenOff(status: number): ApiFailure {
  return pageFailure('CONNECTION_LOST', status, 'The answer ended early.');
}

/** `fetch`, whose failure to reach this origin at all is an ApiFailure as well. */
export async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, credentials: 'same-origin', cache: 'no-store' });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw pageFailure('CONNECTION_LOST');
  }
}

/** What a refusing answer says; an answer that is not the API's own is named by its status. */
export async function failureOf(response: Response): Promise<ApiFailure> {
  const said: unknown = await response.json().catch(() => null);
  const { code, message, hint } = (typeof said === 'object' && said !== null ? said : {}) as Record<
    string,
    unknown
  >;
  return new ApiFailure(
    response.status,
    typeof code === 'string' ? code : `HTTP_${response.status}`,
    typeof message === 'string' ? message : `The answer has status ${response.status}.`,
    typeof hint === 'string' ? hint : 'Try again; if it stays, look at the output of the system.',
  );
}

/** One of the page's own failures; `message` says it better than the table where it can. */
export function pageFailure(code: PageCode, status = 0, message?: string): ApiFailure {
  const { message: usual, hint } = PAGE_ERRORS[code];
  return new ApiFailure(status, code, message ?? usual, hint);
}

export function asFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  return pageFailure('PAGE_ERROR', 0, error instanceof Error ? error.message : String(error));
}

const RETRIES_MAX = 2;

/** Whether a query is worth asking again by itself: not when it was refused for a reason. */
export function mayRetry(failures: number, error: unknown): boolean {
  const { status } = asFailure(error);
  const passing = status === 0 || status === 429 || status >= 500;
  return passing && failures < RETRIES_MAX;
}
