/** A start from a snapshot stands where a start from the store alone stands, or is not one. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { SNAPSHOT_LEAVES_APART } from '@vitrine/schema';
import { openStore, type Store, StoreError } from '@vitrine/store';
import { AT_NS, emptyLog, KEY, LOG, openEntry, RelayChain } from '../fixture/log.ts';
import { type CommitTarget, commitBatch } from '../insert/commit.ts';
import { toRows } from '../insert/row.ts';
import type { Entry } from '../queue/entry.ts';
import { applyAlert } from './alert.ts';
import { applyEntry } from './apply.ts';
import { BatchDraft } from './draft.ts';
import type { LogIdentity } from './identity.ts';
import { IntentStore } from './intents.ts';
import { headList, planBatch } from './plan.ts';
import { recoverLog } from './recover.ts';
import { Snapshots } from './snapshot.ts';
import type { LogState, Tip } from './state.ts';

const DAY_NS = 86_400_000_000_000n;
const dir = mkdtempSync(join(tmpdir(), 'vitrine-snapshot-'));
const file = join(dir, 'snapshot');
const identity: LogIdentity = {
  tenant: 'default',
  log: LOG,
  origin: KEY.origin,
  key: KEY,
  dir,
  trust: '',
};
const state = emptyLog();
const [a, b, c] = [new RelayChain('a'), new RelayChain('b'), new RelayChain('c', 'host')];
const lines: string[] = [];
const snapshots = new Snapshots(dir, KEY, (line) => lines.push(line));
let target: CommitTarget;
let store: Store;
let nowNs = AT_NS;

before(async () => {
  store = await openStore({ mode: 'embedded', dir: join(dir, 'store') }, () => {});
  const intents = new IntentStore(dir);
  target = { tenant: 'default', origin: KEY.origin, key: KEY, store, intents };
  await commit([openEntry('a'), a.page(a.next('x'), a.next('x')), openEntry('b')], 'alr_1');
  await commit([b.page(b.next('x')), close('b'), openEntry('b:2')]);
});
after(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});
beforeEach(() => lines.splice(0));

async function commit(entries: Entry[], alert?: string): Promise<void> {
  nowNs += 1_000_000_000n;
  const draft = new BatchDraft(state, () => Buffer.alloc(16));
  for (const entry of entries) applyEntry(draft, entry);
  if (alert !== undefined) applyAlert(draft, { id: alert, subject: 'a' }, String(nowNs));
  const { batch } = planBatch(draft, nowNs);
  await target.intents.commit(batch);
  await commitBatch(target, batch, toRows('default', batch), false);
  target.intents.forget(batch.size);
}

function close(session: string): Entry {
  return { kind: 'close', session, reason: 'runtime', observed: String(AT_NS) };
}

/** What two states must have in common to write the same next batch. */
function shown({ sessions, tips, alertIds, lives, lastSeal, consumed, tree, days }: LogState) {
  const byChain = <T extends { chain: string }>(heads: T[] = []): T[] =>
    heads.toSorted((one, other) => (one.chain < other.chain ? -1 : 1));
  const byName = <T>(map: Map<string, T>): [string, T][] =>
    [...map].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    sessions: byName(sessions),
    tips: byChain(headList({ tips })),
    alertIds: byName(alertIds),
    lives: byName(lives),
    seal: [lastSeal, consumed],
    root: tree.root(),
    days: [...days.due, days.today].map((day) => [day?.day, byChain(day?.heads)]),
  };
}

async function started(from: Snapshots = snapshots): Promise<LogState> {
  const log = (line: string): unknown => lines.push(line);
  return (await recoverLog(identity, target, { snapshots: from, log })).state;
}

async function assertSame(how: RegExp | undefined): Promise<void> {
  const { state: alone } = await recoverLog(identity, target);
  assert.deepEqual(shown(await started()), shown(alone));
  assert.deepEqual(shown(alone), { ...shown(state), sessions: shown(alone).sessions });
  if (how === undefined) assert.deepEqual(lines, []);
  else assert.match(lines.join('\n'), how);
}

test('without one a start reads the store', async () => {
  await assertSame(undefined);
});

test('the one of the last seal is all a start needs', async () => {
  await snapshots.settled(state, true);
  assert.equal(statSync(file).mode & 0o077, 0);
  const asked: string[] = [];
  const watched = new Proxy(store, {
    get(of, name) {
      const value: unknown = Reflect.get(of, name, of);
      if (typeof value !== 'function') return value;
      asked.push(String(name));
      return value.bind(of);
    },
  });
  await recoverLog(identity, { ...target, store: watched }, { snapshots });
  for (const name of ['tips', 'tipsBetween', 'supervision', 'openSessions', 'closedLives']) {
    assert.ok(!asked.includes(name), name);
  }
  await assertSame(undefined);
});

test('one of an older seal is moved on by what came since', async () => {
  const open = [openEntry('c'), c.page(c.next('x')), a.page(a.next('y'))];
  await commit(open, 'alr_2');
  const described = { ...openEntry('a'), kind: 'open' } as const;
  await commit([close('b:2'), openEntry('b:3'), described, close('c')]);
  await assertSame(undefined);
});

test('days that end after it are read from the store', async () => {
  nowNs += DAY_NS;
  await commit([a.page(a.next('z'))]);
  await assertSame(undefined);
  await snapshots.settled(state, true);
  await assertSame(undefined);
});

