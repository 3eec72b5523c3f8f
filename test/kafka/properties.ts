/** The settings of a test's broker: one node that is broker and controller, with four listeners. */
import { join } from 'node:path';

export interface ListenerPorts {
  plain: number;
  /** SASL PLAIN and SCRAM, without TLS. */
  sasl: number;
  /** TLS and SASL. */
  tls: number;
  /** TLS with a certificate of the client's. */
  mutual: number;
  controller: number;
}

interface PropertiesOptions {
  dir: string;
  ports: ListenerPorts;
  /** Of `alice`. */
  password: string;
}

export const LOG_CONFIG = `appender.c.type=Console
appender.c.name=c
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d %p %c{1} %m%n
rootLogger.level=warn
rootLogger.appenderRef.c.ref=c
logger.k.name=kafka.server
logger.k.level=info
`;

const PROTOCOLS = {
  CONTROLLER: 'PLAINTEXT',
  PLAIN: 'PLAINTEXT',
  SASL: 'SASL_PLAINTEXT',
  TLS: 'SASL_SSL',
  MUTUAL: 'SSL',
};
const LOGIN_MODULES = 'org.apache.kafka.common.security';

export function serverProperties({ dir, ports, password }: PropertiesOptions): string {
  const at = (name: string, port: number): string => `${name}://127.0.0.1:${port}`;
  const listeners = [
    at('PLAIN', ports.plain),
    at('SASL', ports.sasl),
    at('TLS', ports.tls),
    at('MUTUAL', ports.mutual),
    at('CONTROLLER', ports.controller),
  ].join(',');
  const logins = ['sasl', 'tls'].flatMap((listener) => {
    const scram = `${LOGIN_MODULES}.scram.ScramLoginModule required;`;
    const plain = `${LOGIN_MODULES}.plain.PlainLoginModule required user_alice="${password}";`;
    return [
      `listener.name.${listener}.plain.sasl.jaas.config=${plain}`,
      `listener.name.${listener}.scram-sha-256.sasl.jaas.config=${scram}`,
      `listener.name.${listener}.scram-sha-512.sasl.jaas.config=${scram}`,
    ];
  });
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.bootstrap.servers=127.0.0.1:${ports.controller}`,
    `listeners=${listeners}`,
    `advertised.listeners=${listeners}`,
    'inter.broker.listener.name=SASL',
    'sasl.mechanism.inter.broker.protocol=PLAIN',
    'controller.listener.names=CONTROLLER',
    `listener.security.protocol.map=${Object.entries(PROTOCOLS)
      .map((entry) => entry.join(':'))
      .join(',')}`,
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    ...logins,
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${join(dir, 'broker.pem')}`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.location=${join(dir, 'ca.pem')}`,
    'listener.name.mutual.ssl.client.auth=required',
    `log.dirs=${join(dir, 'data')}`,
    ...SIZES,
    '',
  ].join('\n');
}

/** Small, quick to start, and quick to be itself again after a kill (9 s by default). */
const SIZES = [
  'num.partitions=4',
  'default.replication.factor=1',
  'offsets.topic.replication.factor=1',
  'offsets.topic.num.partitions=4',
  'transaction.state.log.replication.factor=1',
  'transaction.state.log.min.isr=1',
  'transaction.state.log.num.partitions=4',
  'share.coordinator.state.topic.replication.factor=1',
  'share.coordinator.state.topic.min.isr=1',
  'group.initial.rebalance.delay.ms=0',
  'auto.create.topics.enable=false',
  'num.network.threads=2',
  'num.io.threads=4',
  'log.cleaner.dedupe.buffer.size=16777216',
  'log.segment.bytes=134217728',
  'metadata.log.segment.bytes=16777216',
  'broker.session.timeout.ms=1500',
  'broker.heartbeat.interval.ms=300',
  'controller.quorum.election.timeout.ms=300',
  'controller.quorum.election.backoff.max.ms=100',
];
