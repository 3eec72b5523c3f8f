/**
 * Events over OpenTelemetry's SDK: each is a span that goes to the receiver at once, and a promise
 * that is kept when the receiver has it on disk. Numbers, order, another try and the end are those
 * of every shim.
 */
import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { type AttributeValue, SDK_ACK_MS_MAX } from '@vitrine/schema';
import { nowNanos, type ShimEvent } from '../send/event.ts';
import type { WayOut } from '../send/life.ts';
import { type SendCounts, SendQueue } from '../send/queue.ts';
import { attributeBytes, hrTime, type Parts, spanAttributes } from './attributes.ts';
import type { Endpoint } from './endpoint.ts';
import { loadSdk, type RunningSdk } from './node-sdk.ts';
import type { ReadableSpan } from './processor.ts';
import type { SpanSender } from './sender.ts';

export interface ReporterOptions {
  endpoint: Endpoint;
  /** Name of the shim: resource attribute `vitrine.shim.name`. */
  shim: string;
  /** `session.id` of all events. */
  session?: string | undefined;
  /** Sent as `authorization: Bearer …`. */
  token?: string | undefined;
  log: (line: string) => void;
}

export type Attributes = Record<string, AttributeValue>;

export interface EventOptions {
  /** Content that is sensitive or large, by part name. */
  parts?: Parts;
  /** Unix nanoseconds, decimal text; now if it is left out. */
  t?: string;
  /** How long the promise waits, in milliseconds. */
  boundMs?: number;
}

/** What goes on, for whoever does it. */
export interface Doing {
  /** Adds to what its event will say. Throws SEND_REFUSED for a value that OTLP has not. */
  say(attributes: Attributes, parts?: Parts): void;
}

const NAME_OF_SHIM = 'vitrine.shim.name';

export class Reporter implements WayOut {
  readonly #queue: SendQueue<ReadableSpan>;
  readonly #sender: SpanSender;
  readonly #sdk: RunningSdk;
  #lost: { records: number; from: string } | undefined;

  /** Throws CONFIG_INVALID. Nothing is sent yet, so the receiver need not be there. */
  static async start(options: ReporterOptions): Promise<Reporter> {
    const { endpoint, shim, session, token, log } = options;
    const resource: Record<string, string> = { 'service.name': shim, [NAME_OF_SHIM]: shim };
    if (session !== undefined) resource['session.id'] = session;
    const { sender, begin } = await loadSdk({ endpoint, token, resource });
    const queue = new SendQueue<ReadableSpan>({
      name: shim,
      send: (spans) => sender.send(spans),
      waitMs: 0,
      bytesOf: ({ attributes }) => attributeBytes(attributes),
      onFull: () => reporter.#lose(),
      log,
    });
    const reporter = new Reporter(queue, sender, begin(queue));
    return reporter;
  }

  private constructor(queue: SendQueue<ReadableSpan>, sender: SpanSender, sdk: RunningSdk) {
    this.#queue = queue;
    this.#sender = sender;
    this.#sdk = sdk;
  }

  get counts(): Readonly<SendCounts> {
    return this.#queue.counts;
  }

  add({ kind, t, attributes }: ShimEvent, boundMs?: number): Promise<void> {
    return this.event(kind, attributes, { t, ...(boundMs === undefined ? {} : { boundMs }) });
  }

  /** Rejects with SEND_UNHEARD (it stays in line) or SEND_REFUSED, which nobody has to catch. */
  event(kind: string, attributes: Attributes, options: EventOptions = {}): Promise<void> {
    const { parts, t = nowNanos(), boundMs } = options;
    const told = this.#tell(kind, attributes, { parts, t, boundMs });
    told.catch(() => {});
    return told;
  }

  async during<T>(
    kind: string,
    attributes: Attributes,
    act: (doing: Doing) => Promise<T> | T,
    boundMs: number = SDK_ACK_MS_MAX,
  ): Promise<T> {
    const within = parentContext();
    const span = this.#sdk.tracer.startSpan(
      kind,
      { attributes: spanAttributes(attributes) },
      within,
    );
    const doing: Doing = {
      say: (more, parts) => void span.setAttributes(spanAttributes(more, parts)),
    };
    try {
      return await context.with(trace.setSpan(within, span), () => act(doing));
    } catch (error) {
      // Its words may quote a secret: that it failed is said, why is for `say`.
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      await this.#end(span, undefined, boundMs).catch(() => {});
    }
  }

  /** Waits until all is durable, at most `boundMs`; nothing can be added after. */
  async close(boundMs: number): Promise<void> {
    await this.#queue.close(boundMs);
    this.#sender.close();
    await this.#sdk.shutdown();
  }

  async #tell(
    kind: string,
    attributes: Attributes,
    { parts, t, boundMs }: { parts: Parts | undefined; t: string; boundMs: number | undefined },
  ): Promise<void> {
    const startTime = hrTime(t);
    const options = { attributes: spanAttributes(attributes, parts), startTime };
    const span = this.#sdk.tracer.startSpan(kind, options, parentContext());
    await this.#end(span, t, boundMs);
  }

  #end(span: Span, t: string | undefined, boundMs: number | undefined): Promise<void> {
    const { processor } = this.#sdk;
    if (boundMs !== undefined) processor.bound(span, boundMs);
    span.end(t === undefined ? undefined : hrTime(t));
    return processor.told(span);
  }

  /** Loss is evidence: what found no room is told of as soon as there is some. */
  #lose(): void {
    if (this.#lost === undefined) {
      this.#lost = { records: 0, from: nowNanos() };
      this.#queue.onRoom(() => {
        const { records, from } = this.#lost!;
        this.#lost = undefined;
        const attributes = { reason: 'queue_full', records, from, to: nowNanos() };
        this.event('telemetry.drop', attributes);
      });
    }
    this.#lost.records++;
  }
}

/** The span that is under way, if any, and nothing else: a context can turn tracing off. */
function parentContext(): Context {
  const active = trace.getSpan(context.active());
  return active === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, active);
}
