/**
 * A receiver that ends its connections in every order of ways. Whatever the schedule, every alert
 * arrives, those of a session first arrive in order, and a repeat is the same message.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { listSource, sampleAlerts } from '../kit/conformance/sample-log.ts';
import { startDelivery } from '../kit/delivery/start.ts';
import { syslog } from './index.ts';
import { readSyslog } from './reader.fixture.ts';

const SESSIONS = 5;
const ALERTS = sampleAlerts(
  Array.from({ length: 60 }, (_, i) => ({ subject: `s${i % SESSIONS}` })),
);
const SESSION_OF = new Map(ALERTS.map(({ id, record }) => [id, String(record.subject)]));
const SETTLE_MS = 100;
/** Less than the settling: what it has not read then, nobody may believe to be delivered. */
const STILL_MS = 40;
const TIMING = { pollMs: 10, retryMsMin: 2, retryMsMax: 20, pauseMs: 50, stopMs: 1_000 };
const WAIT_MS_MAX = 30_000;

interface Life {
  /** Bytes it reads of a connection before it ends it. */
  reads: number;
  end: 'closes' | 'resets' | 'stands still and resets';
}

const life: fc.Arbitrary<Life> = fc.record({
  reads: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40_000 })),
  end: fc.constantFrom('closes', 'resets', 'stands still and resets'),
});

/** Lives out its lives, one for each connection, and then is a good one. */
class Receiver {
  readonly messages: string[] = [];
  readonly server: Server;
  readonly #lives: Life[];

  constructor(lives: Life[]) {
    this.#lives = [...lives];
    this.server = createServer((socket) => this.#live(socket, this.#lives.shift()));
  }

  #live(socket: Socket, life: Life | undefined): void {
    let buffered: Buffer = Buffer.alloc(0);
    let read = 0;
    socket.on('error', () => {});
    const end = (): void => {
      socket.pause();
      if (life!.end === 'closes') socket.end();
      else if (life!.end === 'resets') socket.resetAndDestroy();
      else setTimeout(() => socket.resetAndDestroy(), STILL_MS);
    };
    if (life?.reads === 0) {
      end();
      return;
    }
    socket.on('data', (chunk: Buffer) => {
      const room = life === undefined ? chunk.length : Math.max(0, life.reads - read);
      read += chunk.length;
      buffered = this.#take(Buffer.concat([buffered, chunk.subarray(0, room)]));
      if (life !== undefined && read >= life.reads) end();
    });
  }

  /** Takes every whole frame; answers what is left. */
  #take(bytes: Buffer): Buffer {
    const space = bytes.indexOf(' ');
    if (space < 0) return bytes;
    const length = Number(bytes.subarray(0, space).toString());
    const end = space + 1 + length;
    if (bytes.length < end) return bytes;
    this.messages.push(bytes.subarray(space + 1, end).toString('utf8'));
    return this.#take(bytes.subarray(end));
  }
}

async function run(lives: Life[]): Promise<string[]> {
  const receiver = new Receiver(lives);
  receiver.server.listen(0, '127.0.0.1');
  await once(receiver.server, 'listening');
  const { port } = receiver.server.address() as AddressInfo;
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-syslog-'));
  const settings = { host: '127.0.0.1', transport: 'tcp', allow: ['loopback'], start: 'beginning' };
  const delivery = await startDelivery({
    name: 'soc',
    connector: syslog.configure('soc', { ...settings, port, settle_ms: SETTLE_MS }),
    dir,
    source: listSource(ALERTS),
    receipt: async () => {},
    log: () => {},
    timing: TIMING,
  });
  const end = performance.now() + WAIT_MS_MAX;
  while (delivery.status().lag > 0 || delivery.status().delivered === 0) {
    assert.ok(performance.now() < end, JSON.stringify(delivery.status()));
    await sleep(10);
  }
  assert.deepEqual(delivery.deadLetters(), []);
  assert.equal(delivery.status().delivered, ALERTS.length);
  await delivery.stop();
  receiver.server.close();
  rmSync(dir, { recursive: true });
  return receiver.messages;
}

it('delivers everything, in order, whatever becomes of its connections', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(life, { maxLength: 8 }), async (lives) => {
      const forms = new Map<string, string>();
      for (const message of await run(lives)) {
        const { id } = readSyslog(message).data['vitrine@0']!;
        assert.equal(forms.get(id!) ?? message, message);
        forms.set(id!, message);
      }
      const first = [...forms.keys()];
      assert.equal(first.length, ALERTS.length);
      for (let i = 0; i < SESSIONS; i++) {
        const own = first.filter((id) => SESSION_OF.get(id) === `s${i}`);
        assert.deepEqual(own, own.toSorted());
      }
    }),
    { numRuns: 12 },
  );
});
