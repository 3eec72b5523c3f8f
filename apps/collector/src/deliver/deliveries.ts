/** One delivery for each connector of the configuration, over one source of alerts. */
import { join } from 'node:path';
import {
  type Delivery,
  type DeliverySource,
  type DeliveryStatus,
  type TestReport,
  createDelivery,
  testConnector,
} from '@vitrine/connectors';
import type { JsonObject } from '@vitrine/schema';
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
  readonly #running = new Map<string, Delivery>();

  constructor(options: DeliveriesOptions) {
    const { dir, source, journal, clock, log } = options;
    this.#configured = options.configured;
    for (const [name, raw] of Object.entries(options.configured)) {
      const delivery = createDelivery(name, raw, {
        dir: join(dir, name),
        source,
        receipt: async (receipt) => {
          const observed = String(clock.nowNs());
          const fields = receipt as unknown as JsonObject;
          await journal.append({ kind: 'own', chain: 'receipt', record: 'receipt', observed, fields });
        },
        log,
      });
      this.#running.set(name, delivery);
    }
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
