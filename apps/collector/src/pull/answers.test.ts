/** The room that pages of all relays share, and answers that are none. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { OPP_ANSWER_BYTES_MAX, OPP_REQUEST_BYTES_MAX } from '@vitrine/schema';
import { AnswerRoom } from './answers.ts';
import { OppClient } from './opp.ts';

const NEVER = new AbortController().signal;
const SOON_MS = 50;

describe('the room for answers', () => {
  it('is given in the order in which it was asked for, and never twice', async () => {
    const room = new AnswerRoom(10);
    const given: string[] = [];
    const asked = (name: string, bytes: number, signal = NEVER) =>
      room.take(bytes, signal).then((release) => {
        given.push(name);
        return release;
      });
    const first = await asked('first', 6);
    const gone = new AbortController();
    const large = asked('large', 10, gone.signal);
    const small = asked('small', 4);
    await sleep(0);
    assert.deepEqual(given, ['first'], 'small does not pass by large');
    gone.abort(new Error('gone'));
    await assert.rejects(large, /gone/);
    const release = await small;
    first();
    first();
    const rest = asked('rest', 7);
    await sleep(0);
    assert.deepEqual(given, ['first', 'small'], 'what was given back twice counts once');
    release();
    await rest;
  });
});

describe('an answer', () => {
  let dir: string;
  let relay: Server | undefined;
  const clients: OppClient[] = [];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'vitrine-answers-'));
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    relay?.closeAllConnections();
    relay?.close();
    rmSync(dir, { recursive: true });
  });

  /** A relay that answers each pull like this. */
  async function relayThat(answers: RequestListener): Promise<void> {
    relay = createServer((request, response) => {
      request.resume();
      if (request.url === '/opp/v1/lease') response.end('{"lease":"aa"}');
      else answers(request, response);
    });
    await new Promise<void>((resolve) => relay!.listen(join(dir, 'opp'), resolve));
  }

  function client(room = new AnswerRoom()): OppClient {
    const address = { standing: 'guest', macKey: '00'.repeat(32) } as const;
    const socket = join(dir, 'opp');
    const made = new OppClient({
      relay: { socket, ...address },
      tls: undefined,
      puller: 't',
      room,
    });
    clients.push(made);
    return made;
  }

  it('waits at its relay until there is room for the whole of it', async () => {
    const bytes = 2 * OPP_REQUEST_BYTES_MAX;
    await relayThat((_, response) => {
      response.setHeader('content-length', bytes);
      response.end(Buffer.alloc(bytes));
    });
    const room = new AnswerRoom(2 * bytes);
    const pages = Array.from({ length: 6 }, () => client(room).pull({}, NEVER));
    let taken = 0;
    const held: (() => void)[] = [];
    for (const page of pages) {
      void page.then(({ body, release }) => {
        assert.equal(body.length, bytes);
        taken++;
        held.push(release);
      });
    }
    for (const count of [2, 4, 6]) {
      while (taken < count) await sleep(1);
      await sleep(SOON_MS);
      assert.equal(taken, count);
      for (const release of held.splice(0)) release();
    }
  });

  it('that says it is too long, or does not say how long it is, is not read', async () => {
    await relayThat((_, response) => {
      response.setHeader('content-length', OPP_ANSWER_BYTES_MAX + 1);
      response.flushHeaders();
    });
    const refused = { code: 'RELAY_AWAY', message: /too long/ };
    await assert.rejects(client().pull({}, NEVER), refused);
    relay!.removeAllListeners('request');
    relay!.on('request', (_, response) => {
      response.end('x'.repeat(OPP_REQUEST_BYTES_MAX + 1));
    });
    await assert.rejects(client().ack('c', 1), refused, 'only a page may be long');
  });

  it('that fails gives its room back', async () => {
    const bytes = 2 * OPP_REQUEST_BYTES_MAX;
    await relayThat((_, response) => {
      response.setHeader('content-length', bytes);
      response.write('x');
      setTimeout(() => response.destroy(), 1);
    });
    const room = new AnswerRoom(bytes);
    for (let i = 0; i < 3; i++) await assert.rejects(client(room).pull({}, NEVER));
    (await room.take(bytes, AbortSignal.timeout(1_000)))();
  });
});
