/**
 * Bytes of an emitter through its adapter into the outbox. Stops reading while the relay does not
 * answer: a pipe fills, and with it whoever writes to it waits, so that nothing is lost. What could
 * not be read, was cut, or was lost by the emitter is told in one record for each second of it.
 */
import type { Readable } from 'node:stream';
import { SHIM_IDLE_MS, SHIM_TROUBLE_MS } from '@vitrine/schema';
import { nowNanos, type ShimEvent } from '../send/event.ts';
import type { Outbox } from '../send/outbox.ts';
import type { Adapter } from './adapter.ts';
import { type Framing, type Splitter, splitterOf } from './frames.ts';

export interface FeedInput {
  stream: Readable;
  framing: Framing;
}

export interface FeedOptions {
  adapter: Adapter;
  outbox: Pick<Outbox, 'add' | 'full' | 'size' | 'onRoom'>;
  /** Told how many frames are dealt with: their events durable, or no event. */
  onDone?: (frames: number) => void;
  /** Called once, when the emitter has said that it is attached. */
  onStarted?: () => void;
}

export class Feed {
  readonly #options: FeedOptions;
  readonly #splitters = new Set<Splitter>();
  #started = false;
  /** What has been told of already. */
  #told: Trouble = { unparsed: 0, dropped: 0, cut: 0 };
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #waiting: NodeJS.Timeout | undefined;
  #quiet: NodeJS.Timeout | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Resolves at the end of the input, when every frame has been read; not yet durable. */
  read({ stream, framing }: FeedInput): Promise<void> {
    const { outbox } = this.#options;
    const splitter = splitterOf(framing);
    this.#splitters.add(splitter);
    const take = (frame: Buffer): void => this.#take(frame);
    return new Promise((resolve, reject) => {
      stream.on('data', (chunk: Buffer) => {
        splitter.push(chunk, take);
        this.#tellLater();
        this.#idleLater();
        if (!outbox.full) return;
        stream.pause();
        outbox.onRoom(() => stream.resume());
      });
      stream.on('error', reject);
      // 'close' and not 'end': a pipe with a name is let go of without coming to an end.
      stream.on('close', () => {
        splitter.flush(take);
        this.#tellLater();
        resolve();
      });
    });
  }

  /** Tells what is left to tell, before the shim says good-bye. */
  end(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    clearTimeout(this.#quiet);
    this.#add(this.#options.adapter.end?.() ?? []);
    this.#tell();
  }

  #take(frame: Buffer): void {
    this.#add(this.#options.adapter.read(frame));
  }

  #add(events: ShimEvent[]): void {
    const { adapter, outbox, onDone, onStarted } = this.#options;
    if (!this.#started && adapter.started) {
      this.#started = true;
      onStarted?.();
    }
    const { frames } = adapter.counts;
    if (events.length === 0 && outbox.size === 0) onDone?.(frames);
    // What cannot be sent is counted by the outbox and seen as a hole in the numbering.
    const sent = events.map((event) => outbox.add(event));
    if (sent.length > 0)
      Promise.all(sent).then(
        () => onDone?.(frames),
        () => {},
      );
  }

  #idleLater(): void {
    const { adapter } = this.#options;
    if (adapter.idle === undefined) return;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.#add(adapter.idle?.() ?? []);
      this.#tellLater();
      this.#idleLater();
    }, SHIM_IDLE_MS);
    this.#quiet.unref();
  }

  #tellLater(): void {
    if (this.#waiting !== undefined || troubleOf(this.#trouble(), this.#told) === undefined) return;
    const waitMs = Math.max(0, this.#toldAtMs + SHIM_TROUBLE_MS - performance.now());
    this.#waiting = setTimeout(() => {
      this.#waiting = undefined;
      this.#tell();
    }, waitMs);
    this.#waiting.unref();
  }

  #tell(): void {
    const now = this.#trouble();
    const event = troubleOf(now, this.#told);
    if (event === undefined) return;
    this.#told = now;
    this.#toldAtMs = performance.now();
    this.#options.outbox.add(event).catch(() => {});
  }

  #trouble(): Trouble {
    const { unparsed, dropped } = this.#options.adapter.counts;
    let cut = 0;
    for (const splitter of this.#splitters) cut += splitter.cut;
    return { unparsed, dropped, cut };
  }
}

interface Trouble {
  unparsed: number;
  dropped: number;
  cut: number;
}

/** What became worse, as a record; `undefined` when nothing did. */
function troubleOf(now: Trouble, before: Trouble): ShimEvent | undefined {
  const dropped = now.dropped - before.dropped;
  const unparsed = now.unparsed - before.unparsed;
  const cut = now.cut - before.cut;
  if (dropped <= 0 && unparsed <= 0 && cut <= 0) return undefined;
  const reason = dropped > 0 ? 'the emitter lost events' : 'the emitter wrote what cannot be read';
  const attributes = { reason, count: dropped + unparsed, dropped, unparsed, cut };
  return { kind: 'telemetry.drop', t: nowNanos(), attributes };
}
