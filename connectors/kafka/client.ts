/**
 * kafkajs behind three calls. A client is thrown away after any failure that is not the broker's
 * answer, for what it still has under way then cannot be known; its plain producer may repeat and
 * never loses (an idempotent one of kafkajs 2.2.4 can lose after a rejected send).
 */
import type { Socket } from 'node:net';
import {
  CONNECTOR_CONNECT_MS_MAX,
  KAFKA_AUTHENTICATE_MS_MAX,
  KAFKA_METADATA_MS,
  KAFKA_REQUEST_MS_MAX,
} from '@vitrine/schema';
import kafkajs, { type Kafka, type Producer, type SASLOptions } from 'kafkajs';
import { isConnectionError } from './failure.ts';
import type { KafkaMessage } from './message.ts';
import { withoutNegativeTimeouts } from './warning.ts';

const KEEP_ALIVE_MS = 60_000;
const ACKS_OF_ALL = -1;

interface ClientOptions {
  /** The first is tried, then what it names. */
  brokers: string[];
  topic: string;
  tls: boolean;
  sasl: SASLOptions | undefined;
  /** A socket that is connecting, guarded. */
  connect(to: { host: string; port: number }): Socket;
}

export class Client {
  readonly #topic: string;
  readonly #sockets: Sockets;
  readonly #producer: Producer;
  /** Of the topic, when this client was made. */
  readonly partitions: number;

  private constructor(topic: string, sockets: Sockets, producer: Producer, partitions: number) {
    this.#topic = topic;
    this.#sockets = sockets;
    this.#producer = producer;
    this.partitions = partitions;
  }

  /** Rejects as kafkajs does, or with the socket's own error; and when `signal` aborts. */
  static async open(options: ClientOptions, signal: AbortSignal): Promise<Client> {
    const { topic } = options;
    withoutNegativeTimeouts();
    const sockets = new Sockets(options);
    const kafka = kafkaOf(options, sockets);
    const producer = kafka.producer({
      allowAutoTopicCreation: false,
      metadataMaxAge: KAFKA_METADATA_MS,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    const opening = async (): Promise<Client> => {
      const partitions = await countPartitions(kafka, topic);
      await producer.connect();
      return new Client(topic, sockets, producer, partitions);
    };
    try {
      return await sockets.during(opening(), signal);
    } catch (error) {
      sockets.close();
      throw error;
    }
  }

  /** Resolves with the offset of the first message when every replica in sync has all of them. */
  async produce(partition: number, messages: KafkaMessage[], signal: AbortSignal): Promise<string> {
    const sending = this.#producer.send({
      topic: this.#topic,
      acks: ACKS_OF_ALL,
      timeout: KAFKA_REQUEST_MS_MAX,
      messages: messages.map((message) => ({ ...message, partition })),
    });
    const [answer] = await this.#sockets.during(sending, signal);
    return answer?.baseOffset ?? answer?.offset ?? '?';
  }

  /** At once: whatever is under way fails. */
  close(): void {
    this.#sockets.close();
    this.#producer.disconnect().catch(() => {});
  }
}

/** One try each: the kit repeats, and a client that failed is not used again. */
function kafkaOf({ brokers, tls, sasl }: ClientOptions, sockets: Sockets): Kafka {
  return new kafkajs.Kafka({
    clientId: 'vitrine',
    brokers,
    ssl: tls,
    ...(sasl && { sasl }),
    connectionTimeout: CONNECTOR_CONNECT_MS_MAX,
    authenticationTimeout: KAFKA_AUTHENTICATE_MS_MAX,
    requestTimeout: KAFKA_REQUEST_MS_MAX,
    enforceRequestTimeout: true,
    retry: { retries: 0 },
    logLevel: kafkajs.logLevel.NOTHING,
    socketFactory: ({ host, port, onConnect }) => sockets.open({ host, port }, onConnect),
  });
}

async function countPartitions(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]!.partitions.length;
  } finally {
    await admin.disconnect();
  }
}

/** Every connection of one client, and the error of a socket, of which kafkajs keeps the text. */
class Sockets {
  readonly #options: ClientOptions;
  readonly #open = new Set<Socket>();
  #failure: Error | undefined;
  #closed = false;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  open(to: { host: string; port: number }, onConnect: () => void): Socket {
    if (this.#closed) throw new Error('this client was closed');
    const socket = this.#options.connect(to);
    this.#open.add(socket);
    socket.once(this.#options.tls ? 'secureConnect' : 'connect', onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('error', (error) => {
      if (!this.#closed) this.#failure = error;
    });
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  }

  /** The same, until `signal` aborts; what failed on a socket is told as the socket told it. */
  async during<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    work.catch(() => {});
    try {
      return await within(work, signal);
    } catch (error) {
      throw isConnectionError(error) && this.#failure !== undefined ? this.#failure : error;
    }
  }

  close(): void {
    this.#closed = true;
    // With an error, or kafkajs would wait for answers until its own time-out.
    for (const socket of this.#open) socket.destroy(new Error('this client was closed'));
  }
}

async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = Promise.withResolvers<never>();
  const abort = (): void => late.reject(new Error('no answer in time'));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
