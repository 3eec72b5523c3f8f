/**
 * What an adapter is: frames of one emitter in, events out, with whatever state lies between them.
 * It knows no process, no socket and no clock but the one it is given, and it never throws: its
 * input is written by what it watches.
 */
import {
  type Grant,
  type Scrubber,
  SHIM_UNREADABLE_CHARS_MAX,
  SHIM_UNREADABLE_KEPT_MAX,
} from '@vitrine/schema';
import { partAttribute, type ShimEvent } from '../send/event.ts';

export interface Adapter {
  /** True once the emitter has said that it is attached: only then `telemetry.hello` is due. */
  readonly started: boolean;
  readonly counts: Readonly<AdapterCounts>;
  /** One frame, complete. What cannot be read is given to `Unreadable`. */
  read(frame: Buffer): ShimEvent[];
  /** The input is quiet for a while: what was held back for the sake of order. */
  idle?(): ShimEvent[];
  /** All input has come to its end. */
  end?(): ShimEvent[];
}

/** Sent with every heartbeat as `counts.<name>`; an adapter may add numbers of its own. */
export interface AdapterCounts extends Record<string, number> {
  frames: number;
  events: number;
  /** Frames that say nothing this adapter knows. */
  unparsed: number;
  /** Events that the emitter says it lost before they came here. */
  dropped: number;
}

export interface AdapterSettings {
  /** Takes the session's secrets out of what leaves the shim. */
  scrubber: Scrubber;
  /** Directories the session was granted, as in its `open`. */
  grants: Grant[];
  /** Unix nanoseconds for frames that have no time of their own. */
  now: () => string;
  /** Settings that one source alone has, as the parent wrote them: check before use. */
  given: Record<string, unknown>;
}

export function newCounts(): AdapterCounts {
  return { frames: 0, events: 0, unparsed: 0, dropped: 0 };
}

/** Frames that cannot be read, kept as far as they may be shown; in a flood only the first ones. */
export class Unreadable {
  readonly #settings: Pick<AdapterSettings, 'scrubber' | 'now'>;
  readonly #counts: AdapterCounts;
  #second = '';
  #kept = 0;

  constructor(settings: Pick<AdapterSettings, 'scrubber' | 'now'>, counts: AdapterCounts) {
    this.#settings = settings;
    this.#counts = counts;
  }

  /** Counts the frame. At most SHIM_UNREADABLE_KEPT_MAX of a second become an event. */
  take(reason: string, raw: string): ShimEvent[] {
    this.#counts.unparsed++;
    const t = this.#settings.now();
    const second = t.slice(0, -9);
    if (second !== this.#second) this.#kept = 0;
    this.#second = second;
    if (this.#kept++ >= SHIM_UNREADABLE_KEPT_MAX) return [];
    const text = this.#settings.scrubber.text(raw.slice(0, SHIM_UNREADABLE_CHARS_MAX));
    return [{ kind: 'other', t, attributes: { reason, [partAttribute('raw')]: text } }];
  }
}
