/**
 * An alert as an OTLP LogRecord: the body is the alert in a dialect, as JSON text, and the
 * attributes say what a receiver looks for first, the proof among it.
 */
import { type AttributeValue, logBytes, logText, type OutgoingLog } from '@vitrine/schema';
import { alertEntry, SEVERITIES, severityOf } from '@vitrine/schema/normalise';
import type { z } from 'zod';
import type { DeliverableAlert } from '../kit/contract.ts';
import { fitAlert } from '../kit/fit.ts';
import { alertJson, type JsonDialect } from '../kit/format.ts';
import type { otlpConfig } from './config.ts';

export const EVENT_NAME = 'vitrine.alert';

/**
 * The fields of a LogRecord without the message around them, or the same in OTLP/JSON; at most
 * `ALERT_BYTES_MAX` bytes. Throws ALERT_TOO_LARGE.
 */
export function encodeOtlp(
  alert: DeliverableAlert,
  { encoding, dialect }: z.infer<typeof otlpConfig>,
): Buffer {
  return fitAlert(alert, (fitting, trimmed) => {
    const log = logOf(fitting, dialect, trimmed);
    return encoding === 'json' ? Buffer.from(logText(log), 'utf8') : logBytes(log);
  });
}

function logOf(alert: DeliverableAlert, dialect: JsonDialect, trimmed: string[]): OutgoingLog {
  const { record } = alert;
  const severity = severityOf(alertEntry(alert));
  // The proof is not said twice: an attribute has it.
  const body = JSON.stringify(alertJson({ ...alert, proof: '' }, dialect, trimmed));
  return {
    eventName: EVENT_NAME,
    timeUnixNano: alert.t,
    severityNumber: SEVERITIES[severity].otlp,
    severityText: severity,
    body,
    attributes: {
      'log.record.uid': alert.id,
      ...text('vitrine.rule', record.rule),
      // Not `session.id`: a collector of ours would put the alert into the very session.
      ...text('vitrine.subject', record.subject),
      'vitrine.integrity.log': alert.log,
      'vitrine.integrity.leaf_index': alert.index,
      'vitrine.integrity.leaf_hash': alert.leaf,
      'vitrine.link': alert.link,
      ...(alert.proof !== '' && { 'vitrine.integrity.proof': alert.proof }),
      ...(alert.test && { 'vitrine.test': true }),
    },
  };
}

function text(name: string, value: unknown): Record<string, AttributeValue> {
  return typeof value === 'string' ? { [name]: value } : {};
}
