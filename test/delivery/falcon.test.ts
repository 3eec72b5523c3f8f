/** What CrowdStrike's data connector does without a word, and that no alert is lost by it. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { falcon } from '../../connectors/falcon/index.ts';
import { selfTest } from '../../connectors/kit/self-test.ts';
import { type FalconOptions, FalconReceiver } from '../receivers/falcon.ts';
import { alertsOf, type Connector, poisoned, Run } from './run.ts';

const KEY = 'c4n4ry0f7e5d9b2a8c6e1f3d5b7a9c0e';
const SECRETS = { FALCON_KEY: KEY };

async function started(t: TestContext, options: Partial<FalconOptions> = {}) {
  const server = await FalconReceiver.start({ key: KEY, parsers: ['vitrine'], ...options });
  t.after(() => server.close());
  return server;
}

function connectorFor({ url }: FalconReceiver, settings: object = {}): Connector {
  const raw = { url: `${url}/services/collector`, key: { env: 'FALCON_KEY' }, ...settings };
  return falcon.configure('soc', { allow: ['loopback'], ...raw });
}

function idsAt({ events }: FalconReceiver): string[] {
  return events.map(({ fields }) => String(fields.dedupe_id));
}

describe('Falcon Next-Gen SIEM', { concurrency: 2 }, () => {
  it('has every alert whole, read by the parser of the connection, with its fields', async (t) => {
    const server = await started(t);
    const alerts = alertsOf(40);
    const run = await Run.start(t, connectorFor(server), alerts, { environment: SECRETS });
    await run.settled();
    run.assertAll(idsAt(server));
    assert.equal(server.events.length, 40);
    assert.ok(server.calls.length < 20, `${server.calls.length} requests`);
    for (const { parser, raw, truncated, fields, timeMs } of server.events) {
      assert.deepEqual([parser, truncated, fields.severity], ['vitrine', false, 'high']);
      const { event, vitrine } = JSON.parse(raw) as Record<string, Record<string, unknown>>;
      const alert = alerts.find(({ id }) => id === event!.id)!;
      assert.equal(timeMs, Number(BigInt(alert.t) / 1_000_000n));
      assert.equal(vitrine!.proof, alert.proof);
    }
  });

  it('reads by the parser that the settings name', async (t) => {
    const server = await started(t, { parsers: ['json', 'vitrine'] });
    const connector = connectorFor(server, { sourcetype: 'vitrine' });
    const run = await Run.start(t, connector, alertsOf(1), { environment: SECRETS });
    await run.settled();
    assert.equal(server.events[0]!.parser, 'vitrine');
  });

  it('is paused for by a wrong key, and by a wrong address', async (t) => {
    const server = await started(t);
    const wrong = await Run.start(t, connectorFor(server), alertsOf(3), {
      environment: { FALCON_KEY: 'another' },
    });
    assert.match(await wrong.paused(), /^HTTP 401/);
    const lost = connectorFor(server, { url: `${server.url}/api/v1/ingest/hec` });
    assert.match(
      await (await Run.start(t, lost, alertsOf(3), { environment: SECRETS })).paused(),
      /^HTTP 404/,
    );
    assert.equal(server.events.length, 0);
  });

  it('that refuses one event has all others', async (t) => {
    const server = await started(t);
    const alerts = alertsOf(24);
    const bad = alerts[7]!;
    const connector = poisoned(connectorFor(server), bad, `{"event":"","source":"${bad.id}"}`);
    const run = await Run.start(t, connector, alerts, { environment: SECRETS });
    await run.settled();
    run.assertAll(idsAt(server), { but: bad });
    assert.deepEqual(
      run.delivery.deadLetters().map(({ id }) => id),
      [bad.id],
    );
  });

  it('that takes small requests only is sent smaller ones', async (t) => {
    const server = await started(t, { bodyBytesMax: 9_000 });
    const run = await Run.start(t, connectorFor(server), alertsOf(30), { environment: SECRETS });
    await run.settled();
    run.assertAll(idsAt(server));
    assert.equal(run.delivery.status().dead, 0);
  });

  for (const status of [429, 500, 503]) {
    it(`that answers ${status} is tried again`, async (t) => {
      const server = await started(t);
      server.play({ kind: 'refuse', status }, { times: 2 });
      const run = await Run.start(t, connectorFor(server), alertsOf(6), { environment: SECRETS });
      await run.settled();
      run.assertAll(idsAt(server));
      assert.equal(server.events.length, 6);
    });
  }

  it('whose answer is lost has alerts twice, under one id', async (t) => {
    const server = await started(t);
    server.play({ kind: 'reset', kept: true });
    const run = await Run.start(t, connectorFor(server), alertsOf(3), { environment: SECRETS });
    await run.settled();
    run.assertAll(idsAt(server));
    assert.ok(server.events.length > 3);
  });

  it('takes a test that says so', async (t) => {
    const server = await started(t);
    const { ok, alert, steps } = await selfTest('soc', connectorFor(server), {
      environment: SECRETS,
    });
    assert.ok(ok, JSON.stringify(steps));
    assert.deepEqual(idsAt(server), [alert]);
    assert.ok(server.events[0]!.raw.includes('"test":true'));
  });
});
