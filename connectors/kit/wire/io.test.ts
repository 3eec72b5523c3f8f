import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { deliverySettings } from '../config.ts';
import type { Channel, Io } from '../contract.ts';
import { defineStream } from '../define.ts';
import { SecretReader } from '../secret.ts';
import { identity, makeCertificates } from './certificates.fixture.ts';
import { openWire } from './open.ts';
import type { Wire } from './wire.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-io-'));
const sockets = new Set<Socket>();
let plain: Server;
let secure: Server;
let connections = 0;

before(async () => {
  makeCertificates(dir);
  const seen = (socket: Socket): void => {
    connections++;
    sockets.add(socket.on('error', () => {}));
  };
  plain = createServer(seen);
  secure = createTlsServer(identity(dir, 'server'), seen);
  for (const server of [plain, secure]) {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  }
});
after(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of [plain, secure]) server.close();
  rmSync(dir, { recursive: true });
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** A stream whose channel is the test's. */
function wireOf(open: (io: Io) => Channel, settings: object = {}): Wire {
  const type = defineStream({
    type: 'stream',
    config: z.strictObject({ ...deliverySettings }),
    encode: ({ id }) => Buffer.from(id),
    preview: (bytes) => ({ to: 'test', details: {}, bytes }),
    open: (_, io) => open(io),
  });
  const connector = type.configure('soc', { allow: ['loopback'], ...settings });
  const limits = { clock: systemClock, connectMs: 1_000, attemptMs: 300 };
  return openWire({ connector, secrets: new SecretReader({}), ...limits });
}

/** The way out as a connector with these settings has it. */
async function withIo(settings: object, work: (io: Io) => Promise<void>): Promise<void> {
  let given: Io | undefined;
  const wire = wireOf((io) => {
    given = io;
    return { send: async () => ({ kind: 'ok', answer: 'taken' }), close: async () => {} };
  }, settings);
  await wire.send([], 1, new AbortController().signal);
  await work(given!);
  await wire.close();
}

describe('the way out for streams', () => {
  it('connects where it may, with TLS that is checked', () =>
    withIo({ ca_file: join(dir, 'ca.pem') }, async (io) => {
      for (const host of ['127.0.0.1', 'localhost']) {
        (await io.connect({ host, port: portOf(plain) }, false)).destroy();
      }
      (await io.connect({ host: 'localhost', port: portOf(secure) }, true)).destroy();
      const wrong = io.connect({ host: '127.0.0.1', port: portOf(secure) }, true);
      await assert.rejects(wrong, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    }));

  it('trusts no authority that is not named', () =>
    withIo({}, async (io) => {
      const socket = io.connect({ host: 'localhost', port: portOf(secure) }, true);
      await assert.rejects(socket, /unable to verify|self-signed/);
    }));

  it('trusts none where the environment tells Node.js not to look', async (t) => {
    const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env;
    t.after(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    });
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    await withIo({}, async (io) => {
      const socket = io.connect({ host: 'localhost', port: portOf(secure) }, true);
      await assert.rejects(socket, /unable to verify|self-signed/);
    });
  });

  it('wants the name that it was told, also where that is an address', () =>
    withIo({ ca_file: join(dir, 'ca.pem') }, async (io) => {
      // The certificate is for `localhost`, and that is not what was asked for.
      const to = { host: 'localhost', port: portOf(secure), serverName: '127.0.0.1' };
      await assert.rejects(io.connect(to, true), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
      const named = { host: '127.0.0.1', port: portOf(secure), serverName: 'localhost' };
      (await io.connect(named, true)).destroy();
    }));

  it('connects nowhere else, by address or by name, and says so as an event', async () => {
    const seen = connections;
    await withIo({ allow: [] }, async (io) => {
      for (const host of ['127.0.0.1', 'localhost', '169.254.169.254', '::1']) {
        for (const secured of [false, true]) {
          const socket = io.connect({ host, port: portOf(plain) }, secured);
          await assert.rejects(socket, { code: 'EGRESS_REFUSED' }, host);
        }
        const [error] = await once(io.tcp({ host, port: portOf(plain) }), 'error');
        assert.equal(error.code, 'EGRESS_REFUSED');
        await assert.rejects(io.udp({ host, port: 9 }), { code: 'EGRESS_REFUSED' });
      }
      const open = io.connect({ host: '8.8.8.8', port: 514 }, false);
      await assert.rejects(open, { code: 'EGRESS_PLAINTEXT' });
      await assert.rejects(io.udp({ host: '8.8.8.8', port: 514 }), { code: 'EGRESS_PLAINTEXT' });
    });
    assert.equal(connections, seen);
  });

  it('sends datagrams', () =>
    withIo({}, async (io) => {
      const receiver = createSocket('udp4');
      await new Promise<void>((done) => receiver.bind(0, '127.0.0.1', done));
      const datagrams = await io.udp({ host: '127.0.0.1', port: receiver.address().port });
      const arrived = once(receiver, 'message');
      await datagrams.send(Buffer.from('one'));
      assert.equal(String((await arrived)[0]), 'one');
      datagrams.close();
      receiver.close();
    }));
});

describe('a receiver that takes a connection and never greets', () => {
  it('is given up in time, as one that was not reached', () =>
    withIo({}, async (io) => {
      const silent = io.connect({ host: 'localhost', port: portOf(plain) }, true);
      const error = await silent.catch((reason: unknown) => reason);
      const outcome = io.failure(error);
      assert.ok(outcome.kind === 'retry' && outcome.unreachable === true);
      assert.match(outcome.reason, /^ETIMEDOUT: no connection within 1000 ms; nothing answers/);
    }));
});

describe('a channel', () => {
  const ITEM = { id: 'alr_1', bytes: Buffer.from('{}') };
  const never = new AbortController().signal;

  it('that hangs is ended at the deadline, and the next attempt has a new one', async () => {
    let opened = 0;
    let closed = 0;
    const wire = wireOf(() => {
      const stuck = ++opened === 1;
      return {
        send: () => (stuck ? new Promise(() => {}) : Promise.resolve({ kind: 'ok', answer: 'ok' })),
        close: async () => void closed++,
      };
    });
    const first = await wire.send([ITEM], 1, never);
    const reason = 'no answer within 300 ms';
    assert.deepEqual(first, { kind: 'retry', reason, unreachable: true });
    assert.equal((await wire.send([ITEM], 2, never)).kind, 'ok');
    await wire.close();
    assert.deepEqual([opened, closed], [2, 2]);
  });

  it('that cannot be opened, or throws, is an outcome', async () => {
    const broken = wireOf(() => {
      throw new Error('no channel');
    });
    assert.deepEqual(await broken.send([ITEM], 1, never), { kind: 'retry', reason: 'no channel' });
    const throwing = wireOf(() => ({
      send: () => Promise.reject(new Error('torn')),
      close: async () => {},
    }));
    assert.deepEqual(await throwing.send([ITEM], 1, never), { kind: 'retry', reason: 'torn' });
    await throwing.close();
  });
});
