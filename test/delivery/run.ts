/** A run of alerts to a contract server, and what must be true of it whatever the server did. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { sampleAlerts } from '../../connectors/kit/conformance/sample-log.ts';
import type { DeliverableAlert } from '../../connectors/kit/contract.ts';
import type { ConfiguredConnector, HttpTransport } from '../../connectors/kit/define.ts';
import type { Delivery, Receipt } from '../../connectors/kit/delivery/contract.ts';
import { type StartOptions, start, until } from './bench.ts';

export type Connector = ConfiguredConnector<HttpTransport>;

/** `count` alerts over three sessions, so that some share a lane. */
export function alertsOf(count: number): DeliverableAlert[] {
  return sampleAlerts(Array.from({ length: count }, (_, i) => ({ subject: `session-${i % 3}` })));
}

/** The same connector, but what it makes of one alert no destination would take. */
export function poisoned(connector: Connector, alert: DeliverableAlert, bytes: string): Connector {
  return {
    ...connector,
    encode: (item) => (item.id === alert.id ? Buffer.from(bytes) : connector.encode(item)),
  };
}

export class Run {
  readonly alerts: DeliverableAlert[];
  readonly receipts: Receipt[] = [];
  readonly delivery: Delivery;

  private constructor(alerts: DeliverableAlert[], receipts: Receipt[], delivery: Delivery) {
    this.alerts = alerts;
    this.receipts = receipts;
    this.delivery = delivery;
  }

  /** From the log's first alert; a batch waits for nobody. */
  static async start(
    t: TestContext,
    connector: Connector,
    alerts: DeliverableAlert[],
    options: StartOptions,
  ): Promise<Run> {
    const settings = { ...connector.settings, start: 'beginning' as const };
    const batch = { ...connector.batch, ageMsMax: 10 };
    const eager = { ...connector, settings, batch };
    const { receipts, delivery } = await start(t, eager, alerts, options);
    return new Run(alerts, receipts, delivery);
  }

  /** Every alert was delivered or is a dead letter. */
  async settled(): Promise<void> {
    await until('all are settled', () => this.delivery.status().lag === 0);
  }

  async paused(): Promise<string> {
    await until('it is paused', () => this.delivery.status().state === 'paused');
    const { dead, delivered, lastError } = this.delivery.status();
    assert.deepEqual({ dead, delivered }, { dead: 0, delivered: 0 });
    return String(lastError);
  }

  /** Each alert at least once, each session first in order; `ids` as the destination has them. */
  assertAll(ids: string[], { but }: { but?: DeliverableAlert } = {}): void {
    const wanted = this.alerts.filter(({ id }) => id !== but?.id);
    const first = [...new Set(ids)];
    assert.deepEqual(new Set(first), new Set(wanted.map(({ id }) => id)));
    const subjects = new Set(wanted.map(({ record }) => record.subject));
    for (const subject of subjects) {
      const own = wanted.filter(({ record }) => record.subject === subject).map(({ id }) => id);
      assert.deepEqual(
        first.filter((id) => own.includes(id)),
        own,
      );
    }
    assert.equal(this.delivery.status().delivered, wanted.length);
  }
}
