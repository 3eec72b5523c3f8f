/** Shows what would be sent for a test alert, without a connection, and without any secret. */
import { gunzipSync } from 'node:zlib';
import { processEnvironment } from './config.ts';
import type { HttpRequest } from './contract.ts';
import type { ConfiguredConnector } from './define.ts';
import { ConnectorError } from './error.ts';
import { type Environment, SecretReader } from './secret.ts';
import { testAlert } from './self-test.ts';

export type DryRun = {
  connector: string;
  type: string;
  ok: boolean;
  /** Why there is no request; `null` when there is one. */
  problem: string | null;
  /** `null` for a stream, which has a body and nothing around it. */
  request: { method: string; url: string; headers: Record<string, string> } | null;
  /** Text, unpacked; base64 where it is no text. */
  body: string;
  encoding: 'utf8' | 'base64';
  /** Of the body as it would be sent. */
  bytes: number;
};

export function dryRun(
  name: string,
  connector: ConfiguredConnector,
  environment: Environment = processEnvironment,
): DryRun {
  const { type, transport } = connector;
  const secrets = new SecretReader(environment);
  const alert = testAlert(Date.now());
  const told = { connector: name, type };
  try {
    const bytes = connector.encode(alert);
    if (transport.kind === 'stream') {
      return { ...told, ok: true, problem: null, request: null, ...shown(bytes, secrets) };
    }
    const items = [{ id: alert.id, bytes }];
    const token = transport.token === undefined ? {} : { token: 'the-token' };
    const sending = { items, atMs: Date.now(), attempt: 1, ...token };
    const made = transport.request(sending, secrets);
    const body = shown(made.body ?? new Uint8Array(), secrets);
    return { ...told, ok: true, problem: null, request: headOf(made, secrets), ...body };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const problem = secrets.scrub(`${error.code}: ${error.message}; ${error.hint}`);
    return { ...told, ok: false, problem, request: null, body: '', encoding: 'utf8', bytes: 0 };
  }
}

function headOf({ method, url, headers }: HttpRequest, secrets: SecretReader): DryRun['request'] {
  const clean = Object.entries(headers).map(([name, value]) => {
    const secret = name.toLowerCase() === 'authorization';
    // Credentials are often encoded once more, so the words themselves would not be found.
    return [name, secret ? `${value.split(' ')[0]} [redacted]` : secrets.scrub(value)];
  });
  return { method, url: secrets.scrub(url), headers: Object.fromEntries(clean) };
}

function shown(
  sent: Uint8Array,
  secrets: SecretReader,
): Pick<DryRun, 'body' | 'encoding' | 'bytes'> {
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
