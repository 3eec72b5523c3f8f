/**
 * What every shim says about itself: `telemetry.hello` with its version when its source is there,
 * a heartbeat with its counters while it lives, `telemetry.bye` with the totals at its end.
 */
import { HEARTBEAT_MS, SHIM_CLOSE_MS_MAX } from '@vitrine/schema';
import manifest from '../../package.json' with { type: 'json' };
import { nowNanos, type ShimEvent } from './event.ts';
import type { SendCounts } from './queue.ts';

/** A way out: the outbox of a shim, or the SDK. */
export interface WayOut {
  readonly counts: Readonly<SendCounts>;
  add(event: ShimEvent): Promise<void>;
  close(boundMs: number): Promise<void>;
}

export class ShimLife {
  readonly #out: WayOut;
  readonly #counts: () => Record<string, number>;
  #timer: NodeJS.Timeout | undefined;

  /** `counts`: the shim's own counters, sent as `counts.<name>`. */
  constructor(out: WayOut, counts: () => Record<string, number>) {
    this.#out = out;
    this.#counts = counts;
  }

  /** `versions`: what the emitter says of itself, as `versions.<name>`. */
  hello(versions: Record<string, string> = {}): void {
    this.#say('telemetry.hello', { ...versions, 'versions.shim': manifest.version });
    this.#timer = setInterval(() => this.#say('telemetry.heartbeat'), HEARTBEAT_MS);
    this.#timer.unref();
  }

  /** Says the totals and waits until the relay has everything; false when something was lost. */
  async bye(boundMs = SHIM_CLOSE_MS_MAX): Promise<boolean> {
    clearInterval(this.#timer);
    this.#say('telemetry.bye');
    await this.#out.close(boundMs);
    return this.#out.counts.dropped === 0 && this.#out.counts.refused === 0;
  }

  #say(kind: string, more: Record<string, string> = {}): void {
    const attributes: Record<string, string | number> = { ...more };
    const { dropped, refused } = this.#out.counts;
    const counts = { ...this.#counts(), unsent: dropped + refused };
    for (const [name, value] of Object.entries(counts)) {
      attributes[`counts.${name}`] = value;
    }
    this.#out.add({ kind, t: nowNanos(), attributes }).catch(() => {});
  }
}
