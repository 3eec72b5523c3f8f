/** What the shims and `run` refuse or give up on. */
import { CodedError } from '@vitrine/schema';

export class ShimError extends CodedError<
  | 'CONFIG_INVALID'
  | 'SEND_REFUSED'
  | 'SEND_UNHEARD'
  | 'HOST_RULE_INVALID'
  | 'FUNCTION_UNKNOWN'
  | 'EGRESS_REFUSED'
  | 'EGRESS_UNAUDITED'
  | 'EGRESS_FAILED'
  | 'SANDBOX_UNAVAILABLE'
  | 'GRANT_INVALID'
  | 'CREDENTIAL_INVALID'
  | 'ENVIRONMENT_TOO_LARGE'
  | 'COLLECTOR_UNREACHABLE'
  | 'COLLECTOR_REFUSED'
  | 'PROCESS_FAILED'
  | 'STREAM_INVALID'
> {}

/** The errno name of a system error (`ENOENT`), if it is one. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
