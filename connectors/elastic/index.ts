import { gzipSync } from 'node:zlib';
import {
  CONNECTOR_BATCH_WAIT_MS,
  ELASTIC_ANSWER_BYTES_MAX,
  ELASTIC_BULK_ALERTS_MAX,
  ELASTIC_BULK_BYTES_MAX,
} from '@vitrine/schema';
import type { z } from 'zod';
import { defineConnector } from '../kit/define.ts';
import type { Resolved } from '../kit/secret.ts';
import { classifyElastic } from './answer.ts';
import { elasticConfig } from './config.ts';
import { DATASET, encodeElastic } from './encode.ts';

type Config = Resolved<z.infer<typeof elasticConfig>>;

/** All that is read of an answer; without the rest one of 250 documents has 10 kB, not 60. */
const READ_OF_ANSWER = 'errors,error,items.*.status,items.*.failure_store,items.*.error';
const NEWLINE = Buffer.from('\n');

export const elastic = defineConnector({
  type: 'elastic',
  config: elasticConfig,
  batch: () => ({
    alertsMax: ELASTIC_BULK_ALERTS_MAX,
    bytesMax: ELASTIC_BULK_BYTES_MAX,
    ageMsMax: CONNECTOR_BATCH_WAIT_MS,
    order: 'each',
    overheadBytes: 0,
  }),
  encode: encodeElastic,
  request({ items }, config) {
    const url = addressOf(config, `logs-${DATASET}-${config.namespace}/_bulk`);
    url.searchParams.set('filter_path', READ_OF_ANSWER);
    return {
      method: 'POST',
      url: url.href,
      headers: {
        authorization: authorizationOf(config),
        accept: 'application/json',
        'content-type': 'application/x-ndjson',
        'content-encoding': 'gzip',
        'user-agent': 'vitrine-elastic/1',
      },
      body: gzipSync(Buffer.concat(items.flatMap(({ bytes }) => [bytes, NEWLINE]))),
    };
  },
  classify(answer, items, config) {
    // The kit takes secrets out as they are; what was sent of them is their base64.
    const sent = authorizationOf(config).split(' ')[1]!;
    const body = answer.body.replaceAll(sent, '[redacted]');
    return classifyElastic({ ...answer, body }, items.length);
  },
  answerBytesMax: ELASTIC_ANSWER_BYTES_MAX,
});

function addressOf({ url }: Config, path: string): URL {
  const base = new URL(url);
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/${path}`;
  return base;
}

/** The settings have one of the two ways. */
function authorizationOf({ api_key, username = '', password }: Config): string {
  const key = api_key?.reveal();
  if (key === undefined) return `Basic ${base64(`${username}:${password?.reveal() ?? ''}`)}`;
  return `ApiKey ${key.includes(':') ? base64(key) : key}`;
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
