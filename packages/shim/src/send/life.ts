/**
 * What every shim says about itself: `telemetry.hello` when its source is attached, a heartbeat
 * with its counters while it lives, `telemetry.bye` with the totals at its end.
 */
import { HEARTBEAT_MS, SHIM_CLOSE_MS_MAX } from '@vitrine/schema';
import { nowNanos } from './event.ts';
import type { Outbox } from './outbox.ts';

export class ShimLife {
  readonly #outbox: Outbox;
  readonly #counts: () => Record<string, number>;
  #timer: NodeJS.Timeout | undefined;

  /** `counts`: the shim's own counters, sent as `counts.<name>`. */
  constructor(outbox: Outbox, counts: () => Record<string, number>) {
    this.#outbox = outbox;
    this.#counts = counts;
  }

  hello(): void {
    this.#say('telemetry.hello');
    this.#timer = setInterval(() => this.#say('telemetry.heartbeat'), HEARTBEAT_MS);
    this.#timer.unref();
  }

  /** Says the totals and waits until the relay has everything; false when something was lost. */
  async bye(boundMs = SHIM_CLOSE_MS_MAX): Promise<boolean> {
    clearInterval(this.#timer);
    this.#say('telemetry.bye');
    await this.#outbox.close(boundMs);
    return this.#outbox.counts.dropped === 0 && this.#outbox.counts.refused === 0;
  }

  #say(kind: string): void {
    const attributes: Record<string, number> = {};
    const { dropped, refused } = this.#outbox.counts;
    const counts = { ...this.#counts(), unsent: dropped + refused };
    for (const [name, value] of Object.entries(counts)) {
      attributes[`counts.${name}`] = value;
    }
    this.#outbox.add({ kind, t: nowNanos(), attributes }).catch(() => {});
  }
}
