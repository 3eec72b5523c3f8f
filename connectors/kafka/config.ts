/** Settings of the Kafka connector. */
import { KAFKA_BROKERS_MAX, KAFKA_TOPIC_CHARS_MAX } from '@vitrine/schema';
import { z } from 'zod';
import { deliverySettings, wantsTls } from '../kit/config.ts';
import { secretReference } from '../kit/secret.ts';

/** kafkajs takes names and IPv4 addresses. */
const BROKER = /^[A-Za-z0-9._-]{1,253}:([1-9]\d{0,4})$/;
const PORT_MAX = 65_535;
const TOPIC = new RegExp(`^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,${KAFKA_TOPIC_CHARS_MAX}}$`);

const broker = z.string().refine((text) => Number(BROKER.exec(text)?.[1]) <= PORT_MAX, {
  error: 'must be name:port or IPv4:port',
});

const settings = z.strictObject({
  ...deliverySettings,
  brokers: z
    .array(broker)
    .min(1)
    .max(KAFKA_BROKERS_MAX)
    .describe('`host:port` of brokers to begin with; the others are learnt from these'),
  topic: z
    .string()
    .regex(TOPIC, 'must be letters, digits, dots, hyphens and underscores')
    .describe('the topic; it must exist, none is ever made'),
  stream: z
    .enum(['alerts', 'events', 'checkpoints'])
    .default('alerts')
    .describe(
      'what is published: `alerts`, records of sessions as `events`, or `checkpoints` of the log',
    ),
  dialect: z
    .enum(['ocsf', 'ecs', 'cef', 'leef', 'vitrine'])
    .default('ocsf')
    .describe('`ocsf`, `ecs`, `cef`, `leef`, or `vitrine`: the record as the log has it'),
  tls: z
    .boolean()
    .default(true)
    .describe('`false` only for brokers on this machine or network: others are refused without'),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
      username: z.string().min(1),
      password: secretReference(),
    })
    .optional()
    .describe(
      '`mechanism` (`plain`, `scram-sha-256`, `scram-sha-512`), `username`, and `password`, a ' +
        'secret reference',
    ),
});

/** Whoever names certificates believes that they are looked at. */
export const kafkaConfig = settings.refine((config) => config.tls || !wantsTls(config), {
  path: ['tls'],
  error: 'ca_file, cert_file and key_file mean nothing without TLS',
});

export type KafkaSettings = z.infer<typeof kafkaConfig>;
