import {
  KAFKA_BATCH_ALERTS_MAX,
  KAFKA_BATCH_BYTES_MAX,
  KAFKA_MESSAGE_OVERHEAD_BYTES,
} from '@vitrine/schema';
import { defineStream } from '../kit/define.ts';
import { KafkaChannel } from './channel.ts';
import { kafkaConfig } from './config.ts';
import { encodeKafka } from './encode.ts';
import { unframed } from './message.ts';

export const kafka = defineStream({
  type: 'kafka',
  config: kafkaConfig,
  batch: () => ({
    alertsMax: KAFKA_BATCH_ALERTS_MAX,
    bytesMax: KAFKA_BATCH_BYTES_MAX,
    // What comes while a batch is on its way is the next one: waiting for more gains nothing.
    ageMsMax: 0,
    // Alerts of one session share a partition: they are taken together or not at all.
    order: 'whole',
    separatorBytes: KAFKA_MESSAGE_OVERHEAD_BYTES,
  }),
  encode: encodeKafka,
  preview(bytes, { brokers, topic, tls }) {
    const { key, headers, value } = unframed(bytes);
    const to = `kafka${tls ? '+tls' : ''}://${brokers.join(',')}/${topic}`;
    return { to, details: { topic, key: key ?? '', ...headers }, bytes: value };
  },
  open: (config, io) => new KafkaChannel(config, io),
});
