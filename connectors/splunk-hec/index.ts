/** Alerts to the `event` endpoint of Splunk's HTTP Event Collector. */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { defineConnector } from '../kit/define.ts';
import { eventsBody, eventsHeaders, HEC_BATCH } from '../kit/hec/envelope.ts';
import type { Resolved } from '../kit/secret.ts';
import { classifySplunk, readAcks } from './answer.ts';
import { splunkConfig } from './config.ts';
import { encodeSplunk } from './encode.ts';

type Opened = Resolved<z.infer<typeof splunkConfig>>;

/** As often, and as long, as other senders of this protocol ask: five minutes in all. */
const ACK_POLL_MS = 10_000;
const ACK_TRIES_MAX = 30;

export const splunkHec = defineConnector({
  type: 'splunk-hec',
  config: splunkConfig,
  batch: () => HEC_BATCH,
  encode: encodeSplunk,
  request({ items }, config) {
    return {
      method: 'POST',
      url: collector(config, 'event'),
      headers: headersOf(config),
      body: eventsBody(items),
    };
  },
  classify: (answer, _items, config) => classifySplunk(answer, config.ack),
  confirm: {
    pollMs: ACK_POLL_MS,
    triesMax: ACK_TRIES_MAX,
    request(tickets, config) {
      return {
        method: 'POST',
        url: collector(config, 'ack'),
        headers: headersOf(config),
        body: Buffer.from(JSON.stringify({ acks: tickets.map(Number) })),
      };
    },
    read: readAcks,
  },
  probe(config) {
    return { method: 'GET', url: collector(config, 'health'), headers: headersOf(config) };
  },
});

/** `url` may have the path of the collector already, as other senders want it. */
function collector({ url }: Opened, endpoint: string): string {
  const address = new URL(url);
  const base = address.pathname.replace(/\/*(services\/collector(\/event)?(\/1\.0)?\/*)?$/, '');
  address.pathname = `${base}/services/collector/${endpoint}`;
  return address.href;
}

function headersOf(config: Opened): Record<string, string> {
  const headers = eventsHeaders('Splunk', config.token.reveal());
  return config.ack ? { ...headers, 'x-splunk-request-channel': channelOf(config) } : headers;
}

/** Always the same: Splunk keeps state for each channel, and balancers send by it. */
function channelOf({ channel, url, index, source, sourcetype, host }: Opened): string {
  if (channel !== undefined) return channel;
  const told = JSON.stringify([url, index, source, sourcetype, host]);
  const hex = createHash('sha256').update(`splunk-hec channel ${told}`).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
