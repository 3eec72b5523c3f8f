/**
 * Hands spans to OpenTelemetry's own OTLP/gRPC exporter and says of a failure whether another try
 * makes sense. One export at a time; a connection that failed is replaced, because gRPC's own
 * back-off between connections grows to two minutes and a relay may be back in a second.
 */
import type { ChannelCredentials, Metadata, ServiceError } from '@grpc/grpc-js';
import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { SHIM_SEND_MS_MAX } from '@vitrine/schema';
import { ShimError } from '../error.ts';
import type { ReadableSpan } from './processor.ts';

/** gRPC status codes (gRPC over HTTP2, "Status codes and their use in gRPC"). */
const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const ABORTED = 10;
const OUT_OF_RANGE = 11;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const DATA_LOSS = 15;
/** OTLP 1.11, "OTLP/gRPC Response": what may be sent again. */
const AGAIN = new Set([
  CANCELLED,
  DEADLINE_EXCEEDED,
  ABORTED,
  OUT_OF_RANGE,
  UNAVAILABLE,
  DATA_LOSS,
]);
/** With this, and only then, what was too much may be sent again (the same section). */
const RETRY_INFO = 'google.rpc.RetryInfo';
/** How gRPC for Node begins the words of a stream that broke before any answer. */
const BROKEN_STREAM = 'Received RST_STREAM';
const NAMES: Record<number, string> = {
  3: 'INVALID_ARGUMENT',
  5: 'NOT_FOUND',
  7: 'PERMISSION_DENIED',
  [RESOURCE_EXHAUSTED]: 'RESOURCE_EXHAUSTED',
  12: 'UNIMPLEMENTED',
  [INTERNAL]: 'INTERNAL',
  [UNAVAILABLE]: 'UNAVAILABLE',
  16: 'UNAUTHENTICATED',
};

export interface SenderOptions {
  url: string;
  /** None for TLS by the standard variables. */
  credentials: ChannelCredentials | undefined;
  metadata: Metadata;
  Exporter: typeof OTLPTraceExporter;
}

export class SpanSender {
  readonly #options: SenderOptions;
  #exporter: OTLPTraceExporter | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Resolves when the receiver has them on disk. Throws SEND_UNHEARD or SEND_REFUSED. */
  async send(spans: ReadableSpan[]): Promise<void> {
    this.#exporter ??= this.#connect();
    const exporter = this.#exporter;
    const error = await new Promise<unknown>((resolve) => {
      exporter.export(spans, (result) => {
        resolve(result.code === 0 ? undefined : (result.error ?? new Error('no reason given')));
      });
    });
    if (error === undefined) return;
    const failure = failureOf(error);
    if (failure.code === 'SEND_UNHEARD') this.close();
    throw failure;
  }

  close(): void {
    this.#exporter?.shutdown().catch(() => {});
    this.#exporter = undefined;
  }

  #connect(): OTLPTraceExporter {
    const { Exporter, url, credentials, metadata } = this.#options;
    return new Exporter({
      url,
      ...(credentials === undefined ? {} : { credentials }),
      metadata,
      timeoutMillis: SHIM_SEND_MS_MAX,
      concurrencyLimit: 1,
      userAgent: 'vitrine-shim',
    });
  }
}

/** The answer's text is not repeated where it may quote what was sent. */
function failureOf(cause: unknown): ShimError {
  const { code, details, metadata } = cause as Partial<ServiceError>;
  const number = typeof code === 'number' ? code : undefined;
  const name = number === undefined ? 'not encoded' : (NAMES[number] ?? `gRPC status ${number}`);
  const broken = number === INTERNAL && String(details).startsWith(BROKEN_STREAM);
  const later = number === RESOURCE_EXHAUSTED && hasRetryInfo(metadata);
  if (number !== undefined && (AGAIN.has(number) || broken || later)) {
    const message = `the receiver did not take the events (${name})`;
    return new ShimError('SEND_UNHEARD', message, 'they are sent again', { cause });
  }
  const message = `the receiver refused the events (${name})`;
  const hint = 'is the endpoint one for OTLP over gRPC, and the token a valid one?';
  return new ShimError('SEND_REFUSED', message, hint, { cause });
}

/** The details are a google.rpc.Status; the name of a type is in it as it is written. */
function hasRetryInfo(metadata: Metadata | undefined): boolean {
  const values = metadata?.get('grpc-status-details-bin') ?? [];
  return values.some((value) => Buffer.from(value).includes(RETRY_INFO));
}
