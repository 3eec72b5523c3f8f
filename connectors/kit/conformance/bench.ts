/**
 * One connector under test: its sample settings, a misbehaving destination, a log of alerts, a
 * directory, and everything it said.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import type { DeliverableAlert } from '../contract.ts';
import type { ConfiguredConnector, ConnectorType } from '../define.ts';
import type { Delivery, DeliveryTiming, Receipt } from '../delivery/contract.ts';
import { startDelivery } from '../delivery/start.ts';
import { accept, type FaultServer, type Received, type Treatment } from './fault-server.ts';
import { listSource } from './sample-log.ts';

/** `golden/sample.json` of a connector: settings that work against `$SERVER`, and their secrets. */
export interface ConnectorSample {
  config: object;
  /** Every value is a canary: it must never be seen again. */
  environment: Record<string, string>;
}

/** Short enough for tests, with the proportions of the real ones. */
export const QUICK: DeliveryTiming = {
  connectMs: 1_000,
  attemptMs: 5_000,
  pollMs: 20,
  retryMsMin: 5,
  retryMsMax: 40,
  pauseMs: 60,
  stopMs: 400,
  receiptMs: 10,
  confirmMs: 10,
};

const WAIT_MS_MAX = 10_000;

export class Bench {
  readonly type: ConnectorType;
  readonly sample: ConnectorSample;
  readonly server: FaultServer;
  readonly dir: string;
  readonly alerts: DeliverableAlert[];
  readonly receipts: Receipt[] = [];
  readonly lines: string[] = [];
  readonly #deliveries: Delivery[] = [];
  readonly #dirs: string[] = [];

  constructor(
    type: ConnectorType,
    sample: ConnectorSample,
    server: FaultServer,
    alerts: DeliverableAlert[],
  ) {
    this.type = type;
    this.sample = sample;
    this.server = server;
    this.alerts = alerts;
    this.dir = this.#directory();
  }

  /** The sample's settings for the server of this bench. */
  get config(): Record<string, unknown> {
    return JSON.parse(JSON.stringify(this.sample.config).replaceAll('$SERVER', this.server.url));
  }

  /** Does not wait for company: the cases have no time for that. */
  connector(): ConfiguredConnector {
    const connector = this.type.configure('soc', { ...this.config, start: 'beginning' });
    return { ...connector, batch: { ...connector.batch, ageMsMax: 0 } };
  }

  async start(
    timing: Partial<DeliveryTiming> = {},
    { dir = this.dir, clock = systemClock }: { dir?: string; clock?: Clock } = {},
  ): Promise<Delivery> {
    const delivery = await startDelivery({
      name: 'soc',
      connector: this.connector(),
      dir,
      source: listSource(this.alerts),
      receipt: async (receipt) => void this.receipts.push(structuredClone(receipt)),
      log: (line) => this.lines.push(line),
      clock,
      environment: this.sample.environment,
      timing: { ...QUICK, ...timing },
    });
    this.#deliveries.push(delivery);
    return delivery;
  }

  /** The disk as a crash at this moment would leave it. */
  crashCopy(): string {
    const copy = this.#directory();
    cpSync(this.dir, copy, { recursive: true });
    return copy;
  }

  /** Requests that carried this alert. */
  requestsOf({ id }: DeliverableAlert): Received[] {
    return this.server.received.filter(({ body, headers }) => {
      return body.includes(id) || JSON.stringify(headers).includes(id);
    });
  }

  /** Requests with these alerts are treated so, again and again; all others are accepted. */
  poison(alert: DeliverableAlert, treatment: Treatment): void {
    this.server.treat = (request) => {
      return this.requestsOf(alert).includes(request) ? treatment : accept;
    };
  }

  /** Everything that was written or said, for the search for secrets. */
  everythingSaid(): string {
    const files = this.#dirs.flatMap((dir) => {
      return readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8'));
    });
    const states = this.#deliveries.map((delivery) => [delivery.status(), delivery.deadLetters()]);
    return [...files, ...this.lines, JSON.stringify([states, this.receipts])].join('\n');
  }

  async end(): Promise<void> {
    for (const delivery of this.#deliveries) await delivery.stop();
    await this.server.stop();
    for (const dir of this.#dirs) rmSync(dir, { recursive: true });
  }

  #directory(): string {
    const dir = mkdtempSync(join(tmpdir(), 'vitrine-conformance-'));
    this.#dirs.push(dir);
    return dir;
  }
}

/** Waits until it is so; fails loudly when it never is. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = performance.now() + WAIT_MS_MAX;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`never: ${what}`);
    await new Promise((done) => setTimeout(done, 2));
  }
}
