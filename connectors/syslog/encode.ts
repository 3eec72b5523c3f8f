/**
 * An alert as one syslog message without its frame. Its structured data say which alert it is and
 * where it stands in the log, in every payload.
 */
import {
  alertEntry,
  SEVERITIES,
  severityOf,
  type TextDialect,
  textLine,
} from '@vitrine/schema/normalise';
import type { DeliverableAlert } from '../kit/contract.ts';
import { ConnectorError } from '../kit/error.ts';
import { fitAlert } from '../kit/fit.ts';
import { alertJson } from '../kit/format.ts';
import { messageBytesMax, OWN_HOSTNAME, type SyslogSettings } from './config.ts';
import { syslogHeader } from './message.ts';

const NS_IN_MS = 1_000_000n;

/** At most `message_bytes`, and no line feed inside. Throws ALERT_TOO_LARGE. */
export function encodeSyslog(alert: DeliverableAlert, config: SyslogSettings): Buffer {
  const header = Buffer.from(headerOf(alert, config), 'utf8');
  const room = messageBytesMax(config) - header.length;
  const payload =
    config.payload === 'json' ? jsonOf(alert, config, room) : lineOf(alert, config.payload, room);
  return Buffer.concat([header, payload]);
}

function headerOf(alert: DeliverableAlert, config: SyslogSettings): string {
  const { id, log, index, leaf, record, test } = alert;
  const { facility, app_name: appName, enterprise_number } = config;
  return syslogHeader({
    facility,
    severity: SEVERITIES[severityOf(alertEntry(alert))].syslog,
    timeMs: Number(BigInt(alert.t) / NS_IN_MS),
    hostname: config.hostname ?? OWN_HOSTNAME,
    appName,
    messageId: String(record.rule ?? ''),
    data: {
      id: `vitrine@${enterprise_number}`,
      parameters: { id, log, index: String(index), leaf, ...(test && { test: 'true' }) },
    },
  });
}

/**
 * The record, its place and its proof. Where it has to be cut, a datagram would be left with a
 * proof and no words: there the proof goes first.
 */
function jsonOf(alert: DeliverableAlert, { transport }: SyslogSettings, bytesMax: number): Buffer {
  const whole = jsonText(alert, []);
  if (whole.length <= bytesMax) return whole;
  if (transport !== 'udp') {
    try {
      return fitAlert(alert, jsonText, bytesMax);
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'ALERT_TOO_LARGE') throw error;
    }
  }
  const unproven = { ...alert, proof: '' };
  return fitAlert(unproven, (fitting, cut) => jsonText(fitting, ['proof', ...cut]), bytesMax);
}

/** Characters at which receivers end a message or a terminal obeys are written as escapes. */
function jsonText(alert: DeliverableAlert, trimmed: string[]): Buffer {
  const { proof, ...made } = alertJson(alert, 'vitrine', trimmed);
  const text = JSON.stringify(proof === '' ? made : { ...made, proof });
  const shown = text.replace(/[\x7f-\x9f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return Buffer.from(shown, 'utf8');
}

function lineOf(alert: DeliverableAlert, dialect: TextDialect, bytesMax: number): Buffer {
  const line = Buffer.from(textLine(alertEntry(alert), dialect, bytesMax), 'utf8');
  if (line.length <= bytesMax) return line;
  const message = `the alert has ${line.length} bytes in ${dialect}, ${bytesMax} at most`;
  throw new ConnectorError('ALERT_TOO_LARGE', message, 'set message_bytes higher');
}
