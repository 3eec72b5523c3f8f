/**
 * OpenTelemetry's SDK for Node with everything off but what reports: no detectors that look around,
 * no instrumentations, no metrics, no logs, no propagation, and no seat in the process that an
 * application's own telemetry may want. It is large, so it is loaded when it is asked for.
 */
import {
  logs,
  type Sampler,
  SamplingDecision,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import type { NodeSDK } from '@opentelemetry/sdk-node';
import { ShimError } from '../error.ts';
import type { SendQueue } from '../send/queue.ts';
import type { Endpoint } from './endpoint.ts';
import { AuditProcessor, type ReadableSpan } from './processor.ts';
import { SpanSender } from './sender.ts';

const SCOPE = '@vitrine/shim';

export interface SdkOptions {
  endpoint: Endpoint;
  token: string | undefined;
  /** Attributes of the resource. */
  resource: Record<string, string>;
}

/** The parts that are loaded before there is a queue for them. */
export interface LoadedSdk {
  sender: SpanSender;
  /** Starts the SDK; throws CONFIG_INVALID where the environment has turned it off. */
  begin: (queue: SendQueue<ReadableSpan>) => RunningSdk;
}

export interface RunningSdk {
  tracer: Tracer;
  processor: AuditProcessor;
  shutdown: () => Promise<void>;
}

/** Every event counts, whatever the standard variables say of sampling. */
const ALL: Sampler = {
  shouldSample: () => ({ decision: SamplingDecision.RECORD_AND_SAMPLED }),
  toString: () => 'AllEvents',
};

/** No limit cuts an event here: whoever receives it has limits, and says what it cut. */
const WHOLE = { attributeCountLimit: Infinity, attributeValueLengthLimit: Infinity };

export async function loadSdk(options: SdkOptions): Promise<LoadedSdk> {
  const [{ NodeSDK }, { OTLPTraceExporter }, { default: grpc }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-grpc'),
    import('@grpc/grpc-js'),
  ]);
  const { endpoint, token, resource } = options;
  const metadata = new grpc.Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  const credentials = endpoint.secure ? undefined : grpc.credentials.createInsecure();
  const { url } = endpoint;
  const sender = new SpanSender({ url, credentials, metadata, Exporter: OTLPTraceExporter });
  const begin = (queue: SendQueue<ReadableSpan>): RunningSdk => {
    const processor = new AuditProcessor(queue);
    const sdk = new NodeSDK({
      // The only detector: it says what it was told.
      resourceDetectors: [{ detect: () => ({ attributes: resource }) }],
      spanProcessors: [processor],
      sampler: ALL,
      spanLimits: WHOLE,
      // Empty, not left out: left out, the standard variables and their defaults add exporters.
      metricReaders: [],
      logRecordProcessors: [],
      instrumentations: [],
      textMapPropagator: null,
    });
    const provider = startApart(sdk);
    if (provider === undefined) {
      const message = 'the OpenTelemetry SDK did not start';
      throw new ShimError('CONFIG_INVALID', message, 'is OTEL_SDK_DISABLED set?');
    }
    return { tracer: provider.getTracer(SCOPE), processor, shutdown: () => sdk.shutdown() };
  };
  return { sender, begin };
}

/**
 * Starts the SDK and keeps its provider. It would hand it to the whole process, which has one seat
 * for each: an application's own SDK could then not register, and its spans would come here.
 */
function startApart(sdk: NodeSDK): TracerProvider | undefined {
  const seats = { trace: trace.setGlobalTracerProvider, logs: logs.setGlobalLoggerProvider };
  let made: TracerProvider | undefined;
  trace.setGlobalTracerProvider = (provider) => {
    made = provider;
    return true;
  };
  logs.setGlobalLoggerProvider = () => true;
  try {
    sdk.start();
  } finally {
    trace.setGlobalTracerProvider = seats.trace;
    logs.setGlobalLoggerProvider = seats.logs;
  }
  return made;
}
