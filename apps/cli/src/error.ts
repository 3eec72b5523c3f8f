/** The one error class of the command line, and how to read other people's errors. */
import { CodedError } from '@vitrine/schema';

export type CliCode =
  | 'USAGE'
  | 'NOT_RUNNING'
  | 'ALREADY_RUNNING'
  | 'TOKEN_UNREADABLE'
  | 'API_UNREACHABLE'
  | 'API_FAILED'
  | 'CHECKPOINT_UNTRUSTED'
  | 'FILE_UNREADABLE'
  | 'FILE_UNWRITABLE'
  | 'START_FAILED'
  | 'STORE_ABSENT'
  | 'DEMO_FAILED'
  | 'DASHBOARD_FAILED'
  | 'DASHBOARD_ABSENT'
  | 'PORT_IN_USE';

/**
 * What a command refuses or fails at. A refusal of the collector keeps the collector's own code,
 * which is why other codes are allowed beside the literal ones.
 */
export class CliError extends CodedError<CliCode | (string & {})> {
  /** How long the collector asks to wait before the same is asked again, in seconds. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: CliCode | (string & {}),
    message: string,
    hint = '',
    { retryAfterSeconds, ...options }: { cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(code, message, hint, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The code of a failed system call, if `error` carries one (`ENOENT`, `ECONNREFUSED` …). */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  // fetch wraps the socket's error.
  return 'cause' in error ? systemCode(error.cause) : undefined;
}

/** One readable sentence for anything that was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
