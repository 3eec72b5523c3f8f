import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  KAFKA_BATCH_ALERTS_MAX,
  KAFKA_BATCH_BYTES_MAX,
  KAFKA_BROKERS_MAX,
  KAFKA_MESSAGE_OVERHEAD_BYTES,
  KAFKA_TOPIC_CHARS_MAX,
} from '@vitrine/schema';
import { kafkaConfig } from './config.ts';
import { kafka } from './index.ts';

const GOOD = { brokers: ['kafka.soc.example:9093'], topic: 'alerts' };
const takes = (settings: object): boolean => {
  return kafkaConfig.safeParse({ ...GOOD, ...settings }).success;
};

describe('the settings of a Kafka connector', () => {
  it('are TLS, alerts and OCSF unless they say so', () => {
    const { tls, stream, dialect, sasl } = kafkaConfig.parse(GOOD);
    assert.deepEqual(
      { tls, stream, dialect, sasl },
      {
        tls: true,
        stream: 'alerts',
        dialect: 'ocsf',
        sasl: undefined,
      },
    );
  });

  it('name certificates for TLS only', () => {
    const pair = { cert_file: 'a.pem', key_file: 'a.key' };
    for (const files of [{ ca_file: 'ca.pem' }, pair]) {
      assert.ok(takes(files));
      assert.ok(!takes({ ...files, tls: false }));
    }
    assert.ok(takes({ tls: false }));
  });

  it('name brokers by name or IPv4 and a port, so many and no more', () => {
    const brokers = (count: number) => Array.from({ length: count }, (_, i) => `k${i}:9092`);
    assert.ok(takes({ brokers: brokers(1) }));
    assert.ok(takes({ brokers: brokers(KAFKA_BROKERS_MAX) }));
    assert.ok(!takes({ brokers: brokers(KAFKA_BROKERS_MAX + 1) }));
    assert.ok(!takes({ brokers: [] }));
    for (const good of ['10.0.0.1:1', 'k-1.soc_x.example:65535'])
      assert.ok(takes({ brokers: [good] }));
    const bad = ['k', 'k:', 'k:0', 'k:65536', ':9092', '[::1]:9092', 'http://k:9092', 'a b:1'];
    for (const one of bad) assert.ok(!takes({ brokers: [one] }), one);
  });

  it('name a topic as Kafka takes it', () => {
    assert.ok(takes({ topic: 't'.repeat(KAFKA_TOPIC_CHARS_MAX) }));
    assert.ok(!takes({ topic: 't'.repeat(KAFKA_TOPIC_CHARS_MAX + 1) }));
    assert.ok(takes({ topic: 'a.B_c-9' }));
    for (const topic of ['', '.', '..', 'a/b', 'é', 'a b']) assert.ok(!takes({ topic }), topic);
  });

  it('have no password in plain sight', () => {
    const sasl = { mechanism: 'plain', username: 'u' };
    assert.ok(takes({ sasl: { ...sasl, password: { env: 'P' } } }));
    assert.ok(!takes({ sasl: { ...sasl, password: 'hunter2' } }));
    assert.ok(!takes({ sasl: { ...sasl, mechanism: 'gssapi', password: { env: 'P' } } }));
  });

  it('make batches that a broker of usual settings takes', () => {
    const { alertsMax, bytesMax, order, separatorBytes } = kafka.configure('soc', GOOD).batch;
    assert.deepEqual([alertsMax, bytesMax], [KAFKA_BATCH_ALERTS_MAX, KAFKA_BATCH_BYTES_MAX]);
    assert.deepEqual([order, separatorBytes], ['whole', KAFKA_MESSAGE_OVERHEAD_BYTES]);
    assert.ok(bytesMax < 1_048_588);
  });
});
