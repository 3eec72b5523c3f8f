/**
 * Alerts onto a topic: those of one partition in one send, which is answered before the next, so
 * that nothing overtakes. A client that failed is replaced; what it left unanswered is sent again.
 */
import type { Channel, Io, Item, ItemOutcome, Outcome } from '../kit/contract.ts';
import type { Resolved } from '../kit/secret.ts';
import { Client } from './client.ts';
import type { KafkaSettings } from './config.ts';
import { failureOf, isAnswer, type KafkaFailure } from './failure.ts';
import { type KafkaMessage, unframed } from './message.ts';
import { partitionOf } from './partition.ts';

/** Messages of one partition, and what became of them. */
interface Delivered {
  outcomes: Map<KafkaMessage, ItemOutcome>;
  /** Where the broker put the first of them. */
  place?: string;
  /** Why the last of them could not be tried to the end: to be tried again, or to pause. */
  failure?: Outcome & { kind: 'retry' | 'pause' };
}

export class KafkaChannel implements Channel {
  readonly #config: Resolved<KafkaSettings>;
  readonly #io: Io;
  #client: Client | undefined;
  /** How many clients there were: each begins with another broker. */
  #clients = 0;

  constructor(config: Resolved<KafkaSettings>, io: Io) {
    this.#config = config;
    this.#io = io;
  }

  async send(items: Item[], signal: AbortSignal): Promise<Outcome> {
    try {
      this.#client ??= await this.#open(signal);
    } catch (error) {
      return this.#outcomeOf(error);
    }
    const client = this.#client;
    const messages = items.map(({ bytes }) => unframed(bytes));
    const groups = Map.groupBy(messages, ({ key }) => partitionOf(key ?? '', client.partitions));
    const delivered = await Promise.all(
      [...groups].map(([partition, group]) => this.#deliver(client, partition, group, signal)),
    );
    return summary(messages, delivered, this.#config.topic);
  }

  async close(): Promise<void> {
    this.#client?.close();
  }

  #open(signal: AbortSignal): Promise<Client> {
    const { brokers, topic, tls, sasl } = this.#config;
    const first = this.#clients++ % brokers.length;
    const options = {
      brokers: [...brokers.slice(first), ...brokers.slice(0, first)],
      topic,
      tls,
      sasl: sasl && { ...sasl, password: sasl.password.reveal() },
      connect: (to: { host: string; port: number }) => (tls ? this.#io.tls(to) : this.#io.tcp(to)),
    };
    return Client.open(options, signal);
  }

  /** Halves what the broker refuses until it takes it or one is alone; keeps the order. */
  async #deliver(
    client: Client,
    partition: number,
    messages: KafkaMessage[],
    signal: AbortSignal,
  ): Promise<Delivered> {
    try {
      const offset = await client.produce(partition, messages, signal);
      const place = `partition ${partition} from offset ${offset}`;
      return { ...told(messages, { kind: 'ok' }), place };
    } catch (error) {
      const outcome = this.#outcomeOf(error, client);
      if (outcome.kind === 'retry' || outcome.kind === 'pause') {
        const { reason } = outcome;
        return {
          ...told(messages, { kind: 'retry', reason, unreachable: true }),
          failure: outcome,
        };
      }
      const { reason } = outcome;
      if (messages.length === 1) return told(messages, { kind: 'dead', reason });
    }
    const middle = Math.ceil(messages.length / 2);
    const [head, tail] = [messages.slice(0, middle), messages.slice(middle)];
    const first = await this.#deliver(client, partition, head, signal);
    // What comes later must not pass what is tried again.
    if (first.failure !== undefined) {
      const { failure } = first;
      const { reason } = failure;
      const again = told(tail, { kind: 'retry', reason, unreachable: true });
      return { ...joined(first, again), failure };
    }
    const second = await this.#deliver(client, partition, tail, signal);
    const { failure } = second;
    return { ...joined(first, second), ...(failure && { failure }) };
  }

  /** Gives the client up unless the broker itself answered. */
  #outcomeOf(error: unknown, client?: Client): KafkaFailure {
    if (!isAnswer(error)) {
      client?.close();
      if (this.#client === client) this.#client = undefined;
    }
    return failureOf(error, this.#config.topic, this.#io);
  }
}

function told(messages: KafkaMessage[], outcome: ItemOutcome): Delivered {
  return { outcomes: new Map(messages.map((message) => [message, outcome])) };
}

function joined(first: Delivered, second: Delivered): Delivered {
  const place = first.place ?? second.place;
  const outcomes = new Map([...first.outcomes, ...second.outcomes]);
  return { outcomes, ...(place !== undefined && { place }) };
}

function summary(messages: KafkaMessage[], delivered: Delivered[], topic: string): Outcome {
  const outcomes = delivered.reduce(joined).outcomes;
  const inOrder = messages.map((message) => outcomes.get(message)!);
  const failures = delivered
    .map(({ failure }) => failure)
    .filter((failure) => failure !== undefined);
  const paused = failures.find(({ kind }) => kind === 'pause');
  if (paused !== undefined) return paused;
  if (inOrder.every(({ kind }) => kind === 'retry')) return failures[0]!;
  const places = delivered.map(({ place }) => place).filter((place) => place !== undefined);
  const answer = `topic ${topic}: ${places.join(', ') || 'nothing taken'}`;
  if (inOrder.every(({ kind }) => kind === 'ok')) return { kind: 'ok', answer };
  return { kind: 'partial', answer, items: inOrder };
}
