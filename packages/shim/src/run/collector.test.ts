/** How the end of a session is handed to a collector that is away, unsure, or says no. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { SHIM_RETRY_MS_MAX } from '@vitrine/schema';
import { Collector } from './collector.ts';

let server: Server;
let port: number;
let asked: string[];
/** Status and body for each call in turn; the last again and again. */
let says: [number, unknown][];
let waits: string[];

beforeEach(async () => {
  asked = [];
  waits = [];
  says = [[202, { session: 's', state: 'closed', whole: true }]];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const [status, body] = says.length > 1 ? says.shift()! : says[0]!;
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(body));
  });
  await listen(0);
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  await stop();
});

const listen = (at: number): Promise<void> =>
  new Promise((resolve) => server.listen(at, '127.0.0.1', resolve));
const stop = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
const end = (isWorthwhile = (): boolean => true, boundMs = 3_000): Promise<boolean> =>
  new Collector(`http://127.0.0.1:${port}`, 'token').end('a b', {
    isWorthwhile,
    boundMs,
    onWait: ({ message }) => waits.push(message),
  });

describe('the end of a session', () => {
  const answers: [unknown, boolean][] = [
    [{ session: 's', state: 'closed', whole: true }, true],
    [{ session: 's', state: 'closed' }, true],
    [{ session: 's', state: 'closed', whole: false }, false],
    [{ whole: 'yes' }, false],
  ];
  for (const [body, whole] of answers) {
    it(`is ${whole ? '' : 'not '}whole: ${JSON.stringify(body)}`, async () => {
      says = [[202, body]];
      assert.equal(await end(), whole);
      assert.deepEqual(asked, ['/v1/sandboxes/a%20b/end']);
    });
  }

  it('is asked for again while the collector is not ready', async () => {
    says = [
      [503, { message: 'starting' }],
      [502, null],
      [202, { whole: true }],
    ];
    assert.equal(await end(), true);
    assert.equal(asked.length, 3);
    assert.deepEqual(waits, ['the collector is not ready: starting']);
  });

  it('is asked for again when the collector has come back', async () => {
    await stop();
    const ended = end();
    setTimeout(() => void listen(port), SHIM_RETRY_MS_MAX / 2);
    assert.equal(await ended, true);
    assert.match(waits[0] ?? '', /ECONNREFUSED/);
  });

  it('is given up in time', async () => {
    says = [[503, {}]];
    await assert.rejects(
      end(() => true, SHIM_RETRY_MS_MAX * 1.5),
      { code: 'COLLECTOR_UNREACHABLE' },
    );
    assert.equal(asked.length, 2);
  });

  it('is not asked for again without a relay, nor after a refusal', async () => {
    says = [[503, {}]];
    await assert.rejects(
      end(() => false),
      { code: 'COLLECTOR_UNREACHABLE' },
    );
    says = [[404, { message: 'no such session' }]];
    await assert.rejects(end(), { code: 'COLLECTOR_REFUSED' });
    assert.deepEqual([asked.length, waits], [2, []]);
  });
});
