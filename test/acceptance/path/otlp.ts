/**
 * OTLP/HTTP made by hand: log records that carry one id each, in protobuf and in JSON, and the
 * answers. Field numbers are those of opentelemetry-proto 1.11.
 */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export const PROTOBUF = 'application/x-protobuf';
export const JSON_TYPE = 'application/json';
const ANSWER_MS_MAX = 30_000;

/** An event by which a tester finds his own again: its id stands in the record itself. */
export interface MarkedEvent {
  id: string;
  session: string;
  /** Unix nanoseconds, decimal. */
  t: string;
  /** A body of the record, to make it larger. */
  fill?: string;
}

export function jsonBody(events: MarkedEvent[]): Buffer {
  const text = (value: string) => ({ stringValue: value });
  const resourceLogs = [...bySession(events)].map(([session, own]) => ({
    resource: { attributes: [{ key: 'session.id', value: text(session) }] },
    scopeLogs: [
      {
        logRecords: own.map(({ id, t, fill = '' }) => ({
          timeUnixNano: t,
          body: text(fill),
          eventName: 'file.read',
          attributes: [
            { key: 'file.path', value: text(`/ledger/${id}`) },
            { key: 'ledger.id', value: text(id) },
          ],
        })),
      },
    ],
  }));
  return Buffer.from(JSON.stringify({ resourceLogs }));
}

export function protobufBody(events: MarkedEvent[]): Buffer {
  const groups = [...bySession(events)].map(([session, own]) => {
    const resource = bytesField(1, attribute(1, 'session.id', stringValue(session)));
    const records = own.map(({ id, t, fill = '' }) =>
      bytesField(
        2,
        Buffer.concat([
          fixed64Field(1, BigInt(t)),
          bytesField(5, stringValue(fill)),
          attribute(6, 'file.path', stringValue(`/ledger/${id}`)),
          attribute(6, 'ledger.id', stringValue(id)),
          textField(12, 'file.read'),
        ]),
      ),
    );
    return bytesField(1, Buffer.concat([resource, bytesField(2, Buffer.concat(records))]));
  });
  return Buffer.concat(groups);
}

/** One log record of a pulled page: the exact bytes as its body, and the frame MAC. */
export function pageRecord(record: Buffer, kind: string, mac: Buffer): Buffer {
  const log = [
    bytesField(5, bytesValue(record)),
    attribute(6, 'vitrine.mac', bytesValue(mac)),
    textField(12, kind),
  ];
  return bytesField(2, Buffer.concat(log));
}

export function pageBody(records: Buffer[]): Buffer {
  return bytesField(1, bytesField(2, Buffer.concat(records)));
}

/** The `message` of a `google.rpc.Status`, which every refusal carries. */
export function statusMessage(type: string, body: Buffer): string {
  if (type === JSON_TYPE) return (JSON.parse(body.toString('utf8')) as { message: string }).message;
  let at = 0;
  while (at < body.length) {
    const tag = body[at++]!;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = body[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (tag === ((2 << 3) | LENGTH_DELIMITED)) return body.toString('utf8', at, at + value);
    if ((tag & 7) === LENGTH_DELIMITED) at += value;
  }
  return '';
}

export interface PostAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Post {
  url: string;
  token?: string | undefined;
  type?: string | undefined;
  headers?: Record<string, string>;
  body: Buffer;
  method?: string;
}

/** Sends one request on a connection of its own. Rejects when the connection is lost. */
export function post({ url, token, type, headers, body, method }: Post): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      method: method ?? 'POST',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(type === undefined ? {} : { 'content-type': type }),
        'content-length': String(body.length),
        ...headers,
      },
      agent: false,
      timeout: ANSWER_MS_MAX,
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode, headers: heads } = response;
        resolve({ status: statusCode ?? 0, headers: heads, body: Buffer.concat(chunks) });
      });
    });
    request.end(body);
  });
}

function bySession(events: MarkedEvent[]): Map<string, MarkedEvent[]> {
  return Map.groupBy(events, (event) => event.session);
}

const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

function bytesField(number: number, bytes: Buffer): Buffer {
  const tag = varint((number << 3) | LENGTH_DELIMITED);
  return Buffer.concat([tag, varint(bytes.length), bytes]);
}

function textField(number: number, text: string): Buffer {
  return bytesField(number, Buffer.from(text, 'utf8'));
}

function fixed64Field(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([varint((number << 3) | FIXED64), bytes]);
}

/** A `KeyValue` in field `number`. */
function attribute(number: number, key: string, value: Buffer): Buffer {
  return bytesField(number, Buffer.concat([textField(1, key), bytesField(2, value)]));
}

function stringValue(text: string): Buffer {
  return textField(1, text);
}

function bytesValue(bytes: Buffer): Buffer {
  return bytesField(7, bytes);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
