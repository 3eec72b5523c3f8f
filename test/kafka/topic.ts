/** Topics of a test's broker: made, and read to their end, by the client library alone. */
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { withoutNegativeTimeouts } from '../../connectors/kafka/warning.ts';
import type { Broker } from './broker.ts';

const READ_MS_MAX = 30_000;

/** One message as it arrived. */
export interface Arrival {
  partition: number;
  offset: number;
  key: string | null;
  headers: Record<string, string>;
  value: string;
}

export class Topics {
  readonly #kafka: Kafka;
  readonly #admin: Admin;
  #readers = 0;

  private constructor(kafka: Kafka) {
    this.#kafka = kafka;
    this.#admin = kafka.admin();
  }

  static async of(broker: Broker): Promise<Topics> {
    withoutNegativeTimeouts();
    const kafka = new kafkajs.Kafka({
      clientId: 'test',
      brokers: [`127.0.0.1:${broker.ports.plain}`],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 30 },
    });
    const topics = new Topics(kafka);
    await topics.#admin.connect();
    return topics;
  }

  async make(topic: string, settings: Record<string, string> = {}): Promise<void> {
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    const made = { topic, numPartitions: 4, configEntries };
    await this.#admin.createTopics({ waitForLeaders: true, topics: [made] });
  }

  names(): Promise<string[]> {
    return this.#admin.listTopics();
  }

  /** How many messages there are. */
  async count(topic: string): Promise<number> {
    const offsets = await this.#admin.fetchTopicOffsets(topic);
    return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  }

  /** All that is there now, each partition in order. */
  async read(topic: string): Promise<Arrival[]> {
    const offsets = await this.#admin.fetchTopicOffsets(topic);
    const ends = new Map(offsets.map(({ partition, high }) => [partition, Number(high)]));
    const open = new Set([...ends].filter(([, end]) => end > 0).map(([partition]) => partition));
    if (open.size === 0) return [];
    const arrivals: Arrival[] = [];
    const consumer = this.#kafka.consumer({
      groupId: `test-${process.pid}-${this.#readers++}`,
      maxWaitTimeInMs: 200,
    });
    const done = Promise.withResolvers<void>();
    const late = setTimeout(() => done.reject(new Error(`${topic}: no end`)), READ_MS_MAX);
    await consumer.connect();
    try {
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ partition, message }) => {
          const headers = Object.entries(message.headers ?? {}).map(([name, value]) => {
            return [name, String(value)] as const;
          });
          const offset = Number(message.offset);
          arrivals.push({
            partition,
            offset,
            key: message.key?.toString() ?? null,
            headers: Object.fromEntries(headers),
            value: message.value?.toString() ?? '',
          });
          if (offset + 1 >= ends.get(partition)!) open.delete(partition);
          if (open.size === 0) done.resolve();
        },
      });
      await done.promise;
    } finally {
      clearTimeout(late);
      await consumer.disconnect();
    }
    return arrivals;
  }

  async close(): Promise<void> {
    await this.#admin.disconnect();
  }
}
