/**
 * An alert as a message: the session is its key, its place in the log is in its headers, and its
 * value is in the dialect that the topic's readers speak.
 */
import { ALERT_BYTES_MAX } from '@vitrine/schema';
import { alertEntry, textLine } from '@vitrine/schema/normalise';
import type { DeliverableAlert } from '../kit/contract.ts';
import { fitAlert } from '../kit/fit.ts';
import { alertJson } from '../kit/format.ts';
import type { KafkaSettings } from './config.ts';
import { framed } from './message.ts';

type Dialect = KafkaSettings['dialect'];

/** As `framed`, with a value of at most `ALERT_BYTES_MAX` bytes. Throws ALERT_TOO_LARGE. */
export function encodeKafka(alert: DeliverableAlert, { dialect }: { dialect: Dialect }): Buffer {
  const { id, log, index, leaf, test, record } = alert;
  const isText = dialect === 'cef' || dialect === 'leef';
  return framed({
    key: typeof record.subject === 'string' && record.subject !== '' ? record.subject : null,
    headers: {
      'content-type': isText ? 'text/plain' : 'application/json',
      'vitrine-id': id,
      'vitrine-log': log,
      'vitrine-index': String(index),
      'vitrine-leaf': leaf,
      ...(test && { 'vitrine-test': 'true' }),
    },
    value: written(alert, dialect),
  });
}

function written(alert: DeliverableAlert, dialect: Dialect): Buffer {
  if (dialect === 'cef' || dialect === 'leef') {
    return Buffer.from(textLine(alertEntry(alert), dialect, ALERT_BYTES_MAX), 'utf8');
  }
  return fitAlert(alert, (shorter, trimmed) => {
    return Buffer.from(JSON.stringify(alertJson(shorter, dialect, trimmed)), 'utf8');
  });
}
