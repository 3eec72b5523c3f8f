/**
 * One delivery for each connector of the configuration: over one source of alerts, or over what a
 * subscription publishes.
 */
import {
  createDelivery,
  type Delivery,
  type DeliverySource,
  dryRunConnector,
  type Receipt,
  shownSettings,
  testConnector,
} from '@vitrine/connectors';
import type { JsonObject } from '@vitrine/schema';
import type { ConnectorItem, DryRun, TestReport, TestStep } from '@vitrine/schema/api';
import { ApiError } from '../api/errors.ts';
import type { Journal } from '../queue/journal.ts';
import type { Clock } from '../sequence/sequencer.ts';
import { type SubscribedStream, subscribedBy } from '../subscribe/source.ts';

export interface DeliveriesOptions {
  dir: string;
  /** The `connectors` section of the configuration. */
  configured: Record<string, unknown>;
  source: DeliverySource;
  subscription: (stream: SubscribedStream) => DeliverySource;
  journal: Journal;
  clock: Clock;
  log: (line: string) => void;
}

export class Deliveries {
  readonly #configured: Record<string, unknown>;
  readonly #running: ReadonlyMap<string, Delivery>;

  private constructor(configured: Record<string, unknown>, running: Map<string, Delivery>) {
    this.#configured = configured;
    this.#running = running;
  }

  /** Throws what a connector's settings deserve. */
  static async start(options: DeliveriesOptions): Promise<Deliveries> {
    const { dir, configured, source, subscription, journal, clock, log } = options;
    const receipt = async (fields: Receipt): Promise<void> => {
      const observed = String(clock.nowNs());
      await journal.append({ kind: 'own', chain: 'receipt', record: 'receipt', observed, fields });
    };
    const running = new Map<string, Delivery>();
    try {
      for (const [name, raw] of Object.entries(configured)) {
        const stream = subscribedBy(raw);
        const subscribed = stream && { source: subscription(stream), receipt: noReceipt };
        const own = subscribed ?? { source, receipt };
        running.set(name, await createDelivery(name, raw, { dir, ...own, log }));
      }
    } catch (error) {
      await Promise.all([...running.values()].map((delivery) => delivery.stop()));
      throw error;
    }
    return new Deliveries(configured, running);
  }

  /** There are new records; `alerts` when some of them are alerts. */
  wake(alerts: boolean): void {
    for (const [name, delivery] of this.#running) {
      if (alerts || subscribedBy(this.#configured[name]) !== undefined) delivery.wake();
    }
  }

  status(): ConnectorItem[] {
    return [...this.#running.values()].map((delivery) => delivery.status());
  }

  /** Sends one alert that says that it is a test; `onStep` hears of each step when it is over. */
  test(name: string, onStep: (step: TestStep) => void = () => {}): Promise<TestReport> {
    this.of(name);
    return testConnector(name, this.#configured[name], { onStep });
  }

  /** With their defaults; a secret is `{env}` or `{file}`, as in the configuration. */
  settings(name: string): JsonObject {
    this.of(name);
    return shownSettings(name, this.#configured[name]);
  }

  /** What a test would send, without sending it. */
  dryRun(name: string): DryRun {
    this.of(name);
    return dryRunConnector(name, this.#configured[name]);
  }

  of(name: string): Delivery {
    const delivery = this.#running.get(name);
    if (delivery === undefined) {
      const hint = 'vitrine connectors list shows what is configured';
      throw new ApiError('NOT_FOUND', `there is no connector ${name}`, hint);
    }
    return delivery;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((delivery) => delivery.stop()));
  }
}

/** Receipts are of alerts: those of a subscription would be as many records as it has. */
async function noReceipt(): Promise<void> {}
