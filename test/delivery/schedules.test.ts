/**
 * Random schedules of everything that the collectors of Splunk and CrowdStrike are documented to
 * do: whatever comes in whatever order, each alert arrives, under its id, first in its order.
 */
import { it } from 'node:test';
import fc from 'fast-check';
import { falcon } from '../../connectors/falcon/index.ts';
import { splunkHec } from '../../connectors/splunk-hec/index.ts';
import { FalconReceiver } from '../receivers/falcon.ts';
import type { Fault } from '../receivers/receiver.ts';
import { SplunkReceiver } from '../receivers/splunk.ts';
import { ALERTS, faults, RUNS, survives } from './faults.ts';
import type { Connector } from './run.ts';

const TOKEN = '9d7a1f0e-5b1c-4c55-8e21-2b60b8c5f4a7';
const environment = { TOKEN };

const lost: fc.Arbitrary<Fault> = fc.constant({ kind: 'partial' });
const bodyBytesMax = fc.constantFrom(6_000, 12_000, 1_000_000);

function splunkAt(server: SplunkReceiver, ack: boolean): Connector {
  const settings = { url: server.url, token: { env: 'TOKEN' }, allow: ['loopback'], ack };
  const connector = splunkHec.configure('soc', settings);
  const confirm = { ...connector.transport.confirm!, pollMs: 5, triesMax: 5 };
  return { ...connector, transport: { ...connector.transport, confirm } };
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
        await survives(
          t,
          { server, connector: splunkAt(server, ack), environment },
          planned,
          idsAt,
        );
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
      const connector = falcon.configure('soc', settings);
      await survives(t, { server, connector, environment }, faults, idsAt);
    }),
    { numRuns: RUNS },
  );
});
