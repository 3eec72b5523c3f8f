/**
 * The span processor of the SDK: numbers every span as it ends and hands it to the queue at once.
 * Unlike the batch processor it waits for nothing and drops nothing in silence.
 */
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { ShimError } from '../error.ts';
import type { SendQueue } from '../send/queue.ts';

type SpanProcessor = NonNullable<NodeSDKConfiguration['spanProcessors']>[number];
type EndingSpan = Parameters<NonNullable<SpanProcessor['onEnding']>>[0];
export type ReadableSpan = Parameters<SpanProcessor['onEnd']>[0];

export class AuditProcessor implements SpanProcessor {
  readonly #queue: SendQueue<ReadableSpan>;
  /** How long the one who ends a span waits for it, by span; none is as long as it takes. */
  readonly #bounds = new WeakMap<object, number>();
  readonly #told = new WeakMap<object, Promise<void>>();
  #seq = 0;

  constructor(queue: SendQueue<ReadableSpan>) {
    this.#queue = queue;
  }

  /** Before the span ends. */
  bound(span: object, ms: number): void {
    this.#bounds.set(span, ms);
  }

  /** Of a span that has ended: resolves when it is durable; rejects as `SendQueue.add` does. */
  told(span: object): Promise<void> {
    const unseen = new ShimError('SEND_REFUSED', 'the SDK did not record the event');
    return this.#told.get(span) ?? Promise.reject(unseen);
  }

  onStart(): void {}

  /** The last moment at which a span takes attributes, and in the same step as `onEnd`. */
  onEnding(span: EndingSpan): void {
    span.setAttribute('vitrine.shim.seq', this.#seq++);
  }

  onEnd(span: ReadableSpan): void {
    const told = this.#queue.add(span, this.#bounds.get(span));
    // Whoever does not wait for it has counted on it all the same: the counts tell.
    told.catch(() => {});
    this.#told.set(span, told);
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
