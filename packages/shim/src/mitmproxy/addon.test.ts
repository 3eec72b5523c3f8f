/** The addon's socket: what it says, when it says that a line is durable, whom it bears. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  MITMPROXY_ADDONS_MAX,
  readPath,
  Scrubber,
  SHIM_CLOSE_MS_MAX,
  SHIM_FRAME_BYTES_MAX,
} from '@vitrine/schema';
import { nowNanos } from '../send/event.ts';
import { Outbox } from '../send/outbox.ts';
import { Intake } from '../send/post.ts';
import { StageIntake } from '../stage/intake.ts';
import { AddonSocket } from './addon.ts';

const KEY = '33'.repeat(32);
const HELLO = '{"v":1,"kind":"hello","keyed":true}\n';
const BYE = '{"v":1,"kind":"bye"}\n';
const requestLine = (path: string) =>
  `${JSON.stringify({ v: 1, kind: 'request', host: 'a.example', method: 'GET', path })}\n`;

let intake: StageIntake;
let post: Intake;
let outbox: Outbox;
let addon: AddonSocket;
let path: string;
let hellos = 0;

beforeEach(async () => {
  intake = await new StageIntake().start();
  post = new Intake(intake.socket);
  path = join(intake.dir, 'addon.sock');
  hellos = 0;
  outbox = new Outbox({
    shim: 'mitmproxy',
    post: (body) => post.post(body),
    waitMs: 0,
    log: () => {},
  });
  addon = new AddonSocket({
    key: KEY,
    settings: { scrubber: new Scrubber([]), grants: [], now: nowNanos, given: {} },
    outbox,
    onStarted: () => {
      hellos++;
    },
  });
  await addon.listen(path);
});
afterEach(async () => {
  await addon.close();
  // What it told last would be sent again and again to an intake that has gone.
  await outbox.close(SHIM_CLOSE_MS_MAX);
  post.close();
  await intake.end();
});

interface Peer {
  socket: Socket;
  /** All it was told. */
  said: string;
}

async function meet(): Promise<Peer> {
  const socket = connect(path);
  const peer: Peer = { socket, said: '' };
  socket.on('data', (chunk) => {
    peer.said += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'data');
  return peer;
}

const drops = () =>
  intake.of('telemetry.drop').map(({ fields }) => String(readPath(fields, 'reason')));

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !what(); tries++) await sleep(10);
  assert.ok(what());
}

describe('the socket of the addon', () => {
  it('says what the addon needs, and when a line is on disk', async () => {
    const { socket, ...rest } = await meet();
    const greeting = JSON.parse(rest.said.split('\n')[0]!) as Record<string, unknown>;
    assert.equal(greeting.key, KEY);
    assert.ok((greeting.credential_headers as string[]).includes('x-api-key'));
    const closed = once(socket, 'close');
    socket.end(HELLO + requestLine('/a') + BYE);
    await intake.until(({ kind }) => kind === 'egress.request');
    await closed;
    assert.equal(hellos, 1);
    assert.deepEqual(drops(), []);
  });

  it('does not say so of a line that was refused, and of the next one it does', async () => {
    intake.refuses = ({ fields }) => readPath(fields, 'http.path') === '/odd';
    const peer = await meet();
    peer.socket.write(HELLO + requestLine('/odd') + requestLine('/even'));
    await until(() => peer.said.split('\n').includes('3'));
    assert.ok(!peer.said.split('\n').includes('2'));
    peer.socket.end(BYE);
  });

  it('tells of an addon that goes without a word, and of what it cannot read', async () => {
    const { socket } = await meet();
    socket.write(HELLO);
    socket.write(`{"v":1,"kind":"request","path":"${'x'.repeat(SHIM_FRAME_BYTES_MAX)}"}\n`);
    socket.write(Buffer.from('\xff\xfe\x00{]\n', 'latin1'));
    socket.end(requestLine('/whole') + requestLine('/half').slice(0, 30));
    await intake.until(({ fields }) => readPath(fields, 'http.path') === '/whole');
    await until(() => drops().length >= 2);
    assert.ok(drops().includes('the addon went away without a word'));
    assert.ok(drops().includes('the emitter wrote what cannot be read'));
    assert.equal(addon.counts.unparsed, 3);
  });

  it('ends without an addon that does not, and tells of it', async () => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.on('error', () => {});
    socket.write(HELLO);
    await until(() => hellos === 1);
    const late = setTimeout(() => socket.destroy(), 10_000);
    const before = performance.now();
    await addon.close();
    assert.ok(performance.now() - before < 10_000);
    clearTimeout(late);
    await until(() => drops().length === 1);
    assert.deepEqual(drops(), ['the addon went away without a word']);
    socket.destroy();
  });

  it('bears so many addons at once, and no more', async () => {
    const peers = [];
    for (let i = 0; i < MITMPROXY_ADDONS_MAX; i++) peers.push(await meet());
    const extra = connect(path);
    let said = '';
    extra.on('data', (chunk) => {
      said += chunk;
    });
    extra.on('error', () => {});
    await once(extra, 'close');
    assert.equal(said, '');
    for (const { socket } of peers) socket.destroy();
  });
});
