/** Connections that end in every way there is: what counts as delivered, and what is sent again. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { sampleAlerts } from '../kit/conformance/sample-log.ts';
import type { Item, Outcome } from '../kit/contract.ts';
import { framed } from './frame.ts';
import { Sender } from './sender.fixture.ts';

const CERTIFICATE = fileURLToPath(new URL('../kit/wire/localhost.crt.pem', import.meta.url));
const KEY = fileURLToPath(new URL('../kit/wire/localhost.key.pem', import.meta.url));
const SETTLE_MS = 400;
const ALERTS = sampleAlerts([{}, {}, {}]);
const LINUX = process.platform === 'linux';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Keeps what it reads; `treat` sees each connection. */
class Receiver {
  readonly connections: Socket[] = [];
  readonly bytes: Buffer[] = [];
  treat: (socket: Socket) => void = () => {};
  readonly #server: Server;

  constructor(tls?: TlsOptions) {
    const files = { cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) };
    const listener = (socket: Socket): void => this.#accept(socket);
    this.#server = tls ? createTlsServer({ ...files, ...tls }, listener) : createServer(listener);
    this.#server.on('tlsClientError', () => {});
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    closing.push(() => {
      for (const socket of this.connections) socket.destroy();
      this.#server.close();
    });
    return (this.#server.address() as AddressInfo).port;
  }

  get text(): string {
    return Buffer.concat(this.bytes).toString('utf8');
  }

  #accept(socket: Socket): void {
    this.connections.push(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => this.bytes.push(chunk));
    this.treat(socket);
  }
}

function sender(port: number, settings: object = {}): Sender {
  const made = new Sender({ transport: 'tcp', port, settle_ms: SETTLE_MS, ...settings });
  closing.push(() => made.close());
  return made;
}

async function timed(outcome: Promise<Outcome>): Promise<Outcome & { ms: number }> {
  const start = performance.now();
  return { ...(await outcome), ms: performance.now() - start };
}

describe('framed', () => {
  const messages = ['é', 'a b'].map((text) => Buffer.from(text));

  it('counts octets, or ends with a line feed', () => {
    assert.equal(framed(messages, 'octet-counting').toString(), '2 é3 a b');
    assert.equal(framed(messages, 'newline').toString(), 'é\na b\n');
  });
});

describe('over TCP', () => {
  const items = (from: Sender): Item[] => from.encoded(ALERTS);
  const whole = (sent: Item[]): string => {
    return framed(
      sent.map(({ bytes }) => bytes),
      'octet-counting',
    ).toString();
  };

  it('an alert counts when the connection stayed sound for the settling time', async () => {
    const receiver = new Receiver();
    const from = sender(await receiver.listen());
    const { ms, ...outcome } = await timed(from.send(items(from)));
    const answer = `sound for ${SETTLE_MS} ms after it; syslog has no acknowledgement`;
    assert.deepEqual(outcome, { kind: 'ok', answer });
    assert.ok(ms >= SETTLE_MS, `${ms}`);
    assert.equal(receiver.text, whole(items(from)));
  });

  it('a receiver that dies before that has it sent again, byte for byte', async () => {
    const receiver = new Receiver();
    const from = sender(await receiver.listen());
    receiver.treat = (socket) => socket.once('data', () => socket.resetAndDestroy());
    const { ms, ...outcome } = await timed(from.send(items(from)));
    assert.equal(outcome.kind, 'retry');
    assert.ok(ms < SETTLE_MS, `${ms}`);
    receiver.treat = () => {};
    receiver.bytes.length = 0;
    assert.equal((await from.send(items(from))).kind, 'ok');
    assert.equal(receiver.text, whole(items(from)));
    assert.equal(receiver.connections.length, 2);
  });

  it('a receiver that closes its side only is seen at once', async () => {
    const receiver = new Receiver();
    const from = sender(await receiver.listen());
    receiver.treat = (socket) => socket.once('data', () => socket.end());
    const { ms, ...outcome } = await timed(from.send(items(from)));
    assert.deepEqual(outcome, { kind: 'retry', reason: 'the receiver closed the connection' });
    assert.ok(ms < SETTLE_MS, `${ms}`);
  });

  it('a connection that ended while nothing was sent is replaced', async () => {
    const receiver = new Receiver();
    const from = sender(await receiver.listen());
    await from.send(items(from));
    receiver.connections[0]!.end();
    await sleep(50);
    assert.equal((await from.send(items(from))).kind, 'ok');
    assert.equal(receiver.connections.length, 2);
  });

  it('one connection serves sends that overlap', async () => {
    const receiver = new Receiver();
    const from = sender(await receiver.listen());
    const one = from.encoded(ALERTS.slice(0, 1));
    const outcomes = await Promise.all([from.send(one), from.send(items(from)), from.send(one)]);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['ok', 'ok', 'ok'],
    );
    assert.equal(receiver.connections.length, 1);
    assert.equal(receiver.text, whole(one) + whole(items(from)) + whole(one));
  });

  it('what the other system has not taken does not settle', { skip: !LINUX }, async () => {
    const receiver = new Receiver();
    receiver.treat = (socket) => socket.pause();
    const from = sender(await receiver.listen());
    // More than its system buffers for a reader that stands still, and less than ours takes.
    const large = { id: 'large', bytes: Buffer.alloc(1_000_000, 'x') };
    const outcome = await from.send([large], AbortSignal.timeout(5 * SETTLE_MS));
    assert.equal(outcome.kind, 'retry');
    receiver.treat = () => {};
    receiver.connections[0]!.resume();
    assert.equal((await from.send([large])).kind, 'ok');
  });

  it('a receiver that is not there is named', async () => {
    const receiver = new Receiver();
    const port = await receiver.listen();
    await closing.pop()!();
    const from = sender(port);
    const outcome = await from.send(items(from));
    assert.match('reason' in outcome ? outcome.reason : '', /^ECONNREFUSED/);
  });
});

