/** The one error class of the connectors: settings, secrets, egress and kept state. */
import { CodedError } from '@vitrine/schema';

export class ConnectorError extends CodedError<
  | 'CONNECTOR_UNKNOWN'
  | 'CONNECTOR_CONFIG_INVALID'
  | 'SECRET_MISSING'
  | 'SECRET_INVALID'
  | 'EGRESS_REFUSED'
  | 'EGRESS_PLAINTEXT'
  | 'ALERT_TOO_LARGE'
  | 'DELIVERY_STATE_CORRUPT'
> {}

/** The code of a failed system call, if `error` carries one (`ECONNREFUSED`, `ENOENT` …). */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