test('a changed one is not used', async () => {
  const bytes = readFileSync(file);
  const text = bytes.toString();
  const tip = /\["tip","a","[^"]+",(\d+)/.exec(text)!;
  for (const changed of [
    text.replace(tip[0], tip[0].replace(/\d+$/, '0')),
    text
      .replace('"pushed":', '"x":')
      .replace(/\n[^\n]*$/, `\n${Buffer.alloc(64).toString('base64')}`),
    text.slice(0, -1),
    text.slice(text.indexOf('\n') + 1),
    '\n',
  ]) {
    assert.notEqual(changed, text);
    writeFileSync(file, changed);
    lines.splice(0);
    await assertSame(/snapshot/);
  }
  writeFileSync(file, bytes);
});

test('one that this key has signed is not used where the tree says otherwise', async () => {
  const signed = async (other: LogState): Promise<void> => {
    await new Snapshots(dir, KEY, () => {}).settled(other, true);
    await assertSame(/does not lead to the newest seal/);
  };
  const [[chain, tip]] = [...state.tips] as [[string, Tip]];
  const tips = new Map(state.tips).set(chain, { ...tip, seq: tip.seq + 1 });
  await signed({ ...state, tips });
  const root = Buffer.alloc(32, 1);
  await signed({ ...state, lastSeal: { ...state.lastSeal!, root } });
  await signed({ ...state, lastSeal: { ...state.lastSeal!, size: 1, root } });
  await signed({ ...state, lastSeal: { ...state.lastSeal!, size: 1_000 } });
});

test('one that cannot be moved on keeps no log from starting', async () => {
  const refusing = new Proxy(store, {
    get(of, name) {
      if (name === 'supervisionBetween') {
        return () => Promise.reject(new StoreError('READ_TOO_LARGE', 'too many rows'));
      }
      const value: unknown = Reflect.get(of, name, of);
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
  await new Snapshots(dir, KEY, () => {}).settled(state, true);
  await commit([a.page(a.next('later'))]);
  const log = (line: string): unknown => lines.push(line);
  const started = await recoverLog(identity, { ...target, store: refusing }, { snapshots, log });
  assert.deepEqual(shown(started.state), shown((await recoverLog(identity, target)).state));
  assert.match(lines.join('\n'), /too many rows/);
});

test('one that would be too large costs no more than its bound, and once', async () => {
  const small = new Snapshots(dir, KEY, () => {}, 10_000);
  const many = new Map(Array.from({ length: 10_000 }, (_, n) => [String(n), tipOf(n)]));
  let taken = 0;
  many.values = function* values() {
    for (const [, tip] of many.entries()) {
      taken++;
      yield tip;
    }
  } as typeof many.values;
  const size = SNAPSHOT_LEAVES_APART;
  const grown = { ...state, tips: many, lastSeal: { ...state.lastSeal!, size } };
  await small.settled(grown, false);
  assert.ok(taken > 0 && taken < 500, `${taken} chains were written out`);
  taken = 0;
  await small.settled({ ...grown, lastSeal: { ...grown.lastSeal, size: size + 1 } }, false);
  assert.equal(taken, 0);
});

function tipOf(seq: number): Tip {
  return { session: 's', shim: String(seq), seq, head: Buffer.alloc(32, 1) };
}

test('chains that the store has lost are named, not sealed over', async () => {
  rmSync(file);
  const { record } = (await store.supervision(LOG, state.lastSeal!.size, ['a']))[0]!;
  const without = new Proxy(store, {
    get(of, name) {
      if (name === 'openSessions') return async () => ['b:3'];
      const value: unknown = Reflect.get(of, name, of);
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
  assert.match(record, /"open"/);
  const lost = recoverLog(identity, { ...target, store: without });
  await assert.rejects(lost, { code: 'LOG_EDGE_MISMATCH' });
});

test('one is written at the end, and each time enough leaves have come', async () => {
  const at = async (size: number, ends: boolean): Promise<boolean> => {
    rmSync(file, { force: true });
    const seal = { ...state.lastSeal!, size };
    const fresh = new Snapshots(dir, KEY, () => {});
    await fresh.settled({ ...state, lastSeal: seal }, ends);
    // A second one waits for what the first has begun.
    await fresh.settled({ ...state, lastSeal: { ...seal, size: size + 1 } }, ends);
    await fresh.settled({ ...state, lastSeal: seal }, ends);
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  };
  assert.equal(await at(SNAPSHOT_LEAVES_APART - 2, false), false);
  assert.equal(await at(7, true), true);
  rmSync(file);
  const due = new Snapshots(dir, KEY, () => {});
  const grown = { ...state, lastSeal: { ...state.lastSeal!, size: SNAPSHOT_LEAVES_APART } };
  await due.settled(grown, false);
  await due.settled(grown, true);
  const bytes = statSync(file).size;
  const least = (bytesMax: number) => new Snapshots(dir, KEY, () => {}, bytesMax);
  assert.notEqual(least(bytes).read(), undefined);
  assert.equal(least(bytes - 1).read(), undefined);
  rmSync(file);
  await least(bytes - 1).settled(grown, true);
  assert.equal(statSync(file, { throwIfNoEntry: false }), undefined);
});
