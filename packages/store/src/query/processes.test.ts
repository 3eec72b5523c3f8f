import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PROCESS_ARGV_MAX } from '@vitrine/schema';
import type { ProcessItem } from '@vitrine/schema/api';
import { FsckRig } from '../fixture/fsck.ts';
import { FixtureLog, insert } from '../fixture/log.ts';
import { countOf, HOSTILE, numbers, textOf } from '../fixture/views.ts';
import type { RecordRow } from '../row.ts';

const made = new FixtureLog();
const { log } = made;
const pick = numbers(11);
const KINDS = ['file.read', 'file.write', 'file.delete', 'net.connect', 'egress.request'];
let rig: FsckRig;
let size = 0;

/** Numbers come and go, and come again; some act before they execute anything. */
function act(chain: string, count: number): void {
  for (let i = 0; i < count; i++) {
    const pid = 1 + pick(8);
    const process = { pid, ppid: pick(8), exe: `/bin/${pid}` };
    const roll = pick(10);
    if (roll === 0) made.event(chain, 'process.exec', { process: { ...process, argc: pick(9) } });
    else if (roll === 1)
      made.event(chain, 'process.exit', { process: { ...process, exit_code: 0 } });
    else {
      const kind = KINDS[pick(KINDS.length)]!;
      const file = { path: '/srv/a', ...(pick(4) === 0 ? { errno: 'EPERM' } : {}) };
      const agent = pick(4) === 0 ? { agent: { id: 'sub' } } : {};
      made.event(chain, kind, { process, ...agent, ...(kind.startsWith('file') ? { file } : {}) });
    }
  }
}

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-processes-')));
  made.open('s');
  act('s/b0.host', 700);
  act('s/b1.guest', 300);
  made.event('s/b0.boundary', 'egress.request', { http: { host: 'a.example' } });
  const argv = Array.from({ length: PROCESS_ARGV_MAX + 1 }, (_, i) => `${i} ${HOSTILE}`);
  made.event('w/b0.host', 'process.exec', { process: { pid: 5, argv, uid: 1000 } });
  const parts = { argv: Buffer.from('[]') };
  made.event('w/b0.host', 'process.exec', { process: { pid: 6, ppid: 5, argc: 2 } }, { parts });
  made.event('w/b0.host', 'file.read', { process: { pid: 6 }, file: { path: '/a' } });
  await insert(rig.store, made.seal());
  const leaf = (kind: string, pid: number): RecordRow =>
    made.rows.find(
      (row) => row.session === 'w' && row.kind === kind && countOf(row, 'process.pid') === pid,
    )!;
  const evidence = (...rows: RecordRow[]) => rows.map(({ idx }) => ({ index: idx, leaf: '', log }));
  const alert = { subject: 'w', severity: 'high' };
  made.own('alert', 'alert', {
    ...alert,
    evidence: evidence(leaf('file.read', 6), leaf('process.exec', 6)),
  });
  made.own('alert', 'alert', {
    ...alert,
    evidence: evidence(leaf('process.exec', 5), leaf('process.exec', 6)),
  });
  made.own('alert', 'alert', { ...alert, evidence: [] });
  await insert(rig.store, made.seal());
  size = made.size;
});

after(() => rig.stop());

type Counts = Pick<ProcessItem['own'], 'reads' | 'writes' | 'deletes' | 'denied' | 'egress'>;

/** The same by a walk over the rows, each put down to whoever has its number then. */
function replayed(rows: RecordRow[]): { pid: number; shim: string; own: Counts }[] {
  const found: { pid: number; shim: string; own: Counts }[] = [];
  const living = new Map<string, (typeof found)[number]>();
  for (const row of rows) {
    const pid = countOf(row, 'process.pid');
    const key = `${row.shim} ${pid}`;
    let item = living.get(key);
    if (item === undefined) {
      const own = { reads: 0, writes: 0, deletes: 0, denied: 0, egress: 0 };
      item = { pid, shim: row.shim, own };
      found.push(item);
      living.set(key, item);
    }
    if (row.kind === 'process.exit') living.delete(key);
    else if (textOf(row, 'file.errno') !== '') item.own.denied++;
    else if (row.kind === 'file.read') item.own.reads++;
    else if (row.kind === 'file.write') item.own.writes++;
    else if (row.kind === 'file.delete') item.own.deletes++;
    else if (row.kind !== 'process.exec') item.own.egress++;
  }
  return found;
}

describe('processes', () => {
  it('are counted by what they did, however often a number comes again', async () => {
    const tree = await rig.store.views.processes({ log, size, session: 's' });
    const rows = made.rows.filter(
      (row) => row.session === 's' && /^b0\.host|b1\.guest$/.test(row.shim) && row.kind !== 'join',
    );
    const wanted = replayed(rows.toSorted((a, b) => a.idx - b.idx));
    // A parent that became known late stands before its children.
    const known = tree.processes.toSorted((a, b) => a.index - b.index);
    const shown = known.map(({ pid, shim, own: { alerts: _, ...own } }) => {
      return { pid, shim, own };
    });
    assert.ok(wanted.length > 40);
    assert.deepEqual(shown, wanted);
    assert.deepEqual([tree.whole, tree.unplaced.egress], [true, 1]);
    assert.ok(tree.processes.some(({ agents }) => agents.includes('sub')));
  });

  it('have the sums of all below them', async () => {
    const { processes } = await rig.store.views.processes({ log, size, session: 's' });
    const below = (item: ProcessItem): number =>
      processes
        .filter(({ parent }) => parent === item.n)
        .reduce((sum, child) => sum + below(child), item.own.reads);
    for (const item of processes) assert.equal(item.total.reads, below(item), `process ${item.n}`);
    assert.ok(processes.some(({ total, own }) => total.reads > own.reads));
  });

  it('have their alerts once, and say which alerts name no process', async () => {
    const tree = await rig.store.views.processes({ log, size, session: 'w' });
    const [outer, inner] = tree.processes;
    assert.deepEqual([outer!.own.alerts, outer!.total.alerts], [1, 2]);
    assert.deepEqual([inner!.own.alerts, inner!.total.alerts], [2, 2]);
    assert.deepEqual([tree.alerts, tree.unplaced.alerts], [3, 1]);
  });

  it('show as many words as the record has, or that they are in a part', async () => {
    const { processes } = await rig.store.views.processes({ log, size, session: 'w' });
    const [outer, inner] = processes;
    assert.deepEqual(
      [outer!.argv.length, outer!.argv[0], outer!.uid],
      [PROCESS_ARGV_MAX, `0 ${HOSTILE}`, 1000],
    );
    assert.deepEqual([inner!.argv, inner!.argc, inner!.argv_part], [[], 2, true]);
  });

  it('say how many events were looked at when that is not all', async () => {
    const all = await rig.store.views.processes({ log, size, session: 's' });
    const { of } = all.counted;
    for (const max of [of, of - 1]) {
      const cut = await rig.store.views.processes({ log, size, session: 's' }, max);
      assert.deepEqual(cut.counted, { events: max, of });
    }
  });
});
