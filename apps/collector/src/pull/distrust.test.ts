/** What a relay, or somebody in its place, can do to keep its puller from coming to an end. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import {
  createServer,
  type OutgoingHttpHeaders,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeLogsRequest, PULL_PAGE_RECORDS_MAX, QUEUE_BYTES_MAX } from '@vitrine/schema';
import { postTo, RELAY_MAC_KEY, type RelayRig, relayRig } from '../fixture/relay.ts';
import type { Entry } from '../queue/entry.ts';
import { Journal } from '../queue/journal.ts';
import { hostClock } from '../sequence/sequencer.ts';
import type { KnownChain } from './chains.ts';
import { Puller } from './puller.ts';

const CHAIN = 's1/00000000000000a1.agent';
const WAIT_MS_MAX = 10_000;

let dir: string;
let journal: Journal;
let puller: Puller;
let server: Server | undefined;
let relay: RelayRig | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-distrust-'));
  journal = new Journal({ dir: join(dir, 'journal'), fsync: true, log: () => {} });
  journal.open(0, () => {});
});
afterEach(async () => {
  await puller.stop();
  server?.closeAllConnections();
  server?.close();
  await relay?.kill();
  await journal.close();
  rmSync(dir, { recursive: true });
});

function pull(known: KnownChain[] = []): void {
  const at = { socket: join(dir, 'opp'), standing: 'guest', macKey: RELAY_MAC_KEY } as const;
  const common = { session: 's1', relay: at, journal, known, puller: 'test', log: () => {} };
  puller = new Puller({ ...common, clock: hostClock(() => Date.now()) });
  puller.start();
}

function queued(): Entry[] {
  return journal.take(QUEUE_BYTES_MAX).map(({ entry }) => entry);
}

/** Answers pulls on any chain with a forged page, and those of the one chain as `again` does. */
async function forger(
  again: (response: ServerResponse) => void,
  /** What the page is said to be; `undefined` where there is none. */
  said: (asked: string, body: string) => OutgoingHttpHeaders | undefined = () => ({}),
): Promise<Server> {
  const forged = encodeLogsRequest([
    {
      eventName: 'tool.call',
      timeUnixNano: '1',
      body: Buffer.from('{"forged":1}'),
      attributes: {},
    },
  ]);
  const made = createServer((asked, response) => {
    let body = '';
    asked.on('data', (chunk) => {
      body += chunk;
    });
    asked.on('end', () => {
      const place = said(asked.url!, body);
      if (asked.url?.endsWith('/lease')) response.end('{"lease":"aa"}');
      else if (!asked.url?.endsWith('/pull')) response.writeHead(204).end();
      else if (body.includes('"chain":"*"')) {
        if (place === undefined) return;
        response.writeHead(200, { 'opp-chain': CHAIN, 'opp-more': 0, ...place }).end(forged);
      } else again(response);
    });
  });
  await new Promise<void>((resolve) => made.listen(join(dir, 'opp'), resolve));
  return made;
}

async function untilBroken(): Promise<Entry | undefined> {
  const until = performance.now() + WAIT_MS_MAX;
  while (performance.now() < until) {
    const broken = queued().find(({ kind }) => kind === 'broken');
    if (broken !== undefined) return broken;
    await sleep(20);
  }
  return undefined;
}

describe('a relay that forges a page', () => {
  it('is broken although it takes the page back when it is asked again', async () => {
    server = await forger((response) => response.writeHead(200, { 'opp-more': 0 }).end());
    pull();
    const broken = await untilBroken();
    assert.ok(broken?.kind === 'broken');
    assert.deepEqual(broken.strays.map(String), ['{"forged":1}']);
  });

  it('is broken although it hangs up when it is asked again', async () => {
    server = await forger((response) => response.destroy());
    pull();
    assert.ok(await untilBroken());
  });
});

/** Somebody takes the lease with the puller's own name. */
function takeLease(): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { socketPath: join(dir, 'opp'), path: '/opp/v1/lease', method: 'POST' };
    const asked = request(options, (answer) => answer.resume().on('end', resolve));
    asked.on('error', reject).end('{"puller":"test","ttl_ms":60000}');
  });
}

describe('a puller whose lease is gone in the middle of a drain', () => {
  it('takes another one, and all that is left: nothing is lost', async () => {
    relay = await relayRig(dir);
    pull();
    while (puller.status.pulled < 1) await sleep(10);
    await puller.stop();
    await postTo(dir, 'a', 3 * PULL_PAGE_RECORDS_MAX);
    const append = journal.append.bind(journal);
    let stolen = 0;
    journal.append = async (entry: Entry): Promise<number> => {
      if (entry.kind === 'page' && stolen++ === 0) await takeLease();
      return append(entry);
    };
    assert.equal(await puller.drain(), true);
    assert.ok(stolen > 1, 'the drain took several pages');
    const ends = queued().filter((entry) => entry.kind === 'end');
    assert.deepEqual(
      ends.map(({ state, reason }) => [state, reason]),
      [['closed', 'bye']],
    );
  });
});

describe('what comes of a chain that is not believed any more', () => {
  it('is kept once, although the log has fewer of it than the relay was told', async () => {
    relay = await relayRig(dir);
    await postTo(dir, 'a', 5);
    pull();
    while (puller.status.pulled < 6) await sleep(10);
    await puller.stop();
    queued();
    const { chain } = puller.status.chains[0]!;
    await postTo(dir, 'b', 3);
    pull([{ chain, tip: { seq: 0, head: Buffer.alloc(32, 1) }, ended: true }]);
    const kept = await strays(3);
    await sleep(300);
    assert.equal([...kept, ...straysIn(queued())].length, 3);
  });

  it('is kept once, although the relay has lost some of it before', async () => {
    let acked = 5;
    server = await forger(
      (response) => response.writeHead(200, { 'opp-more': 0 }).end(),
      (asked, body) => {
        if (asked.endsWith('/ack')) acked = (JSON.parse(body) as { seq: number }).seq;
        return acked < 12 ? { 'opp-first-seq': 10, 'opp-last-seq': 12 } : undefined;
      },
    );
    pull();
    const kept = await strays(1);
    await sleep(300);
    assert.equal([...kept, ...straysIn(queued())].length, 1);
    assert.equal(acked, 12);
  });
});

function straysIn(entries: Entry[]): Buffer[] {
  return entries.flatMap((entry) => {
    if (entry.kind === 'broken') return entry.strays;
    return entry.kind === 'page' && entry.stray ? entry.records.map(({ bytes }) => bytes) : [];
  });
}

/** Until so many are there, or it takes too long. */
async function strays(count: number): Promise<Buffer[]> {
  const found: Buffer[] = [];
  const until = performance.now() + WAIT_MS_MAX;
  while (found.length < count && performance.now() < until) {
    found.push(...straysIn(queued()));
    await sleep(20);
  }
  return found;
}
