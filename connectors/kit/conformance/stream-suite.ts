/** The same for streams as for HTTP: a TCP receiver that misbehaves, and what must hold then. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { DeliverableAlert } from '../contract.ts';
import type { ConnectorType } from '../define.ts';
import type { Delivery, Receipt } from '../delivery/contract.ts';
import { startDelivery } from '../delivery/start.ts';
import { type ConnectorSample, QUICK, until } from './bench.ts';
import { listSource, sampleAlerts } from './sample-log.ts';

class StreamBench {
  readonly alerts = sampleAlerts([{ subject: 'a' }, { subject: 'b' }, { subject: 'a' }]);
  readonly receipts: Receipt[] = [];
  readonly dirs: string[] = [];
  readonly #type: ConnectorType;
  readonly #sample: ConnectorSample;
  readonly #deliveries: Delivery[] = [];
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #bytes: Buffer[] = [];
  /** Called for each connection. */
  treat: (socket: Socket) => void = () => {};

  constructor(type: ConnectorType, sample: ConnectorSample) {
    this.#type = type;
    this.#sample = sample;
  }

  /** Everything that was read, over all connections. */
  get text(): string {
    return Buffer.concat(this.#bytes).toString('utf8');
  }

  /** Again on the same port after `vanish`. */
  async listen(): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket.on('error', () => {}));
      socket.on('data', (bytes: Buffer) => this.#bytes.push(bytes));
      this.treat(socket);
    });
    await new Promise<void>((done) => server.listen(this.#port, '127.0.0.1', done));
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  async vanish(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server?.close(done) ?? done(undefined));
    this.#server = undefined;
  }

  async start(dir = this.directory()): Promise<Delivery> {
    const here = { host: '127.0.0.1', port: this.#port, start: 'beginning' };
    const connector = this.#type.configure('soc', { ...this.#sample.config, ...here });
    const delivery = await startDelivery({
      name: 'soc',
      connector: { ...connector, batch: { ...connector.batch, ageMsMax: 0 } },
      dir,
      source: listSource(this.alerts),
      receipt: async (receipt) => void this.receipts.push(structuredClone(receipt)),
      log: () => {},
      environment: this.#sample.environment,
      timing: QUICK,
    });
    this.#deliveries.push(delivery);
    return delivery;
  }

  directory(): string {
    const dir = mkdtempSync(join(tmpdir(), 'vitrine-stream-'));
    this.dirs.push(dir);
    return dir;
  }

  async end(): Promise<void> {
    for (const delivery of this.#deliveries) await delivery.stop();
    await this.vanish();
    for (const dir of this.dirs) rmSync(dir, { recursive: true });
  }
}

/** For types whose settings are `host` and `port` and whose transport is TCP. */
export function streamConformance(type: ConnectorType, sample: ConnectorSample): void {
  describe(`${type.type} conforms`, { concurrency: 4 }, () => {
    for (const [name, run] of Object.entries(CASES)) {
      it(name, async () => {
        const bench = new StreamBench(type, sample);
        await bench.listen();
        try {
          await run(bench);
        } finally {
          await bench.end();
        }
      });
    }
  });
}

const delivered = (delivery: Delivery) => (): boolean => delivery.status().delivered === 3;
const timesOf = (text: string, { id }: DeliverableAlert): number => text.split(id).length - 1;

const CASES: Record<string, (bench: StreamBench) => Promise<void>> = {
  async 'delivers in order within a session, with a receipt for each'(bench) {
    await until('all are delivered', delivered(await bench.start()));
    const [first, , third] = bench.alerts;
    assert.ok(bench.text.indexOf(first!.id) < bench.text.indexOf(third!.id));
    const told = () => new Set(bench.receipts.flatMap(({ alerts }) => alerts.map(({ id }) => id)));
    await until('all have receipts', () => told().size === 3);
  },

  async 'a reset is tried again under the same ids'(bench) {
    let resets = 0;
    bench.treat = (socket) => {
      if (resets++ === 0) socket.once('data', () => socket.resetAndDestroy());
    };
    const delivery = await bench.start();
    await until('all are delivered', delivered(delivery));
    assert.ok(timesOf(bench.text, bench.alerts[0]!) >= 2);
    assert.equal(delivery.status().dead, 0);
  },

  async 'a receiver that is not there yet is waited for'(bench) {
    await bench.vanish();
    const delivery = await bench.start();
    await until('it failed', () => delivery.status().failed >= 3);
    assert.match(String(delivery.status().lastError), /ECONNREFUSED/);
    assert.equal(delivery.status().dead, 0);
    await bench.listen();
    await until('all are delivered', delivered(delivery));
  },

  async 'a crash between send and commit repeats the alerts under their ids'(bench) {
    const dir = bench.directory();
    const left = bench.directory();
    bench.treat = (socket) => socket.once('data', () => cpSync(dir, left, { recursive: true }));
    const before = await bench.start(dir);
    await until('all are delivered', delivered(before));
    await before.stop();
    bench.treat = () => {};
    await until('all are delivered again', delivered(await bench.start(left)));
    for (const alert of bench.alerts) assert.ok(timesOf(bench.text, alert) >= 2);
  },

  async 'what a stop leaves is delivered by the next start'(bench) {
    await bench.vanish();
    const dir = bench.directory();
    const before = await bench.start(dir);
    await until('it failed', () => before.status().failed > 0);
    await before.stop();
    await bench.listen();
    await until('all are delivered', delivered(await bench.start(dir)));
  },
};
