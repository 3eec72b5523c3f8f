/** Alerts as OTLP logs over HTTP (OTLP 1.11, "OTLP/HTTP"). */
import { gzipSync } from 'node:zlib';
import { joinRecords, joinRecordTexts } from '@vitrine/schema';
import type { Batch } from '../kit/contract.ts';
import { defineConnector } from '../kit/define.ts';
import { classifyOtlp } from './answer.ts';
import { otlpConfig } from './config.ts';
import { encodeOtlp } from './encode.ts';

const LOGS_PATH = '/v1/logs';
const RESOURCE = { 'service.name': 'vitrine' };
const TYPES = { protobuf: 'application/x-protobuf', json: 'application/json' };

/** Far below the 20 MiB at which an OpenTelemetry Collector refuses a request unless told. */
const BATCH: Batch = {
  alertsMax: 500,
  bytesMax: 1_048_576,
  ageMsMax: 1_000,
  order: 'each',
  // In protobuf a tag and the length of an alert.
  separatorBytes: 3,
  overheadBytes: 128,
};

export const otlp = defineConnector({
  type: 'otlp',
  config: otlpConfig,
  batch: () => BATCH,
  encode: encodeOtlp,
  request({ items }, { url, token, headers, encoding, compression }) {
    const records = items.map(({ bytes }) => bytes);
    const body = encoding === 'json' ? jsonBody(records) : joinRecords(records, RESOURCE);
    const isPacked = compression === 'gzip';
    const named = Object.entries(headers).map(([name, value]) => {
      return [name.toLowerCase(), value.reveal()] as const;
    });
    return {
      method: 'POST',
      url: receiver(url),
      headers: {
        'content-type': TYPES[encoding],
        'user-agent': 'vitrine-otlp/1',
        ...(isPacked && { 'content-encoding': 'gzip' }),
        ...(token && { authorization: `Bearer ${token.reveal()}` }),
        ...Object.fromEntries(named),
      },
      body: isPacked ? gzipSync(body) : body,
    };
  },
  classify: (answer, _items, { encoding }) => classifyOtlp(answer, encoding),
});

function jsonBody(records: Uint8Array[]): Buffer {
  const texts = records.map((bytes) => Buffer.from(bytes).toString('utf8'));
  return Buffer.from(joinRecordTexts(texts, RESOURCE), 'utf8');
}

function receiver(address: string): string {
  const url = new URL(address);
  if (url.pathname === '/') url.pathname = LOGS_PATH;
  return url.href;
}
