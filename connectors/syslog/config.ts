/** Settings of the syslog connector. */
import { hostname } from 'node:os';
import {
  ALERT_BYTES_MAX,
  SYSLOG_DATAGRAM_BYTES_DEFAULT,
  SYSLOG_MESSAGE_BYTES_MAX,
  SYSLOG_MESSAGE_BYTES_MIN,
  SYSLOG_SETTLE_MS_DEFAULT,
  SYSLOG_SETTLE_MS_MAX,
  SYSLOG_SETTLE_MS_MIN,
} from '@vitrine/schema';
import { z } from 'zod';
import { deliverySettings, wantsTls } from '../kit/config.ts';
import { FACILITIES, HEADER_CHARS_MAX } from './message.ts';

/** RFC 5425 §4.1, RFC 6587 §4 (IANA `syslog-conn`), RFC 5426 §3.3. */
export const PORTS = { tls: 6_514, tcp: 601, udp: 514 } as const;

const PORT_MAX = 65_535;
const ENTERPRISE_NUMBER_MAX = 4_294_967_295;
const HOST_CHARS_MAX = 253;
/** PRINTUSASCII of RFC 5424 §6. */
const WORD = /^[!-~]+$/;

function word(charsMax: number) {
  return z.string().max(charsMax).regex(WORD, 'must be printable ASCII without spaces');
}

const settings = z.strictObject({
  ...deliverySettings,
  host: z.string().min(1).max(HOST_CHARS_MAX).describe('name or address of the receiver'),
  port: z
    .int()
    .min(1)
    .max(PORT_MAX)
    .optional()
    .describe('6514 for `tls`, 601 for `tcp` and 514 for `udp` when left out'),
  transport: z
    .enum(['tls', 'tcp', 'udp'])
    .default('tls')
    .describe('`tls` (1.2 or later), `tcp`, or `udp`, which loses alerts without a word'),
  framing: z
    .enum(['octet-counting', 'newline'])
    .default('octet-counting')
    .describe(
      'how messages are told apart: their length in front, or a line feed behind for receivers ' +
        'that do not know RFC 6587; not used with `udp`',
    ),
  payload: z
    .enum(['json', 'cef', 'leef'])
    .default('json')
    .describe('the record with its proof as JSON, or a line of CEF or LEEF that leads to it'),
  facility: z
    .enum(Object.keys(FACILITIES) as (keyof typeof FACILITIES)[])
    .default('audit')
    .describe('facility of RFC 5424: `audit` is 13, `local0` to `local7` are 16 to 23'),
  hostname: word(HEADER_CHARS_MAX.hostname)
    .optional()
    .describe('HOSTNAME of the header, in QRadar the log source; this machine when left out'),
  app_name: word(HEADER_CHARS_MAX.appName).default('vitrine').describe('APP-NAME of the header'),
  enterprise_number: z
    .int()
    .min(0)
    .max(ENTERPRISE_NUMBER_MAX)
    .default(0)
    .describe(
      "your organisation's IANA private enterprise number: structured data is called " +
        '`vitrine@NUMBER`',
    ),
  message_bytes: z
    .int()
    .min(SYSLOG_MESSAGE_BYTES_MIN)
    .max(SYSLOG_MESSAGE_BYTES_MAX)
    .optional()
    .describe(
      `a message with its header, at most; ${ALERT_BYTES_MAX}, or ` +
        `${SYSLOG_DATAGRAM_BYTES_DEFAULT} with \`udp\`, when left out`,
    ),
  settle_ms: z
    .int()
    .min(SYSLOG_SETTLE_MS_MIN)
    .max(SYSLOG_SETTLE_MS_MAX)
    .default(SYSLOG_SETTLE_MS_DEFAULT)
    .describe('how long a connection must stay sound after an alert for it to count as delivered'),
  server_name: z
    .string()
    .min(1)
    .max(HOST_CHARS_MAX)
    .optional()
    .describe('name that the certificate of the receiver must have; `host` when left out'),
});

/** Whoever names certificates believes that they are looked at. */
export const syslogConfig = settings.refine(
  (config) => {
    const { transport, server_name } = config;
    return transport === 'tls' || (server_name === undefined && !wantsTls(config));
  },
  {
    path: ['transport'],
    error: 'ca_file, cert_file, key_file and server_name mean nothing without tls',
  },
);

export type SyslogSettings = z.infer<typeof syslogConfig>;

/** What stands for `hostname` where it is left out; `-` is RFC 5424's word for nothing. */
export const OWN_HOSTNAME = ownHostname();

function ownHostname(): string {
  const name = hostname().slice(0, HEADER_CHARS_MAX.hostname);
  return WORD.test(name) ? name : '-';
}

export function messageBytesMax({ message_bytes, transport }: SyslogSettings): number {
  const usual = transport === 'udp' ? SYSLOG_DATAGRAM_BYTES_DEFAULT : ALERT_BYTES_MAX;
  return message_bytes ?? usual;
}
