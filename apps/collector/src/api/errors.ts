/**
 * Every answer of the API that is not a success: one table of codes with status and hint.
 * `docs/reference/errors.md` lists the same.
 */
import { CodedError, type JsonObject } from '@vitrine/schema';

export const API_ERRORS = {
  BAD_REQUEST: { status: 400, hint: 'see /v1/openapi.json for what this route takes' },
  CURSOR_ALTERED: { status: 400, hint: 'send the cursor as it came; start anew with from=' },
  CURSOR_FILTER_MISMATCH: {
    status: 400,
    hint: 'ask with the filters of the first call, as the Link header has them; or start anew',
  },
  CURSOR_STREAM_MISMATCH: { status: 400, hint: 'each stream has cursors of its own' },
  CURSOR_OTHER_LOG: { status: 400, hint: 'start anew with from= or since= at this collector' },
  UNAUTHENTICATED: {
    status: 401,
    hint: 'send Authorization: Bearer TOKEN; the first one is in admin.token of the data directory',
  },
  LOGIN_CODE_UNKNOWN: { status: 401, hint: 'make a fresh link: npx --no vitrine login' },
  LOGIN_CODE_USED: {
    status: 401,
    hint: 'if it was not you, revoke tokens (vitrine token list); npx --no vitrine login',
  },
  LOGIN_CODE_EXPIRED: { status: 401, hint: 'make a fresh link: npx --no vitrine login' },
  FORBIDDEN: { status: 403, hint: 'ask an admin for a token with the role that may do this' },
  NOT_FOUND: { status: 404, hint: 'check the name; /v1/sessions lists what there is' },
  METHOD_NOT_ALLOWED: { status: 405, hint: 'see /v1/openapi.json for the methods of this route' },
  PART_REDACTED: { status: 410, hint: 'the record named here says who took it out, and why' },
  CURSOR_EXPIRED: {
    status: 410,
    hint: 'what is between is gone: go on from oldest_cursor, or begin anew with from=earliest',
  },
  PART_EXPIRED: { status: 410, hint: 'the record named here says how long parts are kept' },
  CLAIM_FALSE: { status: 409, hint: 'what is there can be exported: export --session SESSION' },
  STATE_CONFLICT: { status: 409, hint: 'read it again: somebody else was faster' },
  CONSUMER_LEASED: { status: 409, hint: 'one reader at a time: wait, or make a second consumer' },
  CURSOR_AHEAD: {
    status: 409,
    hint: 'the log was put back to an earlier state: keep the cursor, it is evidence of that',
  },
  PIN_AHEAD: {
    status: 409,
    hint: 'the log was put back to an earlier state: keep the pin, it is evidence of that',
  },
  TOO_LARGE: { status: 413, hint: 'send less at once' },
  UNSUPPORTED_TYPE: { status: 415, hint: 'send application/json' },
  PULL_LIMITED: { status: 429, hint: 'wait as long as Retry-After says' },
  LOGIN_LIMITED: { status: 429, hint: 'wait a minute, then open a fresh link' },
  INTERNAL: { status: 500, hint: "look at the collector's output; nothing was changed" },
  PART_MISSING: { status: 500, hint: 'no record says why it is gone: run npx --no vitrine fsck' },
  NOT_READY: { status: 503, hint: 'the system is starting or its store is away; try again soon' },
} as const;

export type ApiCode = keyof typeof API_ERRORS;

interface ApiErrorOptions {
  cause?: unknown;
  /** Further members of the answer, for programs. */
  more?: JsonObject;
  retryAfterSeconds?: number;
}

export class ApiError extends CodedError<ApiCode> {
  readonly status: number;
  readonly #more: JsonObject;
  readonly #retryAfterSeconds: number | undefined;

  constructor(code: ApiCode, message: string, hint?: string, options: ApiErrorOptions = {}) {
    super(code, message, hint ?? API_ERRORS[code].hint, options);
    this.status = API_ERRORS[code].status;
    this.#more = options.more ?? {};
    this.#retryAfterSeconds = options.retryAfterSeconds;
  }

  /** Of the answer that says it. */
  get headers(): Record<string, string> {
    const seconds = this.#retryAfterSeconds;
    return seconds === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(seconds))) };
  }

  override toJSON(): ReturnType<CodedError<ApiCode>['toJSON']> {
    return { ...this.#more, ...super.toJSON() };
  }
}