describe('over TLS', () => {
  const over = (port: number, settings: object = {}): Sender => {
    return sender(port, { transport: 'tls', host: 'localhost', ca_file: CERTIFICATE, ...settings });
  };

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`${maxVersion} carries it`, async () => {
      const receiver = new Receiver({ maxVersion });
      const from = over(await receiver.listen());
      const items = from.encoded(ALERTS);
      assert.equal((await from.send(items)).kind, 'ok');
      assert.equal(
        receiver.text,
        framed(
          items.map(({ bytes }) => bytes),
          'octet-counting',
        ).toString(),
      );
    });
  }

  it('nothing older than TLS 1.2 is spoken', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    const receiver = new Receiver(old as TlsOptions);
    const from = over(await receiver.listen());
    const outcome = await from.send(from.encoded(ALERTS));
    assert.equal(outcome.kind, 'retry');
    assert.equal(receiver.text, '');
  });

  it('a receiver that asks for a certificate in vain pauses us after the handshake', async () => {
    const receiver = new Receiver({ requestCert: true, ca: readFileSync(CERTIFICATE) });
    const from = over(await receiver.listen());
    const outcome = await from.send(from.encoded(ALERTS));
    assert.equal(outcome.kind, 'pause');
    const reason = 'reason' in outcome ? outcome.reason : '';
    assert.match(reason, /ALERT_CERTIFICATE_REQUIRED; .*see cert_file and key_file/);
    assert.equal(receiver.text, '');
  });

  it('a receiver that closes without a word may want one', async () => {
    const receiver = new Receiver({});
    receiver.treat = (socket) => socket.destroy();
    const from = over(await receiver.listen());
    const outcome = await from.send(from.encoded(ALERTS));
    assert.equal(outcome.kind, 'retry');
    assert.match('reason' in outcome ? outcome.reason : '', /may ask for a client certificate/);
  });
});

describe('over UDP', () => {
  it('sends one message in each datagram, and sets aside what none takes', async () => {
    const socket = createSocket('udp4');
    const got: string[] = [];
    socket.on('message', (message) => got.push(message.toString()));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    closing.push(() => socket.close());
    const from = sender(socket.address().port, { transport: 'udp' });
    const [first, second, third] = from.encoded(ALERTS);
    const large = { id: 'large', bytes: Buffer.alloc(70_000, 'x') };
    const outcome = await from.send([first!, large, second!, third!]);
    assert.ok(outcome.kind === 'partial');
    assert.deepEqual(
      outcome.items.map(({ kind }) => kind),
      ['ok', 'dead', 'ok', 'ok'],
    );
    await sleep(100);
    assert.deepEqual(
      got,
      [first, second, third].map((item) => Buffer.from(item!.bytes).toString()),
    );
  });

  it('sees that nobody is there where the other host says so', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    await new Promise<void>((done) => socket.close(done));
    const from = sender(port, { transport: 'udp' });
    const outcome = await from.send(from.encoded(ALERTS));
    assert.equal(outcome.kind, 'retry');
    assert.match('reason' in outcome ? outcome.reason : '', /ECONNREFUSED/);
  });
});
