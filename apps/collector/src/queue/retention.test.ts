import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { JOURNAL_TORN_KEEP_MS } from '@vitrine/schema';
import { Journal } from './journal.ts';
import { JournalRetention } from './retention.ts';
import { listSegments } from './segment.ts';

const KEEP_MS = 1_000;
let dir: string;
let journal: Journal;
let sealed: number;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-journal-'));
  journal = new Journal({ dir, fsync: true, log: () => {} });
  journal.open(0, () => {});
  sealed = 0;
});

afterEach(async () => {
  await journal.close();
  rmSync(dir, { recursive: true });
});

function retention(): JournalRetention {
  return new JournalRetention({ journal, keepMs: KEEP_MS, sealed: () => sealed, log: () => {} });
}

async function append(reason: string): Promise<void> {
  const fields = { reason };
  const entry = { kind: 'own', chain: 'audit', record: 'config', observed: '1', fields } as const;
  sealed = (await journal.append(entry)) + 1;
}

function holding(text: string): string[] {
  return readdirSync(dir).filter((name) => readFileSync(join(dir, name)).includes(text));
}

describe('what the journal keeps', () => {
  it('is in another file after a rotation, and gone when it was promised', async () => {
    await append('a secret');
    await append('more');
    assert.equal(listSegments(dir).length, 1);
    const now = Date.now();
    journal.rotate();
    const goneAtMs = retention().goneAtMs(now);
    await append('later');
    assert.equal(listSegments(dir).length, 2);
    retention().trim(now);
    assert.equal(holding('a secret').length, 1, 'a repeated request must be known that long');
    retention().trim(goneAtMs);
    assert.deepEqual(holding('a secret'), []);
    assert.equal(holding('later').length, 1);
  });

  it('stays while the log has not all of it, and while it is young', async () => {
    for (const text of ['a', 'b', 'c']) {
      await append(text);
      journal.rotate();
    }
    const [first] = listSegments(dir);
    const late = Date.now() + 10 * KEEP_MS;
    sealed = 0;
    retention().trim(late);
    assert.equal(listSegments(dir).length, 3);
    sealed = 1;
    retention().trim(late);
    assert.equal(listSegments(dir).length, 2);
    assert.equal(listSegments(dir)[0]!.first, first!.first + 1);
    sealed = 3;
    retention().trim(Date.now());
    assert.equal(listSegments(dir).length, 2, 'too young');
    retention().trim(late);
    assert.equal(listSegments(dir).length, 1, 'the newest segment stays');
  });

  it('names the copy of a torn segment, which stays longer, and deletes it in time', async () => {
    await append('a secret');
    const [segment] = listSegments(dir);
    const copy = `${segment!.path}.torn`;
    writeFileSync(copy, 'a secret');
    const madeMs = 1_764_000_000_000;
    utimesSync(copy, madeMs / 1_000, madeMs / 1_000);
    const goneAtMs = retention().goneAtMs(madeMs);
    assert.ok(goneAtMs >= madeMs + JOURNAL_TORN_KEEP_MS);
    retention().trim(madeMs + JOURNAL_TORN_KEEP_MS - 1);
    assert.ok(readdirSync(dir).some((name) => name.endsWith('.torn')));
    retention().trim(goneAtMs);
    assert.ok(!readdirSync(dir).some((name) => name.endsWith('.torn')));
  });
});
