/**
 * Shows what a test would send, request by request, without a connection and without any secret.
 */
import { gunzipSync } from 'node:zlib';
import type { DryRun, ShownBody, ShownMessage, ShownRequest } from '@vitrine/schema/api';
import { processEnvironment } from './config.ts';
import type { HttpRequest, Item, Preview } from './contract.ts';
import type { ConfiguredConnector, HttpTransport } from './define.ts';
import { ConnectorError } from './error.ts';
import { type Environment, SecretReader } from './secret.ts';
import { testAlert } from './self-test.ts';

export function dryRun(
  name: string,
  connector: ConfiguredConnector,
  environment: Environment = processEnvironment,
): DryRun {
  const { type, transport } = connector;
  const secrets = new SecretReader(environment);
  const alert = testAlert(Date.now());
  const requests: ShownRequest[] = [];
  const told = { connector: name, type, alert: alert.id, requests };
  try {
    const item = { id: alert.id, bytes: connector.encode(alert) };
    if (transport.kind === 'stream') {
      const message = messageOf(transport.preview(item.bytes), secrets);
      return { ...told, ok: true, problem: null, message };
    }
    for (const [step, make] of requestsOf(transport, item, secrets)) {
      requests.push({ step, ...requestOf(make(), secrets) });
    }
    return { ...told, ok: true, problem: null, message: null };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const problem = secrets.scrub(`${error.code}: ${error.message}; ${error.hint}`);
    return { ...told, ok: false, problem, message: null };
  }
}

type Making = [step: ShownRequest['step'], make: () => HttpRequest];

/** The token is one that nobody has given; it is not shown anyway. */
function requestsOf(transport: HttpTransport, item: Item, secrets: SecretReader): Making[] {
  const { token, probe } = transport;
  const sending = {
    items: [item],
    atMs: Date.now(),
    attempt: 1,
    ...(token !== undefined && { token: 'the-token' }),
  };
  return [
    ...(token === undefined ? [] : [['token', () => token.request(secrets)] satisfies Making]),
    ...(probe === undefined ? [] : [['probe', () => probe(secrets)] satisfies Making]),
    ['send', () => transport.request(sending, secrets)],
  ];
}

function requestOf(made: HttpRequest, secrets: SecretReader): Omit<ShownRequest, 'step'> {
  const { method, url, headers, body = new Uint8Array() } = made;
  const shown = Object.entries(headers).map(([name, value]) => {
    const clean = secrets.scrub(value);
    // Credentials are often encoded once more, so the words themselves would not be found; and
    // some are no more than the secret, so the first of these words is not always a scheme.
    const hidden = name.toLowerCase() === 'authorization';
    return [name, hidden ? `${clean.split(' ')[0]} [redacted]` : clean];
  });
  const head = { method, url: secrets.scrub(url), headers: Object.fromEntries(shown) };
  return { ...head, ...bodyOf(body, secrets) };
}

function messageOf({ to, details, bytes }: Preview, secrets: SecretReader): ShownMessage {
  return { to, details, ...bodyOf(bytes, secrets) };
}

function bodyOf(sent: Uint8Array, secrets: SecretReader): ShownBody {
  const packed = sent[0] === GZIP_ID[0] && sent[1] === GZIP_ID[1];
  const bytes = packed ? gunzipSync(sent) : Buffer.from(sent);
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd')) {
    return { body: secrets.scrub(text), encoding: 'utf8', bytes: sent.length };
  }
  return { body: bytes.toString('base64'), encoding: 'base64', bytes: sent.length };
}

/** RFC 1952 §2.3.1. */
const GZIP_ID = [0x1f, 0x8b];
