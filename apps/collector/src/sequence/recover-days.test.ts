/** Days read back from a store: of a log without seals of days, and of one that stopped between. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { formatCheckpoint, signNote } from '@vitrine/chain';
import { openStore, type Store } from '@vitrine/store';
import { emptyLog, KEY, LOG, openEntry, RelayChain, seal } from '../fixture/log.ts';
import { toRows } from '../insert/row.ts';
import { DayLedger, midnightNs } from './days.ts';
import { headList, type Plan } from './plan.ts';
import { readDays } from './recover-days.ts';
import type { LogState } from './state.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-days-'));
const state = emptyLog();
const chain = new RelayChain('a');
/** One second into a day. */
const on = (day: string): bigint => midnightNs(day) + 1_000_000_000n;
let store: Store;

before(async () => {
  store = await openStore({ mode: 'embedded', dir }, () => {});
});
after(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

async function insert({ batch }: Plan): Promise<void> {
  const { size, root } = batch;
  const note = signNote(formatCheckpoint({ origin: KEY.origin, size, root }), KEY);
  const { records, parts } = toRows('default', batch);
  await store.insertBatch(records, parts, [], { log: LOG, size, root, note }, { verify: false });
}

/** As the writer did that knew of no seals of days. */
async function sealUnaware(plan: () => Plan): Promise<void> {
  state.days = new DayLedger();
  await insert(plan());
}

function read({ lastSeal }: LogState): Promise<DayLedger> {
  return readDays(store, LOG, lastSeal!.size, lastSeal!.tNs);
}

test('a log without any has one due for each day since its first, as the days ended', async () => {
  await sealUnaware(() => seal(state, [openEntry('a')], on('2025-11-20')));
  await sealUnaware(() => seal(state, [chain.page(chain.next('x'))], on('2025-11-20') + 1n));
  const first = headList(state);
  await sealUnaware(() => seal(state, [chain.page(chain.next('y'))], on('2025-11-22')));
  const third = headList(state).filter(({ chain: name }) => name !== 'a/sup');
  await sealUnaware(() => seal(state, [openEntry('b')], on('2025-11-23')));
  const ledger = await read(state);
  const byChain = (heads: { chain: string }[] = []) =>
    heads.toSorted((a, b) => (a.chain < b.chain ? -1 : 1));
  const due = [ledger.next(), ledger.next(), ledger.next()];
  assert.deepEqual(
    due.map((day) => [day?.day, byChain(day?.heads)]),
    [
      ['2025-11-20', byChain(first)],
      ['2025-11-21', []],
      ['2025-11-22', byChain(third)],
    ],
  );
  assert.equal(ledger.next(), undefined);
  ledger.take(on('2025-11-24'), []);
  const today = ledger.next();
  assert.equal(today?.day, '2025-11-23');
  assert.deepEqual(
    today?.heads.map(({ chain: name }) => name),
    ['b/sup'],
  );
});

test('a writer that stopped while it made up for days goes on behind the last one', async () => {
  state.days = await read(state);
  await insert(seal(state, [], on('2025-11-23') + 1n));
  const ledger = await read(state);
  assert.equal(ledger.next()?.day, '2025-11-21');
  assert.equal(ledger.next()?.day, '2025-11-22');
  assert.equal(ledger.next(), undefined);
});

test('where yesterday has its seal nothing is due', async () => {
  await insert(seal(state, [], on('2025-11-23') + 2n));
  await insert(seal(state, [], on('2025-11-23') + 3n));
  assert.equal((await read(state)).waits, false);
});
