/** The puller against a real relay, in a process of its own. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { leafHash } from '@vitrine/chain';
import { encodeLogsRequest, PULL_PAGE_RECORDS_MAX, QUEUE_BYTES_MAX } from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import type { EndEntry, Entry, PageEntry } from '../queue/entry.ts';
import { Journal } from '../queue/journal.ts';
import { hostClock } from '../sequence/sequencer.ts';
import { Puller, type PullerOptions } from './puller.ts';

const RELAY = fileURLToPath(new URL('../../../relay/bin/relay.mjs', import.meta.url));
const MAC_KEY = '07'.repeat(32);
const WAIT_MS_MAX = 10_000;
const clock = hostClock(() => Date.now());

let dir: string;
let relay: ChildProcess;
let journal: Journal;
const pullers: Puller[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-pull-'));
  journal = new Journal({ dir: join(dir, 'journal'), fsync: true, log: () => {} });
  journal.open(0, () => {});
  await startRelay();
});

/** On the spool that is there. */
async function startRelay(): Promise<void> {
  relay = spawn(process.execPath, [RELAY, '--config', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const config = {
    session: 's1',
    spool_dir: join(dir, 'spool'),
    opp_socket: join(dir, 'opp'),
    mac_key: MAC_KEY,
    intakes: [{ socket: join(dir, 'intake'), vantage: 'agent' }],
  };
  relay.stdin!.write(`${JSON.stringify(config)}\n`);
  await once(createInterface({ input: relay.stdout! }), 'line');
}

async function killRelay(): Promise<void> {
  if (relay.exitCode !== null || relay.signalCode !== null) return;
  relay.kill('SIGKILL');
  await once(relay, 'exit');
}

afterEach(async () => {
  for (const puller of pullers.splice(0)) await puller.stop();
  await killRelay();
  await journal.close();
  rmSync(dir, { recursive: true });
});

function pull(known: PullerOptions['known'] = []): Puller {
  const address = { socket: join(dir, 'opp'), standing: 'guest', macKey: MAC_KEY } as const;
  const puller = new Puller({
    session: 's1',
    relay: address,
    journal,
    clock,
    known,
    log: () => {},
  });
  puller.start();
  pullers.push(puller);
  return puller;
}

/** Sends events to the relay's intake; resolves when the relay has it. */
function post(name: string, count = 1): Promise<void> {
  const record = { eventName: 'tool.call', timeUnixNano: '1', attributes: { 'tool.name': name } };
  const body = encodeLogsRequest(Array.from({ length: count }, () => record));
  const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length };
  const options = { socketPath: join(dir, 'intake'), path: '/v1/logs', method: 'POST', headers };
  return new Promise((resolve, reject) => {
    const asked = request(options, (answer) => {
      answer.resume().on('end', resolve);
      assert.equal(answer.statusCode, 200);
    });
    asked.on('error', reject).end(body);
  });
}

const taken: Entry[] = [];

/** Kinds of all records in the queue, and the ends of chains. */
function queued(): { kinds: string[]; ends: EndEntry[] } {
  taken.push(...journal.take(QUEUE_BYTES_MAX).map(({ entry }) => entry));
  const pages = taken.filter((entry): entry is PageEntry => entry.kind === 'page');
  const records = pages.flatMap((page) => page.records.map(({ bytes }) => String(bytes)));
  return {
    kinds: records.map((record) => (JSON.parse(record) as { kind: string }).kind),
    ends: taken.filter((entry) => entry.kind === 'end'),
  };
}

async function untilPulled(puller: Puller, count: number): Promise<void> {
  const until = performance.now() + WAIT_MS_MAX;
  while (puller.status.pulled < count && performance.now() < until) await sleep(20);
  assert.equal(puller.status.pulled, count);
}

describe('a puller', () => {
  beforeEach(() => taken.splice(0));

  it('takes what the relay has, believes it as far as it stands, and ends it whole', async () => {
    await post('a');
    const puller = pull();
    await untilPulled(puller, 2);
    await post('b');
    assert.equal(await puller.drain(), true);
    const { kinds, ends } = queued();
    assert.deepEqual(kinds, ['telemetry.hello', 'tool.call', 'tool.call', 'telemetry.bye']);
    assert.deepEqual(
      ends.map(({ state, reason }) => [state, reason]),
      [['closed', 'bye']],
    );
    assert.equal((taken[0] as PageEntry).vantage, 'agent');
  });

  it('waits for a full queue, also while it drains: nothing is given up', async () => {
    const puller = pull();
    await untilPulled(puller, 1);
    const append = journal.append.bind(journal);
    let refusals = 3;
    journal.append = (entry: Entry): Promise<number> => {
      if (entry.kind === 'page' && refusals-- > 0) {
        return Promise.reject(new CollectorError('QUEUE_FULL', 'full'));
      }
      return append(entry);
    };
    await post('a');
    assert.equal(await puller.drain(), true);
    assert.equal(refusals < 0, true);
    assert.deepEqual(queued().kinds, ['telemetry.hello', 'tool.call', 'telemetry.bye']);
  });

  it('says that a chain is lost when its relay is gone', async () => {
    const puller = pull();
    await untilPulled(puller, 1);
    await killRelay();
    assert.equal(await puller.drain(), false);
    assert.deepEqual(
      queued().ends.map(({ state, reason }) => [state, reason]),
      [['lost', 'the relay is gone']],
    );
  });

  it('takes nothing twice of a relay that was killed before it heard the last ack', async () => {
    const append = journal.append.bind(journal);
    let killed = false;
    journal.append = async (entry: Entry): Promise<number> => {
      const position = await append(entry);
      if (
        !killed &&
        entry.kind === 'page' &&
        String(entry.records.at(-1)!.bytes).includes('call')
      ) {
        killed = true;
        await killRelay();
      }
      return position;
    };
    await post('a');
    const puller = pull();
    while (puller.status.state !== 'away') await sleep(10);
    await startRelay();
    await untilPulled(puller, 3);
    await post('b');
    await untilPulled(puller, 4);
    assert.equal(await puller.drain(), true);
    const { kinds, ends } = queued();
    const again = ['telemetry.hello', 'tool.call', 'telemetry.bye'];
    assert.deepEqual(kinds, ['telemetry.hello', 'tool.call', ...again]);
    assert.deepEqual(
      ends.map(({ state, reason }) => [state, reason]),
      [
        ['closed', 'the relay began a new chain'],
        ['closed', 'bye'],
      ],
    );
  });

  it('takes all of a chain before it ends it, where its successor is offered between', async () => {
    const count = 3 * PULL_PAGE_RECORDS_MAX;
    await post('a', count);
    await killRelay();
    await startRelay();
    const puller = pull();
    await untilPulled(puller, count + 2);
    assert.equal(await puller.drain(), true);
    const { kinds, ends } = queued();
    assert.equal(kinds.filter((kind) => kind === 'tool.call').length, count);
    assert.equal(
      taken.some((entry) => entry.kind === 'page' && entry.stray === true),
      false,
    );
    assert.deepEqual(
      ends.map(({ state }) => state),
      ['closed', 'closed'],
    );
  });

  it('continues where the log stands, after a stop in between', async () => {
    await post('a');
    const first = pull();
    await untilPulled(first, 2);
    const { chain, seq } = first.status.chains[0]!;
    await first.stop();
    await post('b');
    const { head } = lastOf(chain, seq);
    const second = pull([{ chain, tip: { seq, head }, ended: false }]);
    await untilPulled(second, 1);
    assert.equal(await second.drain(), true);
    const { kinds } = queued();
    assert.deepEqual(kinds, ['telemetry.hello', 'tool.call', 'tool.call', 'telemetry.bye']);
  });
});

/** The tip that the log would know: read back from the queue. */
function lastOf(chain: string, seq: number): { head: Buffer } {
  queued();
  const pages = taken.filter((e): e is PageEntry => e.kind === 'page' && e.chain === chain);
  const record = pages.flatMap((page) => page.records)[seq]!;
  return { head: leafHash(record.bytes) };
}
