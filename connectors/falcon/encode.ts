/**
 * An alert as one event for CrowdStrike's Next-Gen SIEM. It has no index, which that takes for a
 * repository's name.
 */
import type { z } from 'zod';
import type { DeliverableAlert } from '../kit/contract.ts';
import { encodeEvent } from '../kit/hec/envelope.ts';
import type { falconConfig } from './config.ts';

/** At most `ALERT_BYTES_MAX` bytes. Throws ALERT_TOO_LARGE. */
export function encodeFalcon(
  alert: DeliverableAlert,
  { dialect, source, sourcetype, host }: z.infer<typeof falconConfig>,
): Buffer {
  return encodeEvent(alert, { dialect, source, sourcetype, host });
}
