import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { JOURNAL_ENTRY_BYTES_MAX, QUEUE_BYTES_MAX } from '@vitrine/schema';
import { type Entry, encodeEntry, type PushEntry } from './entry.ts';
import { Journal } from './journal.ts';
import { frameOf, segmentPath } from './segment.ts';

let dir: string;
let lines: string[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-journal-'));
  lines = [];
});
afterEach(() => rmSync(dir, { recursive: true }));

function push(body: Buffer | string, observed = '1', principal = 'p'): PushEntry {
  return {
    kind: 'push',
    principal,
    signal: 'logs',
    contentType: 'json',
    observed,
    peer: '127.0.0.1',
    hash: 'h',
    body: Buffer.from(body),
  };
}

function opened(from = 0, seen: Entry[] = []): Journal {
  const journal = new Journal({ dir, fsync: true, log: (line) => lines.push(line) });
  journal.open(from, (entry) => seen.push(entry));
  return journal;
}

function bodies(journal: Journal): string[] {
  return journal.take(QUEUE_BYTES_MAX).map(({ entry }) => (entry as PushEntry).body.toString());
}

function segment(): string {
  return join(dir, readdirSync(dir).find((name) => name.endsWith('.seg'))!);
}

describe('journal', () => {
  it('gives back after a restart what it acknowledged, in order', async () => {
    const journal = opened();
    const positions = await Promise.all(['a', 'b', 'c'].map((body) => journal.append(push(body))));
    assert.deepEqual(positions, [0, 1, 2]);
    await journal.close();
    assert.deepEqual(bodies(opened()), ['a', 'b', 'c']);
  });

  it('writes an append that comes in any step after the one before', async () => {
    const journal = opened();
    for (let steps = 0; steps < 12; steps++) {
      await journal.append(push('x'));
      for (let i = 0; i < steps; i++) await Promise.resolve();
      assert.equal(await journal.append(push('y')), 2 * steps + 1);
    }
    await journal.close();
  });

  it('keeps every kind of entry as it was', async () => {
    const entries: Entry[] = [
      push(Buffer.from([0, 255, 10, 13])),
      {
        kind: 'page',
        session: 's',
        chain: 's/b.agent',
        vantage: 'agent',
        via: 'opp',
        peer: 'unix',
        sandbox: 's',
        observed: '5',
        records: [
          {
            bytes: Buffer.from('{}'),
            parts: [{ name: 'n', salt: Buffer.alloc(16), data: Buffer.from('d') }],
          },
        ],
      },
      { kind: 'close', session: 's', reason: 'runtime', observed: '6' },
    ];
    const journal = opened();
    for (const entry of entries) await journal.append(entry);
    await journal.close();
    assert.deepEqual(
      opened()
        .take(QUEUE_BYTES_MAX)
        .map(({ entry }) => entry),
      entries,
    );
  });

  it('hands all it holds to the window, and what the log has not to the sequencer', async () => {
    const journal = opened();
    for (const body of ['a', 'b', 'c']) await journal.append(push(body));
    await journal.close();
    const seen: Entry[] = [];
    assert.deepEqual(bodies(opened(2, seen)), ['c']);
    assert.equal(seen.length, 3, 'a repeat of what is not sealed yet is a repeat');
  });

  it('never gives a position twice when the log is ahead of a shortened journal', async () => {
    const journal = opened(7);
    assert.equal(await journal.append(push('a')), 7);
    await journal.close();
  });

  it('cuts a torn tail, says so, and keeps a copy', async () => {
    const journal = opened();
    await journal.append(push('whole'));
    await journal.close();
    appendFileSync(segment(), Buffer.from([9, 0, 0, 0, 1, 2, 3]));
    assert.deepEqual(bodies(opened()), ['whole']);
    assert.match(lines.join(), /cut 7 torn bytes/);
    assert.equal(readdirSync(dir).filter((name) => name.endsWith('.torn')).length, 1);
  });

  it('does not cut a torn tail that it cannot copy', async () => {
    const journal = opened();
    await journal.append(push('whole'));
    await journal.close();
    appendFileSync(segment(), 'torn');
    const before = readFileSync(segment());
    mkdirSync(`${segment()}.torn`);
    assert.throws(() => opened(), { code: 'JOURNAL_UNWRITABLE' });
    assert.deepEqual(readFileSync(segment()), before);
  });

  it('refuses to start over damage before entries it acknowledged', async () => {
    const journal = opened();
    await journal.append(push('first'));
    await journal.close();
    const again = opened();
    await again.append(push('second'));
    await again.close();
    const first = segment();
    const bytes = readFileSync(first);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(first, bytes);
    assert.throws(() => opened(), { code: 'JOURNAL_CORRUPT' });
  });

  it('refuses a missing segment, unless the log has consumed it', async () => {
    for (const body of ['a', 'b', 'c']) {
      const journal = opened();
      await journal.append(push(body));
      await journal.close();
    }
    rmSync(join(dir, readdirSync(dir).sort()[1]!));
    assert.throws(() => opened(), { code: 'JOURNAL_CORRUPT', message: /entries 1 to 1/ });
    assert.deepEqual(bodies(opened(2)), ['c']);
  });

  it('forgets what a later segment says was refused', async () => {
    const journal = opened();
    await journal.append(push('a'));
    await journal.append(push('refused'));
    await journal.close();
    const later = Buffer.concat(frameOf([encodeEntry(push('b'))]));
    writeFileSync(segmentPath(dir, 1), later);
    assert.deepEqual(bodies(opened()), ['a', 'b']);
  });
});

describe('journal limits', () => {
  it('takes an entry up to its bound and refuses a larger one', async () => {
    const journal = opened();
    const room = JOURNAL_ENTRY_BYTES_MAX - 1_024;
    await journal.append(push(Buffer.alloc(room)));
    const large = journal.append(push(Buffer.alloc(JOURNAL_ENTRY_BYTES_MAX)));
    await assert.rejects(large, { code: 'ENTRY_TOO_LARGE' });
    await journal.close();
  });

  it('refuses before the queue grows past its bound, and takes again once emptied', async () => {
    const journal = opened();
    const body = Buffer.alloc(JOURNAL_ENTRY_BYTES_MAX - 1_024);
    const fits = Math.floor(QUEUE_BYTES_MAX / JOURNAL_ENTRY_BYTES_MAX);
    for (let i = 0; i < fits; i++) await journal.append(push(body, '1', `p${i}`));
    await assert.rejects(journal.append(push(body, '1', 'q')), { code: 'QUEUE_FULL' });
    journal.take(QUEUE_BYTES_MAX);
    await journal.append(push('small'));
    await journal.close();
    await assert.rejects(journal.append(push('late')), { code: 'QUEUE_CLOSED' });
  });
});
