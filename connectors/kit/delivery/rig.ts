/**
 * A delivery for tests with everything around it in the test's hand: the clock, the destination,
 * the log that takes receipts. Only the disk is real.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DELIVERY_CONCURRENT_MAX } from '@vitrine/schema';
import { HandClock, settle } from '../conformance/hand-clock.ts';
import { listSource, sampleAlerts } from '../conformance/sample-log.ts';
import type { Batch, DeliverableAlert, Item, Outcome } from '../contract.ts';
import type { ConfiguredConnector } from '../define.ts';
import type { Delivery, DeliveryTiming, Receipt } from './contract.ts';
import { startDelivery } from './start.ts';

const QUIET_TURNS = 20;

export const OK: Outcome = { kind: 'ok', answer: 'HTTP 200' };

/** One alert about each of these sessions, in order. */
export function alertsOf(...subjects: string[]): DeliverableAlert[] {
  return sampleAlerts(subjects.map((subject) => ({ subject })));
}

/** What the destination does with each attempt; `attempt` counts from 1 for each id. */
export type Destination = (
  alert: DeliverableAlert,
  attempt: number,
  signal: AbortSignal,
) => Outcome | Promise<Outcome>;

/** What it does with each request of several alerts. */
type BatchDestination = (
  alerts: DeliverableAlert[],
  signal: AbortSignal,
) => Outcome | Promise<Outcome>;

export interface RigOptions {
  alerts: DeliverableAlert[];
  destination?: Destination;
  /** Instead of `destination`, with `batch`. */
  batchDestination?: BatchDestination;
  confirm?: (tickets: string[]) => Map<string, boolean> | Outcome;
  start?: 'now' | 'beginning';
  timing?: Partial<DeliveryTiming>;
  dir?: string;
  batch?: Batch;
  rate?: number;
  encode?: (alert: DeliverableAlert) => Uint8Array;
  random?: () => number;
}

export class Rig {
  readonly clock = new HandClock();
  readonly dir: string;
  readonly alerts: DeliverableAlert[];
  /** Ids in the order in which they were sent. */
  readonly sent: string[] = [];
  /** The same, request by request. */
  readonly requests: string[][] = [];
  readonly receipts: Receipt[] = [];
  readonly lines: string[] = [];
  destination: Destination;
  /** Rejects a receipt while it is set. */
  receiptError: Error | undefined;
  secretsChanged = false;
  reads = 0;
  origin = 'vitrine.local/0badcafe/default.0.1';
  delivery!: Delivery;
  readonly #options: RigOptions;
  readonly #attempts = new Map<string, number>();

  private constructor(options: RigOptions) {
    this.#options = options;
    this.alerts = options.alerts;
    this.destination = options.destination ?? (() => OK);
    this.dir = options.dir ?? mkdtempSync(join(tmpdir(), 'vitrine-delivery-'));
  }

  static async start(options: RigOptions): Promise<Rig> {
    const rig = new Rig(options);
    await rig.open();
    return rig;
  }

  /** Again after a stop, from the same directory. */
  async open(): Promise<void> {
    const source = listSource(this.alerts);
    this.delivery = await startDelivery({
      name: 'soc',
      connector: this.#connector(),
      dir: this.dir,
      source: {
        ...source,
        origin: this.origin,
        read: (after, limit) => {
          this.reads++;
          return source.read(after, limit);
        },
      },
      receipt: async (receipt) => {
        if (this.receiptError !== undefined) throw this.receiptError;
        this.receipts.push(structuredClone(receipt));
      },
      log: (line) => this.lines.push(line),
      clock: this.clock,
      random: this.#options.random ?? (() => 1),
      timing: this.#options.timing ?? {},
      wire: {
        concurrentMax: DELIVERY_CONCURRENT_MAX,
        confirms: { pollMs: 1_000, triesMax: 3 },
        send: (items, _, signal) => this.#send(items, signal),
        confirm: async (tickets) => this.#options.confirm?.(tickets) ?? new Map(),
        authorize: async () => undefined,
        probe: async () => undefined,
        secretsChanged: () => this.secretsChanged,
        close: async () => {},
      },
    });
  }

  /** Lets everything run that waits neither for the clock nor for the destination. */
  settle(): Promise<void> {
    return settle(QUIET_TURNS);
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.settle();
  }

  /** A copy of the disk as a crash at this moment would leave it. */
  crashCopy(): string {
    const copy = mkdtempSync(join(tmpdir(), 'vitrine-delivery-'));
    cpSync(this.dir, copy, { recursive: true });
    return copy;
  }

  async end(): Promise<void> {
    await this.delivery.stop();
    rmSync(this.dir, { recursive: true });
  }

  #connector(): ConfiguredConnector {
    const { start = 'beginning', rate } = this.#options;
    const settings = { allow: [], start, rate };
    return {
      type: 'test',
      settings,
      guarantee: 'answered',
      batch: this.#options.batch ?? { alertsMax: 1, bytesMax: 4_096, ageMsMax: 0, order: 'whole' },
      encode: this.#options.encode ?? (({ id }) => Buffer.from(id)),
      transport: {
        kind: 'stream',
        concurrent: true,
        preview: (bytes) => ({ to: 'test', details: {}, bytes }),
        open: () => {
          throw new Error('the rig has a wire of its own');
        },
      },
    };
  }

  async #send(items: Item[], signal: AbortSignal): Promise<Outcome> {
    const alerts = items.map(({ id }) => this.alerts.find((alert) => alert.id === id)!);
    const attempts = items.map(({ id }) => (this.#attempts.get(id) ?? 0) + 1);
    for (const [i, { id }] of items.entries()) this.#attempts.set(id, attempts[i]!);
    this.sent.push(...items.map(({ id }) => id));
    this.requests.push(items.map(({ id }) => id));
    const { batchDestination } = this.#options;
    if (batchDestination !== undefined) return batchDestination(alerts, signal);
    return this.destination(alerts[0]!, attempts[0]!, signal);
  }
}
