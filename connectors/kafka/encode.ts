/**
 * An alert as a message: the session is its key, its place in the log is in its headers, and its
 * value is in the dialect that the topic's readers speak. A subscription's rows the same.
 */
import { ALERT_BYTES_MAX } from '@vitrine/schema';
import { alertEntry, isText, normalise, textLine } from '@vitrine/schema/normalise';
import type { DeliverableAlert } from '../kit/contract.ts';
import { fitAlert } from '../kit/fit.ts';
import { alertJson } from '../kit/format.ts';
import type { KafkaSettings } from './config.ts';
import { framed } from './message.ts';

type Dialect = KafkaSettings['dialect'];

/** As `framed`; an alert's value has at most `ALERT_BYTES_MAX` bytes. Throws ALERT_TOO_LARGE. */
export function encodeKafka(alert: DeliverableAlert, { dialect }: { dialect: Dialect }): Buffer {
  const { id, log, index, leaf, test, record, row } = alert;
  const session = row?.session ?? record.subject;
  const isLine = isText(dialect) || (row !== undefined && 'note' in row);
  return framed({
    key: typeof session === 'string' && session !== '' ? session : null,
    headers: {
      'content-type': isLine ? 'text/plain' : 'application/json',
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
  const { id, row } = alert;
  // Signed as it is: there is no other way to say it.
  if (row !== undefined && 'note' in row) return Buffer.from(row.note, 'utf8');
  if (isText(dialect)) {
    const bytesMax = row === undefined ? ALERT_BYTES_MAX : undefined;
    return Buffer.from(textLine(row?.entry ?? alertEntry(alert), dialect, bytesMax), 'utf8');
  }
  if (row !== undefined) {
    const { entry } = row;
    return jsonBytes(dialect === 'vitrine' ? { id, ...entry } : normalise(entry, dialect));
  }
  return fitAlert(alert, (shorter, trimmed) => jsonBytes(alertJson(shorter, dialect, trimmed)));
}

function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}
