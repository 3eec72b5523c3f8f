/**
 * What stands in `docs/samples`: the one event and the one alert in every dialect, and the alert as
 * each connector sends it, all by the code that sends it.
 */
import { gunzipSync } from 'node:zlib';
import { joinLogTexts, logText, outgoingLog } from '@vitrine/schema';
import {
  alertEntry,
  DIALECTS,
  type Dialect,
  type LogEntry,
  normalise,
  SEVERITIES,
  severityOf,
} from '@vitrine/schema/normalise';
import { SecretReader } from '../../connectors/kit/secret.ts';
import { configureConnector } from '../../connectors/registry.ts';
import { SAMPLE_ORIGIN, sampleLog } from './log.ts';

/** Path below `docs/samples` to text. */
export type Samples = Map<string, string>;

interface Sent {
  /** Name of the file. */
  name: string;
  /** Settings of the connector, `type` among them. */
  settings: Record<string, unknown> & { type: string };
}

const SECRET = { env: 'SECRET' };
const KEY = { env: 'KEY' };
/** None of it is in a body. */
const ENVIRONMENT = { SECRET: 'secret', KEY: `whsec_${Buffer.alloc(32, 1).toString('base64')}` };
const URL = 'https://siem.example';
const SENTINEL = {
  tenant: 'contoso.example',
  client_id: '11111111-2222-3333-4444-555555555555',
  client_secret: SECRET,
  endpoint: 'https://rule-1.westeurope-1.ingest.monitor.azure.com',
  rule: `dcr-${'0a'.repeat(16)}`,
};
const SYSLOG = { type: 'syslog', host: 'siem.example', hostname: 'vitrine.example' };
const KAFKA = { brokers: ['kafka.example:9092'], topic: 'vitrine-alerts' };

/** Every connector at least once. */
export const SENT: Sent[] = [
  { name: 'webhook.json', settings: { type: 'webhook', url: URL, secret: KEY } },
  { name: 'splunk-hec.json', settings: { type: 'splunk-hec', url: URL, token: SECRET } },
  { name: 'falcon.json', settings: { type: 'falcon', url: URL, key: SECRET } },
  { name: 'sentinel.json', settings: { type: 'sentinel', ...SENTINEL } },
  { name: 'elastic.ndjson', settings: { type: 'elastic', url: URL, api_key: SECRET } },
  { name: 'otlp.json', settings: { type: 'otlp', url: URL, encoding: 'json' } },
  { name: 'syslog-json.txt', settings: { ...SYSLOG, payload: 'json' } },
  { name: 'syslog-cef.txt', settings: { ...SYSLOG, payload: 'cef' } },
  { name: 'syslog-leef.txt', settings: { ...SYSLOG, payload: 'leef' } },
  { name: 'kafka.ndjson', settings: { type: 'kafka', ...KAFKA } },
];

const ENDINGS: Record<Dialect, string> = { ocsf: 'json', ecs: 'json', cef: 'txt', leef: 'txt' };

export function samples(): Samples {
  const { event, alert } = sampleLog();
  const made: Samples = new Map();
  const both: [string, LogEntry][] = [
    ['event', event],
    ['alert', alertEntry(alert)],
  ];
  for (const [folder, entry] of both) {
    made.set(`${folder}/record.json`, pretty(entry.record));
    for (const dialect of DIALECTS) {
      made.set(`${folder}/${dialect}.${ENDINGS[dialect]}`, shown(normalise(entry, dialect)));
    }
  }
  made.set('event/otlp.json', pretty(JSON.parse(otlpText(event))));
  for (const sent of SENT) made.set(`alert/sent/${sent.name}`, bodyOf(sent));
  return made;
}

/** As `/v1/pull/events` gives it. */
function otlpText(entry: LogEntry): string {
  const { session, observed, title, record, index, leaf } = entry;
  const severityNumber = SEVERITIES[severityOf(entry)].otlp;
  const integrity = {
    leaf_index: index,
    leaf_hash: leaf,
    log_id: SAMPLE_ORIGIN.split('/')[1]!,
    origin: SAMPLE_ORIGIN,
  };
  const parts = new Map<string, Uint8Array>();
  const log = outgoingLog({ session, observed, severityNumber, title, record, parts, integrity });
  return joinLogTexts([logText(log)], SAMPLE_ORIGIN);
}

/** The body of the request, or of a stream the message, as it leaves before it is packed. */
function bodyOf({ settings }: Sent): string {
  const { alert } = sampleLog();
  const { encode, transport } = configureConnector('sample', settings);
  const bytes = encode(alert);
  if (transport.kind === 'stream') return shown(text(bytes));
  const secrets = new SecretReader(ENVIRONMENT);
  const sending = { items: [{ id: alert.id, bytes }], atMs: 0, token: 'token', attempt: 1 };
  const { headers, body = new Uint8Array() } = transport.request(sending, secrets);
  return shown(text(headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body));
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

/** One JSON value is laid out for people; anything else stays as it is on the wire. */
function shown(value: object | string): string {
  if (typeof value !== 'string') return pretty(value);
  const lines = value.trimEnd().split('\n');
  const isOne = lines.length === 1 && /^[[{]/.test(value);
  return isOne ? pretty(JSON.parse(value)) : `${value.trimEnd()}\n`;
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
