/** What the SDK leaves alone: the network beside its endpoint, and the process it is in. */
import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { context, createContextKey, logs, ProxyTracerProvider, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { StageIntake } from '../stage/intake.ts';
import { startVitrine, type Vitrine } from './index.ts';

/** Each resource of Node's that asks the network for something, or listens. */
const NETWORK = /^(TCPSERVER|TCPCONNECT|PIPECONNECT|GETADDRINFOREQ|QUERY|UDPSEND|UDP)/;

let intake: StageIntake;
beforeEach(async () => {
  intake = await new StageIntake().start();
});
afterEach(() => intake.end());

function start(endpoint = `unix://${intake.socket}`): Promise<Vitrine> {
  return startVitrine({ endpoint, shim: 'x', log: () => {} });
}

/** Runs it with variables set, and puts the environment back. */
async function withVariables(set: Record<string, string>, act: () => Promise<void>): Promise<void> {
  Object.assign(process.env, set);
  try {
    await act();
  } finally {
    for (const name of Object.keys(set)) delete process.env[name];
  }
}

/** Kinds of network requests made while `act` runs. */
async function asked(act: () => Promise<void>): Promise<Set<string>> {
  const types = new Set<string>();
  const hook = createHook({
    init(_, type) {
      if (NETWORK.test(type)) types.add(type.replace(/WRAP$/, ''));
    },
  }).enable();
  await act();
  hook.disable();
  return types;
}

describe('the network', () => {
  it('is asked for the Unix socket of the endpoint and for nothing else', async () => {
    const report = async (): Promise<void> => {
      const vitrine = await start();
      await vitrine.event('tool.call', {});
      await vitrine.shutdown();
    };
    assert.deepEqual(await asked(report), new Set(['PIPECONNECT']));
    const metrics = { OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: '0' };
    const types = await asked(() => withVariables(metrics, report));
    assert.deepEqual(types, new Set(['PIPECONNECT']), 'although a variable asks for a server');
  });

  it('is asked for no name and no settings of one when the endpoint is this machine', async () => {
    const server: Server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const types = await asked(async () => {
      const vitrine = await start(`http://localhost:${port}`);
      await assert.rejects(vitrine.event('tool.call', {}, { boundMs: 100 }));
      await vitrine.shutdown(10);
    });
    server.closeAllConnections();
    await new Promise<void>((done) => server.close(() => done()));
    assert.deepEqual(types, new Set(['TCPCONNECT']));
  });
});

describe('the standard variables', () => {
  it('take no event away and cut none', async () => {
    const variables = {
      OTEL_TRACES_SAMPLER: 'always_off',
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '1',
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '2',
      OTEL_TRACES_EXPORTER: 'console',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_NODE_RESOURCE_DETECTORS: 'all',
    };
    await withVariables(variables, async () => {
      const vitrine = await start();
      await vitrine.event('tool.call', { 'tool.name': 'Bash', 'tool.use_id': 'toolu_1' });
      await vitrine.shutdown();
    });
    const [event] = intake.of('tool.call');
    assert.deepEqual(event!.fields.tool, { name: 'Bash', use_id: 'toolu_1' });
    assert.deepEqual(event!.parts, {});
  });

  it('that turn the SDK off are told of', async () => {
    await withVariables({ OTEL_SDK_DISABLED: 'true' }, async () => {
      await assert.rejects(start(), { code: 'CONFIG_INVALID', hint: /OTEL_SDK_DISABLED/ });
    });
  });
});

describe('the process', () => {
  it('keeps its seats: other spans do not come here, another SDK can start', async () => {
    const library = trace.getTracer('a library that was loaded before');
    const vitrine = await start();
    library.startSpan('not ours').end();
    trace.getTracer('later').startSpan('not ours either').end();
    const seat = trace.getTracerProvider() as ProxyTracerProvider;
    assert.equal(seat.getDelegate(), new ProxyTracerProvider().getDelegate(), 'it is empty');
    assert.equal(logs.getLoggerProvider().constructor.name, 'ProxyLoggerProvider');

    const own: string[] = [];
    const application = new NodeSDK({
      autoDetectResources: false,
      metricReaders: [],
      logRecordProcessors: [],
      spanProcessors: [
        {
          onStart: () => {},
          onEnd: ({ name }) => void own.push(name),
          forceFlush: async () => {},
          shutdown: async () => {},
        },
      ],
    });
    application.start();
    library.startSpan('the application’s').end();
    await vitrine.event('tool.call', {});
    assert.deepEqual(own, ['the application’s']);
    await Promise.all([vitrine.shutdown(), application.shutdown()]);
    trace.disable();
    logs.disable();
    const kinds = intake.events.map(({ kind }) => kind);
    assert.deepEqual(kinds, ['telemetry.hello', 'tool.call', 'telemetry.bye']);
  });

  it('may report where tracing is turned off, and from two reporters at a time', async () => {
    const [first, second] = [
      await start(),
      await startVitrine({
        endpoint: `unix://${intake.socket}`,
        shim: 'y',
      }),
    ];
    // The key of OpenTelemetry's own exporters around their requests.
    const off = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
    await context.with(context.active().setValue(off, true), async () => {
      await first.event('tool.call', {});
      await second.event('tool.call', {});
    });
    assert.equal(intake.of('tool.call').length, 2);
    await Promise.all([first.shutdown(), second.shutdown()]);
  });
});
