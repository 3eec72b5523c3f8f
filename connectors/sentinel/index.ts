import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import {
  CONNECTOR_BATCH_WAIT_MS,
  SENTINEL_CALL_ALERTS_MAX,
  SENTINEL_CALL_BYTES_MAX,
} from '@vitrine/schema';
import type { Item } from '../kit/contract.ts';
import { defineConnector } from '../kit/define.ts';
import { classifySentinel } from './answer.ts';
import { sentinelConfig } from './config.ts';
import { encodeSentinel } from './encode.ts';
import { readToken, tokenRequest } from './token.ts';

const API_VERSION = '2023-01-01';
const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');

export const sentinel = defineConnector({
  type: 'sentinel',
  config: sentinelConfig,
  batch: () => ({
    alertsMax: SENTINEL_CALL_ALERTS_MAX,
    bytesMax: SENTINEL_CALL_BYTES_MAX,
    ageMsMax: CONNECTOR_BATCH_WAIT_MS,
    order: 'whole',
  }),
  encode: encodeSentinel,
  request({ items, atMs, token = '', attempt }, { endpoint, rule, stream }) {
    const url = new URL(`/dataCollectionRules/${rule}/streams/${stream}`, endpoint);
    url.searchParams.set('api-version', API_VERSION);
    return {
      method: 'POST',
      url: url.href,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        'user-agent': 'vitrine-sentinel/1',
        'x-ms-client-request-id': requestId([...items.map(({ id }) => id), atMs, attempt]),
      },
      body: gzipSync(Buffer.concat([OPEN, ...rowsOf(items), CLOSE])),
    };
  },
  classify: classifySentinel,
  token: { request: tokenRequest, read: readToken },
});

/** Always a list, also of one. */
function rowsOf(items: Item[]): Uint8Array[] {
  return items.flatMap(({ bytes }, i) => (i === 0 ? [bytes] : [COMMA, bytes]));
}

/** A UUID of version 8 (RFC 9562 §5.8): another for each attempt, the same for the same one. */
function requestId(parts: (string | number)[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x80;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  const ends = [0, 8, 12, 16, 20, 32];
  return ends
    .slice(1)
    .map((end, i) => hex.slice(ends[i], end))
    .join('-');
}
