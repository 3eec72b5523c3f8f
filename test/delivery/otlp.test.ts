/** Alerts as OTLP logs to a receiver that hides what it rejects behind a 200. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { DeliverableAlert } from '../../connectors/kit/contract.ts';
import { selfTest } from '../../connectors/kit/self-test.ts';
import { otlp } from '../../connectors/otlp/index.ts';
import { OtlpReceiver } from './otlp-receiver.ts';
import { alertsOf, type Connector, Run } from './run.ts';

const WAYS = [
  { encoding: 'protobuf', compression: 'gzip' },
  { encoding: 'json', compression: 'none' },
];

function connectorFor(url: string, settings: object): Connector {
  const token = { env: 'OTLP_TOKEN' };
  return otlp.configure('soc', { url, token, allow: ['loopback'], ...settings });
}

async function receiver(t: TestContext): Promise<OtlpReceiver> {
  const started = await OtlpReceiver.start();
  t.after(() => started.close());
  return started;
}

const environment = { OTLP_TOKEN: 'vtk_canary7d2f9b4e6a1c8053' };

for (const way of WAYS) {
  describe(`a receiver of OTLP in ${way.encoding}, ${way.compression}`, () => {
    const started = async (t: TestContext, server: OtlpReceiver, alerts: DeliverableAlert[]) => {
      return Run.start(t, connectorFor(server.url, way), alerts, { environment });
    };

    it('has every alert, many in one request', async (t) => {
      const server = await receiver(t);
      const run = await started(t, server, alertsOf(60));
      await run.settled();
      run.assertAll(server.taken);
      assert.equal(server.taken.length, 60);
      assert.ok(server.requests < 30, `${server.requests} requests`);
    });

    it('that rejects some behind a 200 has all others, and those alone are dead', async (t) => {
      const server = await receiver(t);
      const alerts = alertsOf(30);
      const [bad, worse] = [alerts[4]!, alerts[20]!];
      server.rejects = (uid) => uid === bad.id || uid === worse.id;
      const run = await started(t, server, alerts);
      await run.settled();
      const rest = new Set(alerts.map(({ id }) => id).filter((id) => !server.rejects(id)));
      assert.deepEqual(new Set(server.taken), rest);
      assert.equal(run.delivery.status().delivered, 28);
      const letters = run.delivery.deadLetters();
      assert.deepEqual(letters.map(({ id }) => id).sort(), [bad.id, worse.id].sort());
      for (const { reason } of letters) {
        assert.match(reason, /^HTTP 200, 1 rejected: the timestamp is too old/);
      }
    });

    it('that refuses a request for one record has all others', async (t) => {
      const server = await receiver(t);
      const alerts = alertsOf(24);
      const bad = alerts[9]!;
      server.refuses = (uid) => uid === bad.id;
      const run = await started(t, server, alerts);
      await run.settled();
      run.assertAll(server.taken, { but: bad });
      assert.match(run.delivery.deadLetters()[0]!.reason, /^HTTP 400: .*it is refused/);
    });

    it('that fails for a while is tried again', async (t) => {
      const server = await receiver(t);
      server.failing.push(429, 502, 503, 504);
      const run = await started(t, server, alertsOf(6));
      await run.settled();
      run.assertAll(server.taken);
      assert.equal(server.taken.length, 6);
      assert.equal(run.delivery.status().dead, 0);
    });
  });
}

it('a test is an alert like others', async (t) => {
  const server = await receiver(t);
  const connector = connectorFor(server.url, {});
  const { ok, alert, steps } = await selfTest('soc', connector, { environment });
  assert.ok(ok, JSON.stringify(steps));
  assert.deepEqual(server.taken, [alert]);
});
