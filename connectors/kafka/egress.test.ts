/** A Kafka client connects to what the settings name, and to what the cluster names then. */
import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { CONNECTOR_CONNECT_MS_MAX } from '@vitrine/schema';
import { systemClock } from '../kit/clock.ts';
import { sampleAlerts } from '../kit/conformance/sample-log.ts';
import type { Outcome } from '../kit/contract.ts';
import { SecretReader } from '../kit/secret.ts';
import { guardedIo } from '../kit/wire/io.ts';
import { TlsFiles } from '../kit/wire/tls-files.ts';
import { FakeBroker } from './fake-broker.fixture.ts';
import { kafka } from './index.ts';

/** Hosts and ports of every `connect` of a socket, looked up or not. */
function spyConnects(t: TestContext): string[] {
  const seen: string[] = [];
  const connect = Socket.prototype.connect;
  t.mock.method(Socket.prototype, 'connect', function (this: Socket, ...args: unknown[]) {
    const [options] = args.flat() as [{ host?: string; port?: number }];
    seen.push(`${options.host}:${options.port}`);
    return (connect as (...args: unknown[]) => Socket).apply(this, args);
  });
  return seen;
}

async function sendTo(brokers: string[], allow: string[]): Promise<Outcome> {
  const settings = { brokers, topic: 'alerts', tls: false, allow };
  const connector = kafka.configure('soc', settings);
  const secrets = new SecretReader({});
  const wire = { connector, secrets, clock: systemClock, connectMs: CONNECTOR_CONNECT_MS_MAX };
  const io = guardedIo({ ...wire, attemptMs: 5_000 }, new TlsFiles(connector.settings));
  const channel = connector.transport.open(secrets, io);
  const [alert] = sampleAlerts([{}]);
  const items = [{ id: alert!.id, bytes: connector.encode(alert!) }];
  const outcome = await channel.send(items, AbortSignal.timeout(5_000));
  await channel.close();
  return outcome;
}

describe('a broker that was learnt from a cluster', () => {
  for (const host of ['169.254.169.254', '10.1.2.3', '100.100.100.200', '::ffff:169.254.169.254']) {
    it(`at ${host} is refused, and nothing is connected to`, async (t) => {
      const broker = await FakeBroker.start({ host, port: 9092 });
      t.after(() => broker.stop());
      const connects = spyConnects(t);
      const outcome = await sendTo([`127.0.0.1:${broker.port}`], ['loopback']);
      assert.equal(outcome.kind, 'pause');
      assert.match(JSON.stringify(outcome), /EGRESS_REFUSED.*is not allowed/);
      assert.ok(connects.includes(`127.0.0.1:${broker.port}`));
      assert.deepEqual(
        connects.filter((to) => to.includes(host) || to.endsWith(':9092')),
        [],
      );
    });
  }

  it('at an address that is allowed is connected to', async (t) => {
    const broker = await FakeBroker.start({ host: '127.0.0.2', port: 9 });
    t.after(() => broker.stop());
    const connects = spyConnects(t);
    const outcome = await sendTo([`127.0.0.1:${broker.port}`], ['loopback']);
    assert.equal(outcome.kind, 'retry');
    assert.match(JSON.stringify(outcome), /ECONNREFUSED/);
    assert.ok(connects.includes('127.0.0.2:9'));
  });
});

describe('a broker of the settings', () => {
  it('is refused where its address is not allowed, by number or by name', async (t) => {
    const connects = spyConnects(t);
    for (const host of ['127.0.0.1', 'localhost', '169.254.169.254']) {
      const outcome = await sendTo([`${host}:9092`], []);
      assert.equal(outcome.kind, 'pause', host);
      assert.match(JSON.stringify(outcome), /EGRESS_REFUSED/);
    }
    // A name is looked up on its way to a connection, and what it means is refused there.
    assert.deepEqual(
      connects.filter((to) => /^[0-9]/.test(to)),
      [],
    );
  });
});
