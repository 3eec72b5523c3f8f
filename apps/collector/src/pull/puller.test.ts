/** The puller against a real relay, in a process of its own. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { leafHash } from '@vitrine/chain';
import { PULL_PAGE_RECORDS_MAX, QUEUE_BYTES_MAX } from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import { postTo, RELAY_MAC_KEY, type RelayRig, relayRig } from '../fixture/relay.ts';
import type { EndEntry, Entry, PageEntry } from '../queue/entry.ts';
import { Journal } from '../queue/journal.ts';
import { hostClock } from '../sequence/sequencer.ts';
import { Puller, type PullerOptions } from './puller.ts';
import type { Heard } from './succession.ts';

const WAIT_MS_MAX = 10_000;
const clock = hostClock(() => Date.now());

let dir: string;
let relay: RelayRig;
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
  relay = await relayRig(dir);
}

afterEach(async () => {
  for (const puller of pullers.splice(0)) await puller.stop();
  await relay.kill();
  await journal.close();
  rmSync(dir, { recursive: true });
});

function pull(known: PullerOptions['known'] = [], more: Partial<PullerOptions> = {}): Puller {
  const address = { socket: join(dir, 'opp'), standing: 'guest', macKey: RELAY_MAC_KEY } as const;
  const puller = new Puller({
    session: 's1',
    relay: address,
    journal,
    clock,
    known,
    puller: 'test',
    log: () => {},
    ...more,
  });
  puller.start();
  pullers.push(puller);
  return puller;
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
    await postTo(dir, 'a');
    const puller = pull();
    await untilPulled(puller, 2);
    await postTo(dir, 'b');
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
    await postTo(dir, 'a');
    assert.equal(await puller.drain(), true);
    assert.equal(refusals < 0, true);
    assert.deepEqual(queued().kinds, ['telemetry.hello', 'tool.call', 'telemetry.bye']);
  });

  it('says that a chain is lost when its relay is gone', async () => {
    const puller = pull();
    await untilPulled(puller, 1);
    await relay.kill();
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
        await relay.kill();
      }
      return position;
    };
    await postTo(dir, 'a');
    const puller = pull();
    while (puller.status.state !== 'away') await sleep(10);
    await startRelay();
    await untilPulled(puller, 3);
    await postTo(dir, 'b');
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

  it('takes all of a relay that began anew right before it is drained', async () => {
    await postTo(dir, 'a');
    const puller = pull();
    await untilPulled(puller, 2);
    await relay.kill();
    while (puller.status.state !== 'away') await sleep(10);
    await startRelay();
    assert.equal(await puller.drain(), true);
    const reasons = queued().ends.map(({ reason }) => reason);
    assert.deepEqual(reasons, ['the relay began a new chain', 'bye']);
  });

  it('takes all of a chain before it ends it, where its successor is offered between', async () => {
    const count = 3 * PULL_PAGE_RECORDS_MAX;
    await postTo(dir, 'a', count);
    await relay.kill();
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

  it('knows after a restart where a successor said that the chain before ends', async () => {
    const count = 2 * PULL_PAGE_RECORDS_MAX;
    await postTo(dir, 'a', count);
    await relay.kill();
    await startRelay();
    // The successor's first page is taken after the first of the old chain: stop right then.
    let kept: Heard = { successions: [], byes: [] };
    const told = Promise.withResolvers<void>();
    const keep = (heard: Heard): void => {
      kept = structuredClone(heard);
    };
    const append = journal.append.bind(journal);
    journal.append = async (entry: Entry): Promise<number> => {
      if (kept.successions.length > 0 && entry.kind === 'page' && !isFirst(entry)) {
        told.resolve();
        throw new CollectorError('QUEUE_CLOSED', 'the collector stops here');
      }
      return append(entry);
    };
    const first = pull([], { keep });
    await told.promise;
    await first.stop();
    const known = first.status.chains.map(({ chain, seq }) => {
      return { chain, tip: { seq, ...lastOf(chain, seq) }, ended: false };
    });
    journal.append = append;
    assert.equal(known.length, 2);
    assert.equal(
      known.find(({ chain }) => chain === kept.successions[0]!.chain)!.tip.seq < count,
      true,
    );
    const second = pull(known, { heard: kept, keep });
    while (queued().ends.length === 0) await sleep(20);
    assert.equal(await second.drain(), true);
    assert.deepEqual(
      queued().ends.map(({ state, reason }) => [state, reason]),
      [
        ['closed', 'the relay began a new chain'],
        ['closed', 'bye'],
      ],
    );
  });

  it('tells a relay that ended in order from one that was killed, restart or not', async () => {
    let kept: Heard | undefined;
    const keep = (heard: Heard): void => {
      kept = structuredClone(heard);
    };
    const first = pull([], { keep });
    await untilPulled(first, 1);
    relay.process.kill('SIGTERM');
    await untilPulled(first, 2);
    await first.stop();
    const { chain, seq } = first.status.chains[0]!;
    await relay.kill();
    await startRelay();
    const known = [{ chain, tip: { seq, ...lastOf(chain, seq) }, ended: false }];
    const second = pull(known, { heard: kept, keep });
    while (queued().ends.length === 0) await sleep(20);
    assert.deepEqual(
      queued().ends.map(({ state, reason }) => [state, reason]),
      [['closed', 'bye']],
    );
    await second.stop();
  });

  it('leaves a relay alone that another collector pulls', async () => {
    const one = pull();
    await untilPulled(one, 1);
    const other = pull([], { puller: 'other' });
    while (other.status.last_error === null) await sleep(10);
    assert.match(other.status.last_error ?? '', /423.*"holder":"test"/);
    await postTo(dir, 'a');
    await untilPulled(one, 2);
    assert.equal(other.status.pulled, 0);
  });

  it('continues where the log stands, after a stop in between', async () => {
    await postTo(dir, 'a');
    const first = pull();
    await untilPulled(first, 2);
    const { chain, seq } = first.status.chains[0]!;
    await first.stop();
    await postTo(dir, 'b');
    const { head } = lastOf(chain, seq);
    const second = pull([{ chain, tip: { seq, head }, ended: false }]);
    await untilPulled(second, 1);
    assert.equal(await second.drain(), true);
    const { kinds } = queued();
    assert.deepEqual(kinds, ['telemetry.hello', 'tool.call', 'tool.call', 'telemetry.bye']);
  });
});

function isFirst({ records }: PageEntry): boolean {
  return (JSON.parse(String(records[0]!.bytes)) as { seq: number }).seq === 0;
}

/** The tip that the log would know: read back from the queue. */
function lastOf(chain: string, seq: number): { head: Buffer } {
  queued();
  const pages = taken.filter((e): e is PageEntry => e.kind === 'page' && e.chain === chain);
  const record = pages.flatMap((page) => page.records)[seq]!;
  return { head: leafHash(record.bytes) };
}
