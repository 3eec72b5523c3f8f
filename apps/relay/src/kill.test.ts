import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { leafHash } from '@vitrine/chain';
import { type JsonObject, SPOOL_SYNC_MS_MAX } from '@vitrine/schema';
import { MAC_KEY, tempDir } from '../test/bed.ts';
import { fileReads, send, sendLogs } from '../test/client.ts';
import { configOf, pullAll, socketsOf, start } from '../test/process.ts';
import { Reader, type ReadRecord } from '../test/reader.ts';

const KILLS = 5;

/** Sends events of its own until it is told to stop; remembers which were acknowledged. */
class Sender {
  readonly acknowledged = new Set<string>();
  readonly sent = new Set<string>();
  #stopped = false;
  #running: Promise<void>;

  constructor(socket: string, name: string) {
    this.#running = this.#run(socket, name);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(socket: string, name: string): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const paths = Array.from({ length: 1 + (n % 20) }, (_, i) => `${name}-${n}-${i}`);
      for (const path of paths) this.sent.add(path);
      try {
        const { status } = await sendLogs(socket, fileReads(paths));
        if (status === 200) for (const path of paths) this.acknowledged.add(path);
      } catch {
        await sleep(5);
      }
    }
  }
}

function pathOf({ record }: ReadRecord): string {
  return (record.file as { path: string }).path;
}

/** Every chain but the first of its vantage must name the one before, to its very last record. */
function checkSuccession(reader: Reader, vantage: string): number {
  const chains = [...reader.chains].filter(([name]) => name.endsWith(`.${vantage}`));
  const named = new Set<string>();
  for (const [, records] of chains) {
    const previous = records[0]!.record.previous as JsonObject | undefined;
    if (previous === undefined) continue;
    const before = reader.chains.get(String(previous.chain))!;
    const last = before.at(-1)!.record;
    const head = leafHash(Buffer.from(JSON.stringify(last))).toString('base64');
    assert.deepEqual([previous.seq, previous.head], [last.seq, head]);
    named.add(String(previous.chain));
  }
  assert.equal(named.size, chains.length - 1);
  return chains.length;
}

describe('a relay that is killed again and again', () => {
  it('loses nothing it acknowledged and doubles nothing', { timeout: 60_000 }, async (t) => {
    const dir = tempDir(t);
    const { agent, host, opp } = socketsOf(dir);
    // As late as can be: most kills come between an answer and its sync.
    const config = configOf(dir, { spool_sync_ms: SPOOL_SYNC_MS_MAX });
    let running = await start(t, config);
    const senders = [
      new Sender(agent, 'a'),
      new Sender(agent, 'b'),
      new Sender(host, 'c'),
      new Sender(host, 'd'),
    ];
    const reader = new Reader(MAC_KEY);
    let pulling = true;
    const puller = (async () => {
      while (pulling) await pullAll(opp, reader, 50).catch(() => sleep(5));
    })();
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(100 + 60 * kill);
      running.child.kill('SIGKILL');
      assert.equal(await running.ended, 'SIGKILL');
      running = await start(t, config);
    }
    await sleep(100);
    await Promise.all(senders.map((sender) => sender.stop()));
    pulling = false;
    await puller;
    assert.equal((await send(opp, '/opp/v1/drain')).status, 200);
    await pullAll(opp, reader);

    const came = reader.records.filter(({ record }) => record.kind === 'file.read').map(pathOf);
    const once = new Set(came);
    assert.equal(once.size, came.length, 'an event came twice');
    const acknowledged = senders.flatMap((sender) => [...sender.acknowledged]);
    assert.ok(acknowledged.length > 50, `${acknowledged.length} events were acknowledged`);
    assert.deepEqual(
      acknowledged.filter((path) => !once.has(path)),
      [],
    );
    const sent = new Set(senders.flatMap((sender) => [...sender.sent]));
    assert.deepEqual(
      came.filter((path) => !sent.has(path)),
      [],
    );
    assert.equal(checkSuccession(reader, 'agent'), KILLS + 1);
    assert.equal(checkSuccession(reader, 'host'), KILLS + 1);
  });
});
