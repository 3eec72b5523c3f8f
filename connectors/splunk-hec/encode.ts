/** An alert as one event for Splunk: every member of the envelope that the settings name. */
import type { z } from 'zod';
import type { DeliverableAlert } from '../kit/contract.ts';
import { encodeEvent } from '../kit/hec/envelope.ts';
import type { splunkConfig } from './config.ts';

/** At most `ALERT_BYTES_MAX` bytes. Throws ALERT_TOO_LARGE. */
export function encodeSplunk(
  alert: DeliverableAlert,
  { dialect, index, source, sourcetype, host }: z.infer<typeof splunkConfig>,
): Buffer {
  return encodeEvent(alert, { dialect, index, source, sourcetype, host });
}
