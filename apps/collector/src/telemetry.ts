/**
 * The collector's own traces: one span for each acknowledged request and for each batch, with what
 * a batch spent on its seal and on its commit. Off unless a place to send them to is configured;
 * the SDK is not loaded before.
 */
import { type Context, ROOT_CONTEXT, type Span, type Tracer, trace } from '@opentelemetry/api';

const SERVICE = 'vitrine-collector';
/** A place that is away must not keep the collector from its stop. */
const FLUSH_MS_MAX = 2_000;

export interface Traces {
  /** `undefined` where nothing is configured. */
  tracer: Tracer | undefined;
  stop(): Promise<void>;
}

/** `endpoint`: base URL of OTLP/HTTP; without one there are no traces. */
export async function tracesTo(endpoint: string | undefined): Promise<Traces> {
  if (endpoint === undefined) return { tracer: undefined, stop: async () => {} };
  const [{ NodeSDK }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
  ]);
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const sdk = new NodeSDK({
    resourceDetectors: [{ detect: () => ({ attributes: { 'service.name': SERVICE } }) }],
    traceExporter: new OTLPTraceExporter({ url }),
    // Empty, not left out: left out, the standard variables and their defaults add exporters.
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
    textMapPropagator: null,
  });
  sdk.start();
  return {
    tracer: trace.getTracer(SERVICE),
    async stop() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, FLUSH_MS_MAX).unref());
      await Promise.race([sdk.shutdown().catch(() => {}), late]);
      trace.disable();
    },
  };
}

/** Times in milliseconds since the epoch. */
export interface Stretch {
  name: string;
  startMs: number;
  endMs: number;
  attributes: Record<string, string | number>;
}

/** A stretch of time that is over, with those that lie in it. */
export function tellSpan(tracer: Tracer | undefined, whole: Stretch, parts: Stretch[] = []): void {
  if (tracer === undefined) return;
  const root = begin(tracer, whole, ROOT_CONTEXT);
  const inside = trace.setSpan(ROOT_CONTEXT, root);
  for (const part of parts) begin(tracer, part, inside).end(part.endMs);
  root.end(whole.endMs);
}

function begin(tracer: Tracer, { name, startMs, attributes }: Stretch, within: Context): Span {
  return tracer.startSpan(name, { startTime: startMs, attributes }, within);
}
