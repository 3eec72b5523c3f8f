/**
 * Random schedules of everything that the collectors of Splunk and CrowdStrike are documented to
 * do: whatever comes in whatever order, each alert arrives, under its id, first in its order.
 */
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { falcon } from '../../connectors/falcon/index.ts';
import { splunkHec } from '../../connectors/splunk-hec/index.ts';
import { FalconReceiver } from '../receivers/falcon.ts';
import type { Fault, Receiver } from '../receivers/receiver.ts';
import { SplunkReceiver } from '../receivers/splunk.ts';
import { alertsOf, type Connector, Run } from './run.ts';

const TOKEN = '9d7a1f0e-5b1c-4c55-8e21-2b60b8c5f4a7';
const environment = { TOKEN };
const RUNS = 10;
const ALERTS = 9;
const TIMING = { attemptMs: 60, retryMsMin: 2, retryMsMax: 10, pauseMs: 20 };

/** What any of them may do to a request; a refusal of one code is as good as any. */
const faults: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom<Fault>(
    { kind: 'refuse', status: 401 },
    { kind: 'refuse', status: 403 },
    { kind: 'refuse', status: 429, retryAfter: '0' },
    { kind: 'refuse', status: 500 },
    { kind: 'refuse', status: 503 },
  ),
  fc.record({ kind: fc.constant('hang' as const), kept: fc.boolean() }),
  fc.record({ kind: fc.constant('reset' as const), kept: fc.boolean() }),
  fc.constant<Fault>({ kind: 'slow', stepMs: 5 }),
);
const lost: fc.Arbitrary<Fault> = fc.constant({ kind: 'partial' });
const bodyBytesMax = fc.constantFrom(6_000, 12_000, 1_000_000);

function splunkAt(server: SplunkReceiver, ack: boolean): Connector {
  const settings = { url: server.url, token: { env: 'TOKEN' }, allow: ['loopback'], ack };
  const connector = splunkHec.configure('soc', settings);
  const confirm = { ...connector.transport.confirm!, pollMs: 5, triesMax: 5 };
  return { ...connector, transport: { ...connector.transport, confirm } };
}

async function survives(
  t: TestContext,
  server: Receiver,
  connector: Connector,
  planned: { fault: Fault; path: string }[],
  idsAt: () => unknown[],
): Promise<void> {
  for (const { fault, path } of planned) server.play(fault, { path });
  const run = await Run.start(t, connector, alertsOf(ALERTS), { environment, timing: TIMING });
  try {
    await run.settled();
    run.assertAll(idsAt().map(String));
    assert.equal(run.delivery.status().dead, 0);
  } finally {
    await run.delivery.stop();
    await server.close();
  }
}

for (const ack of [false, true]) {
  it(`no schedule loses an alert to Splunk ${ack ? 'with' : 'without'} acknowledgement`, (t) => {
    const fault = ack ? fc.oneof(faults, lost) : faults;
    const path = fc.constantFrom(...(ack ? ['/event', '/ack'] : ['/event']));
    const planned = fc.array(fc.record({ fault, path }), { maxLength: 8 });
    const busy = fc.option(fc.nat(ALERTS - 1), { nil: undefined });
    const schedule = fc.record({ planned, busy, bodyBytesMax, pollsUntilIndexed: fc.nat(3) });
    return fc.assert(
      fc.asyncProperty(schedule, async ({ planned, busy, ...options }) => {
        const tokens = { [TOKEN]: { indexes: ['security'], ack } };
        const server = await SplunkReceiver.start({ tokens, ...options });
        if (busy !== undefined) server.busyAfter(busy);
        const idsAt = (): unknown[] => {
          return server.events.map(({ envelope }) => {
            return (envelope.fields as { dedupe_id: string }).dedupe_id;
          });
        };
        await survives(t, server, splunkAt(server, ack), planned, idsAt);
      }),
      { numRuns: RUNS },
    );
  });
}

it('no schedule loses an alert to Falcon', (t) => {
  const planned = fc.array(fc.record({ fault: faults, path: fc.constant('') }), { maxLength: 8 });
  return fc.assert(
    fc.asyncProperty(planned, bodyBytesMax, async (faults, bytes) => {
      const server = await FalconReceiver.start({ key: TOKEN, bodyBytesMax: bytes });
      const url = `${server.url}/services/collector`;
      const settings = { url, key: { env: 'TOKEN' }, allow: ['loopback'] };
      const idsAt = () => server.events.map(({ fields }) => fields.dedupe_id);
      await survives(t, server, falcon.configure('soc', settings), faults, idsAt);
    }),
    { numRuns: RUNS },
  );
});
