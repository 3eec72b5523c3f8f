/** One delivery for each connector of the configuration, over one source of alerts. */
import {
  createDelivery,
  type Delivery,
  type DeliverySource,
  type DeliveryStatus,
  type Receipt,
  type TestReport,
  testConnector,
} from '@vitrine/connectors';
import { ApiError } from '../api/errors.ts';
import type { Journal } from '../queue/journal.ts';
import type { Clock } from '../sequence/sequencer.ts';

export interface DeliveriesOptions {
  dir: string;
  /** The `connectors` section of the configuration. */
  configured: Record<string, unknown>;
  source: DeliverySource;
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
    const { dir, configured, source, journal, clock, log } = options;
    const receipt = async (fields: Receipt): Promise<void> => {
      const observed = String(clock.nowNs());
      await journal.append({ kind: 'own', chain: 'receipt', record: 'receipt', observed, fields });
    };
    const running = new Map<string, Delivery>();
    try {
      for (const [name, raw] of Object.entries(configured)) {
        running.set(name, await createDelivery(name, raw, { dir, source, receipt, log }));
      }
    } catch (error) {
      await Promise.all([...running.values()].map((delivery) => delivery.stop()));
      throw error;
    }
    return new Deliveries(configured, running);
  }

  wake(): void {
    for (const delivery of this.#running.values()) delivery.wake();
  }

  status(): DeliveryStatus[] {
    return [...this.#running.values()].map((delivery) => delivery.status());
  }

  /** Sends one alert that says that it is a test. */
  test(name: string): Promise<TestReport> {
    this.of(name);
    return testConnector(name, this.#configured[name]);
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
