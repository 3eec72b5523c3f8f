/** What Splunk's collector documents that it does, and that no alert is lost by it. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { selfTest } from '../../connectors/kit/self-test.ts';
import { splunkHec } from '../../connectors/splunk-hec/index.ts';
import { type SplunkOptions, SplunkReceiver } from '../receivers/splunk.ts';
import { until } from './bench.ts';
import { alertsOf, type Connector, poisoned, Run } from './run.ts';

const TOKEN = '9d7a1f0e-5b1c-4c55-8e21-2b60b8c5f4a7';
const SECRETS = { SPLUNK_TOKEN: TOKEN };
const CONFIRM = { pollMs: 20, triesMax: 4 };

async function started(t: TestContext, options: Partial<SplunkOptions> = {}) {
  const tokens = { [TOKEN]: { indexes: ['main', 'security'] } };
  const server = await SplunkReceiver.start({ tokens, ...options });
  t.after(() => server.close());
  return server;
}

function connectorFor({ url }: SplunkReceiver, settings: object = {}): Connector {
  const token = { env: 'SPLUNK_TOKEN' };
  const raw = { url, token, index: 'security', allow: ['loopback'], ...settings };
  const connector = splunkHec.configure('soc', raw);
  const confirm = { ...connector.transport.confirm!, ...CONFIRM };
  return { ...connector, transport: { ...connector.transport, confirm } };
}

function idsAt({ events }: SplunkReceiver): string[] {
  return events.map(({ envelope }) => String((envelope.fields as { dedupe_id: string }).dedupe_id));
}

describe('Splunk HEC', { concurrency: 2 }, () => {
  it('has every alert, in the index that was asked for, many in one request', async (t) => {
    const server = await started(t);
    const run = await Run.start(t, connectorFor(server), alertsOf(60), { environment: SECRETS });
    await run.settled();
    run.assertAll(idsAt(server));
    assert.equal(server.events.length, 60);
    assert.ok(server.events.every(({ index }) => index === 'security'));
    assert.ok(server.calls.length < 30, `${server.calls.length} requests`);
    const said = () => run.receipts.flatMap(({ alerts }) => alerts);
    await until('all have receipts', () => said().length === 60);
    assert.ok(said().every(({ answer }) => answer === 'code 0: Success'));
  });

  it('is paused for by a token that is disabled, and goes on once it is enabled', async (t) => {
    const token = { indexes: ['security'], disabled: true };
    const server = await started(t, { tokens: { [TOKEN]: token } });
    const run = await Run.start(t, connectorFor(server), alertsOf(5), { environment: SECRETS });
    assert.match(await run.paused(), /^code 1: Token disabled; enable the token/);
    token.disabled = false;
    await run.settled();
    run.assertAll(idsAt(server));
  });

  it('is paused for by a token that it does not know', async (t) => {
    const server = await started(t);
    const wrong = { SPLUNK_TOKEN: 'another' };
    const run = await Run.start(t, connectorFor(server), alertsOf(5), { environment: wrong });
    assert.match(await run.paused(), /^code 4: Invalid token/);
    assert.equal(server.events.length, 0);
  });

  it('is paused for by an index that the token may not write to', async (t) => {
    const server = await started(t);
    const connector = connectorFor(server, { index: 'payroll' });
    const run = await Run.start(t, connector, alertsOf(5), { environment: SECRETS });
    assert.match(await run.paused(), /^code 7: Incorrect index; let the token write/);
    assert.equal(server.events.length, 0);
  });

  it('that grows busy in the middle of a request is sent all of it again', async (t) => {
    const server = await started(t);
    server.busyAfter(2);
    const run = await Run.start(t, connectorFor(server), alertsOf(12), { environment: SECRETS });
    await run.settled();
    run.assertAll(idsAt(server));
    assert.equal(server.events.length, 14);
  });

  for (const beforeInvalid of ['kept', 'dropped'] as const) {
    it(`that refuses one event has all others (those before it ${beforeInvalid})`, async (t) => {
      const server = await started(t, { beforeInvalid });
      const alerts = alertsOf(24);
      const bad = alerts[10]!;
      const connector = poisoned(connectorFor(server), bad, `{"event":"","source":"${bad.id}"}`);
      const run = await Run.start(t, connector, alerts, { environment: SECRETS });
      await run.settled();
      run.assertAll(idsAt(server), { but: bad });
      const [letter, ...others] = run.delivery.deadLetters();
      assert.deepEqual(others, []);
      assert.equal(letter!.id, bad.id);
      assert.match(letter!.reason, /^code 13/);
    });
  }

  it('that takes small requests only is sent smaller ones', async (t) => {
    const server = await started(t, { bodyBytesMax: 9_000 });
    const run = await Run.start(t, connectorFor(server), alertsOf(30), { environment: SECRETS });
    await run.settled();
    run.assertAll(idsAt(server));
    assert.equal(run.delivery.status().dead, 0);
  });

  it('whose answer is lost has alerts twice, under one id', async (t) => {
    const server = await started(t);
    server.play({ kind: 'reset', kept: true });
    const run = await Run.start(t, connectorFor(server), alertsOf(3), { environment: SECRETS });
    await run.settled();
    run.assertAll(idsAt(server));
    assert.ok(server.events.length > 3);
  });

  for (const [status, code] of [
    [500, 8],
    [503, 9],
    [503, 23],
    [429, 26],
  ] as const) {
    it(`that answers ${status} with code ${code} is tried again`, async (t) => {
      const server = await started(t);
      server.play({ kind: 'refuse', status, code }, { times: 2 });
      const run = await Run.start(t, connectorFor(server), alertsOf(6), { environment: SECRETS });
      await run.settled();
      run.assertAll(idsAt(server));
      assert.equal(server.events.length, 6);
    });
  }
});

describe('Splunk HEC with indexer acknowledgement', { concurrency: 2 }, () => {
  const ACKING = { tokens: { [TOKEN]: { indexes: ['security'], ack: true } } };

  it('has delivered what is indexed, not what is taken', async (t) => {
    const server = await started(t, { ...ACKING, pollsUntilIndexed: 2 });
    server.play({ kind: 'hang' }, { path: '/ack' });
    const connector = connectorFor(server, { ack: true });
    const run = await Run.start(t, connector, alertsOf(6), {
      environment: SECRETS,
      timing: { attemptMs: 300 },
    });
    await until('all are taken', () => server.events.length >= 6);
    assert.equal(run.delivery.status().delivered, 0);
    await run.settled();
    run.assertAll(idsAt(server));
    assert.equal(server.events.length, 6);
  });

  it('is sent again what was lost behind a 200', async (t) => {
    const server = await started(t, ACKING);
    server.play({ kind: 'partial' }, { path: '/event' });
    const run = await Run.start(t, connectorFor(server, { ack: true }), alertsOf(6), {
      environment: SECRETS,
    });
    await run.settled();
    run.assertAll(idsAt(server));
  });

  it('is sent again what it forgot that it was asked about', async (t) => {
    const server = await started(t, { ...ACKING, pollsUntilIndexed: 1_000 });
    const run = await Run.start(t, connectorFor(server, { ack: true }), alertsOf(4), {
      environment: SECRETS,
    });
    await until('all are taken', () => server.events.length >= 4);
    server.forgetAcks();
    await until('they come again', () => server.events.length >= 8);
    assert.equal(run.delivery.status().delivered, 0);
    assert.equal(run.delivery.status().dead, 0);
  });

  it('waits while too many acknowledgements are pending', async (t) => {
    const server = await started(t, { ...ACKING, pendingMax: 1 });
    const run = await Run.start(t, connectorFor(server, { ack: true }), alertsOf(9), {
      environment: SECRETS,
    });
    await run.settled();
    run.assertAll(idsAt(server));
  });

  it('is paused for when the token has none', async (t) => {
    const server = await started(t);
    const run = await Run.start(t, connectorFor(server, { ack: true }), alertsOf(3), {
      environment: SECRETS,
    });
    assert.match(await run.paused(), /acknowledgement off: enable it, or set ack: false/);
  });

  it('is paused for when the token has it and the connector does not', async (t) => {
    const server = await started(t, ACKING);
    const run = await Run.start(t, connectorFor(server), alertsOf(3), { environment: SECRETS });
    assert.match(await run.paused(), /^code 10: .*set ack: true$/);
    assert.equal(server.events.length, 0);
  });
});

describe('the test of a Splunk HEC connector', () => {
  const tested = (connector: Connector) => selfTest('soc', connector, { environment: SECRETS });

  it('is an event that says so', async (t) => {
    const server = await started(t);
    const { ok, alert, steps } = await tested(connectorFor(server));
    assert.ok(ok, JSON.stringify(steps));
    assert.deepEqual(idsAt(server), [alert]);
    assert.ok(JSON.stringify(server.events[0]!.envelope).includes('"test":true'));
  });

  it('says that the collector is not well', async (t) => {
    const server = await started(t);
    server.healthy = false;
    const { ok, steps } = await tested(connectorFor(server));
    assert.equal(ok, false);
    assert.match(steps.at(-1)!.detail, /HEC is unhealthy/);
  });

  it('says which setting does not fit the token', async (t) => {
    const server = await started(t);
    const { ok, steps } = await tested(connectorFor(server, { ack: true }));
    assert.equal(ok, false);
    assert.match(steps.at(-1)!.detail, /set ack: false/);
  });
});
