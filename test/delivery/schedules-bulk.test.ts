/**
 * Random schedules of everything that Elasticsearch, Entra and the Logs Ingestion API are
 * documented to do: whatever comes in whatever order, each alert arrives, under its id,
 * first in its order.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { elastic } from '../../connectors/elastic/index.ts';
import { COLUMNS } from '../../connectors/sentinel/columns.ts';
import { sentinel } from '../../connectors/sentinel/index.ts';
import { ElasticReceiver } from '../receivers/elastic.ts';
import type { Fault } from '../receivers/receiver.ts';
import { SentinelReceiver } from '../receivers/sentinel.ts';
import { ALERTS, faults, RUNS, survives } from './faults.ts';

const SECRET = 'c4n~ary+of the schedule';
const environment = { SECRET, API_KEY: `key-id:${SECRET}` };
const DATA_STREAM = 'logs-vitrine.alerts-default';
const STREAM = 'Custom-VitrineAlerts_CL';
const CLIENT = '11111111-2222-3333-4444-555555555555';
const RULE = `dcr-${'0a'.repeat(16)}`;

it('no schedule loses an alert to Elasticsearch, nor stores one twice', (t) => {
  const fault = fc.oneof(faults, fc.constant<Fault>({ kind: 'partial' }));
  const planned = fc.array(fc.record({ fault, path: fc.constant('') }), { maxLength: 8 });
  const bodyBytesMax = fc.constantFrom(2_500, 4_000, 1_000_000);
  return fc.assert(
    fc.asyncProperty(planned, bodyBytesMax, async (faults, bytes) => {
      const key = { id: 'key-id', secret: SECRET, streams: [DATA_STREAM] };
      const server = await ElasticReceiver.start({ key, bodyBytesMax: bytes });
      const settings = {
        url: server.url,
        api_key: { env: 'API_KEY' },
        allow: ['loopback'],
      };
      const idsAt = () => (server.documents.get(DATA_STREAM) ?? []).map(({ id }) => id);
      const connector = elastic.configure('siem', settings);
      await survives(t, { server, connector, environment }, faults, idsAt);
      assert.equal(idsAt().length, ALERTS);
    }),
    { numRuns: RUNS },
  );
});

it('no schedule loses an alert to Sentinel', (t) => {
  const path = fc.constantFrom('/streams/', '/token');
  const planned = fc.array(fc.record({ fault: faults, path }), { maxLength: 8 });
  /** Of a token, in seconds by the server's word and by its clock. */
  const life = fc.constantFrom(1, 3_599);
  return fc.assert(
    fc.asyncProperty(planned, life, async (faults, expiresInSeconds) => {
      const server = await SentinelReceiver.start({
        tenant: 'contoso.example',
        clientId: CLIENT,
        clientSecret: SECRET,
        rule: RULE,
        streams: { [STREAM]: COLUMNS.map(({ name }) => name) },
        expiresInSeconds,
      });
      const settings = {
        tenant: 'contoso.example',
        client_id: CLIENT,
        client_secret: { env: 'SECRET' },
        endpoint: server.url,
        authority: server.url,
        rule: RULE,
        allow: ['loopback'],
      };
      const idsAt = () => (server.rows.get(STREAM) ?? []).map(({ AlertId }) => AlertId);
      const connector = sentinel.configure('siem', settings);
      await survives(t, { server, connector, environment }, faults, idsAt);
    }),
    { numRuns: RUNS },
  );
});
