/**
 * Collects outcomes and hands them to the log as receipts: one for each stretch of time, or earlier
 * when it is full. An outcome leaves only after its receipt was taken.
 */
import { RECEIPT_ALERTS_MAX, RECEIPT_WAITING_MAX } from '@vitrine/schema';
import type { Clock } from '../clock.ts';
import type { Receipt, ReceiptAlert } from './contract.ts';

interface ReceiptOptions {
  connector: string;
  type: string;
  clock: Clock;
  receiptMs: number;
  receipt(receipt: Receipt): Promise<void>;
  /** The outcomes that wait have changed. */
  taken(): void;
  failed(error: unknown): void;
}

export class Receipts {
  readonly #options: ReceiptOptions;
  #waiting: ReceiptAlert[];
  #running: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #stopped = false;

  /** `waiting`: what the last run left without a receipt. */
  constructor(options: ReceiptOptions, waiting: ReceiptAlert[]) {
    this.#options = options;
    this.#waiting = waiting;
    if (waiting.length > 0) this.#schedule();
  }

  get waiting(): ReceiptAlert[] {
    return this.#waiting;
  }

  /** Nothing more may be sent until the log takes receipts again. */
  get full(): boolean {
    return this.#waiting.length >= RECEIPT_WAITING_MAX;
  }

  add(alert: ReceiptAlert): void {
    this.#waiting.push(alert);
    if (this.#waiting.length === RECEIPT_ALERTS_MAX) void this.flush();
    else this.#schedule();
  }

  /** Writes what waits now; stops at the first failure and tries again later. */
  flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#running ??= this.#write().finally(() => {
      this.#running = undefined;
      if (this.#waiting.length > 0) this.#schedule();
    });
    return this.#running;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }

  async #write(): Promise<void> {
    const { connector, type, receipt, taken, failed } = this.#options;
    // What comes meanwhile has its own stretch, or a busy connector would write receipts of one.
    for (let left = this.#waiting.length; left > 0; left -= RECEIPT_ALERTS_MAX) {
      const alerts = this.#waiting.slice(0, Math.min(left, RECEIPT_ALERTS_MAX));
      const indices = alerts.map(({ index }) => index);
      try {
        const [from, to] = [Math.min(...indices), Math.max(...indices)];
        await receipt({ connector, type, from, to, alerts });
      } catch (error) {
        failed(error);
        return;
      }
      this.#waiting = this.#waiting.slice(alerts.length);
      taken();
    }
  }

  #schedule(): void {
    if (this.#stopped) return;
    const { clock, receiptMs } = this.#options;
    this.#cancelTimer ??= clock.after(receiptMs, () => void this.flush());
  }
}
