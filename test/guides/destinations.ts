/**
 * A destination for each guide of a connector: the contract server of its vendor, a receiver that
 * checks, or a real broker. It knows which alerts arrived, and what the guide's settings must say.
 */
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { CheckingHook } from '../acceptance/siem/checking-hook.ts';
import { OtlpReceiver } from '../delivery/otlp-receiver.ts';
import { Broker, hasBroker } from '../kafka/broker.ts';
import { Topics } from '../kafka/topic.ts';
import { ElasticReceiver } from '../receivers/elastic.ts';
import { FalconReceiver } from '../receivers/falcon.ts';
import { SentinelReceiver } from '../receivers/sentinel.ts';
import { declaredColumns, SENTINEL_STREAM } from '../receivers/sentinel-rule.ts';
import { SplunkReceiver } from '../receivers/splunk.ts';

/** Settings of one connector, as a guide has them. */
export type Settings = Record<string, unknown>;

export interface Destination {
  /** What the guide's settings must say instead to lead here. */
  instead: Settings;
  /** Ids of the alerts that it has. */
  arrived(): Promise<string[]> | string[];
  close(): Promise<unknown>;
}

/** What stands in the environment of whoever types the guides. */
export const SECRETS = {
  SPLUNK_TOKEN: '9d7a1f0e-5b1c-4c55-8e21-2b60b8c5f4a7',
  FALCON_KEY: 'falcon-key-5b1c8e21',
  KAFKA_PASSWORD: '',
  OTLP_TOKEN: 'otlp-token-2b60b8c5',
  ELASTIC_KEY: Buffer.from('VuaCfGcBCdbkQm:ui2lp2axTNmsyakw9tvNnw').toString('base64'),
  SENTINEL_SECRET: 'q8~app.secret',
};

const ELASTIC_STREAM = 'logs-vitrine.alerts-default';
const ALLOW = { allow: ['loopback'] };

export async function splunk({ index }: Settings): Promise<Destination & { url: string }> {
  const token = { indexes: [String(index)] };
  const server = await SplunkReceiver.start({ tokens: { [SECRETS.SPLUNK_TOKEN]: token } });
  const idOf = (fields: unknown) => (fields as { dedupe_id: string }).dedupe_id;
  return {
    url: server.url,
    instead: { url: server.url, ...ALLOW },
    arrived: () => server.events.map(({ envelope }) => idOf(envelope.fields)),
    close: () => server.close(),
  };
}

export async function falcon({ url }: Settings): Promise<Destination> {
  const server = await FalconReceiver.start({ key: SECRETS.FALCON_KEY });
  return {
    instead: { url: server.url + new URL(String(url)).pathname, ...ALLOW },
    arrived: () => server.events.map(({ fields }) => String(fields.dedupe_id)),
    close: () => server.close(),
  };
}

export async function sentinel(settings: Settings): Promise<Destination> {
  const server = await SentinelReceiver.start({
    tenant: String(settings.tenant),
    clientId: String(settings.client_id),
    clientSecret: SECRETS.SENTINEL_SECRET,
    rule: String(settings.rule),
    streams: { [SENTINEL_STREAM]: declaredColumns() },
  });
  const rows = () => server.rows.get(SENTINEL_STREAM) ?? [];
  return {
    instead: { endpoint: server.url, authority: server.url, ...ALLOW },
    arrived: () => rows().map(({ AlertId }) => String(AlertId)),
    close: () => server.close(),
  };
}

export async function elastic(): Promise<Destination> {
  const [id, secret] = Buffer.from(SECRETS.ELASTIC_KEY, 'base64').toString().split(':');
  const key = { id: id!, secret: secret!, streams: [ELASTIC_STREAM] };
  const server = await ElasticReceiver.start({ key });
  const documents = () => server.documents.get(ELASTIC_STREAM) ?? [];
  return {
    instead: { url: server.url, ...ALLOW },
    arrived: () => documents().map((document) => document.id),
    close: () => server.close(),
  };
}

export async function otlp(): Promise<Destination> {
  const server = await OtlpReceiver.start();
  return {
    instead: { url: server.url, ...ALLOW },
    arrived: () => server.taken,
    close: () => server.close(),
  };
}

/** Takes what is signed with the secret in this file, and nothing else. */
export async function webhook(secretFile: string): Promise<Destination> {
  const hook = await new CheckingHook(readFileSync(secretFile, 'utf8').trim()).open();
  return {
    instead: { url: hook.url, ...ALLOW },
    arrived: () => hook.arrived.filter(({ status }) => status === 200).map(({ id }) => id),
    close: () => hook.close(),
  };
}

/** A real broker over TLS and SCRAM; undefined, with the test skipped, where none can run. */
export async function kafka(
  t: TestContext,
  settings: Settings,
): Promise<(Destination & { password: string }) | undefined> {
  if (!hasBroker(t)) return undefined;
  const broker = await Broker.start();
  const topics = await Topics.of(broker);
  const topic = String(settings.topic);
  await topics.make(topic);
  return {
    password: broker.password,
    instead: {
      brokers: [`localhost:${broker.ports.tls}`],
      ca_file: broker.file('ca.pem'),
      sasl: { ...(settings.sasl as Settings), username: 'alice' },
      ...ALLOW,
    },
    arrived: async () => (await topics.read(topic)).map(({ headers }) => headers['vitrine-id']!),
    close: async () => {
      await topics.close();
      await broker.remove();
    },
  };
}
