import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  APPROVAL_FAST_MS,
  APPROVAL_INCIDENT_MS_MAX,
  APPROVAL_RUN_ACCEPTS_MIN,
  APPROVAL_RUN_MS_MAX,
} from '@vitrine/schema';
import type { RubberStampRun } from '@vitrine/schema/api';
import { FsckRig } from '../fixture/fsck.ts';
import { FixtureLog, insert } from '../fixture/log.ts';
import { HOSTILE, numbers, START_NS } from '../fixture/views.ts';

const made = new FixtureLog();
const { log } = made;
const pick = numbers(3);
let rig: FsckRig;
let size = 0;

interface Decision {
  session: string;
  ms: number;
  value: string;
  source: string;
  tool: string;
  waited: number | null;
}
const decisions: Decision[] = [];

function at(ms: number): string {
  return String(START_NS + BigInt(ms) * 1_000_000n);
}

function decide(decision: Decision, more: object = {}): void {
  const { session, ms, value, source, tool, waited } = decision;
  decisions.push(decision);
  const latency = waited === null ? {} : { latency_ms: waited };
  const fields = { decision: { value, source, ...latency }, tool: { name: tool }, ...more };
  made.event(`${session}/b0.agent`, 'approval.decision', fields, { t: at(ms), vantage: 'agent' });
}

function alert(subject: string, ms: number, more: object = {}): void {
  const fields = { rule: 'FS-001', severity: 'critical', subject, title: HOSTILE, ...more };
  // An alert's time is that of its record.
  made.event('log/alert', 'alert', fields, { t: at(ms), vantage: '' });
}

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-approvals-')));
  made.open('r', { user: 'rose' });
  let ms = 0;
  for (let i = 0; i < 400; i++) {
    ms += pick(30) === 0 ? 200_000 : pick(15_000);
    const source = pick(5) === 0 ? 'config' : 'user_temporary';
    const value = pick(6) === 0 ? 'reject' : 'accept';
    const fast = APPROVAL_FAST_MS - 4 + pick(5);
    const waited = pick(9) === 0 ? null : pick(9) === 0 ? 60_000 : fast;
    decide({ session: 'r', ms, value, source, tool: pick(2) === 0 ? 'Bash' : 'Edit', waited });
  }
  const asked = { t: at(1_000), vantage: 'agent' };
  for (const id of ['one', 'two']) {
    const tool = { name: 'Bash', use_id: id };
    made.event('p/b0.agent', 'approval.request', { tool }, asked);
  }
  const pair = {
    session: 'p',
    value: 'accept',
    source: 'user_permanent',
    tool: 'Bash',
    waited: null,
  };
  decide(
    { ...pair, ms: 3_000 },
    { tool: { name: 'Bash', use_id: 'one' }, user: { email: HOSTILE } },
  );
  decide(
    { ...pair, ms: 9_000 },
    { tool: { name: 'Bash', use_id: 'two' }, user: { email: HOSTILE } },
  );
  decide({ ...pair, ms: 9_500, source: '' }, { user: { email: HOSTILE } });
  await insert(rig.store, made.seal());
  size = made.size;
});

after(() => rig.stop());

const human = ({ source }: Decision): boolean => source.startsWith('user');

/** By brute force: an accept is of a run when some window of two minutes around it is full. */
function runsByHand(): { accepts: number; from: number; to: number }[] {
  const fast = decisions.filter(
    (one) =>
      one.session === 'r' &&
      human(one) &&
      one.value === 'accept' &&
      one.waited !== null &&
      one.waited < APPROVAL_FAST_MS,
  );
  const runs: { accepts: number; from: number; to: number; at: number }[] = [];
  fast.forEach((one, i) => {
    const isOf = fast.some((_, from) => {
      const window = fast.slice(from, from + APPROVAL_RUN_ACCEPTS_MIN);
      const isFull = window.length === APPROVAL_RUN_ACCEPTS_MIN;
      const span = window.at(-1)!.ms - window[0]!.ms;
      return (
        isFull && span <= APPROVAL_RUN_MS_MAX && from <= i && i < from + APPROVAL_RUN_ACCEPTS_MIN
      );
    });
    if (!isOf) return;
    const last = runs.at(-1);
    if (last !== undefined && last.at === i - 1)
      Object.assign(last, { to: one.ms, at: i, accepts: last.accepts + 1 });
    else runs.push({ accepts: 1, from: one.ms, to: one.ms, at: i });
  });
  return runs.map(({ at: _, ...run }) => run);
}

describe('approvals of a user', () => {
  it('are counted by who decided, with the time it took', async () => {
    const { users, looked } = await rig.store.views.approvalViews({ log, size, session: 'r' });
    assert.deepEqual(looked, { events: 400, of: 400 });
    const [rose] = users;
    const mine = decisions.filter(({ session }) => session === 'r');
    const asked = mine.filter(human);
    const accepted = asked.filter(({ value }) => value === 'accept').length;
    const known = asked
      .flatMap(({ waited }) => (waited === null ? [] : [waited]))
      .sort((a, b) => a - b);
    assert.deepEqual([rose!.user, rose!.named_by, rose!.decisions], ['rose', 'host', 400]);
    assert.deepEqual([rose!.human, rose!.automatic], [asked.length, 400 - asked.length]);
    assert.equal(rose!.ratio, accepted / asked.length);
    assert.equal(rose!.per_hour, asked.length / new Set(asked.map(({ ms }) => hourOf(ms))).size);
    assert.deepEqual(rose!.waited_ms, {
      known: known.length,
      p50: known[Math.ceil(known.length / 2) - 1],
      p95: known[Math.ceil(known.length * 0.95) - 1],
      fast: known.filter((ms) => ms < APPROVAL_FAST_MS).length,
    });
    const tools = rose!.tools.map(({ tool, human: decided }) => [tool, decided]).sort();
    const byTool = ['Bash', 'Edit'].map((tool) => [
      tool,
      asked.filter((one) => one.tool === tool).length,
    ]);
    assert.deepEqual(tools, byTool);
    assert.deepEqual(rose!.vantages, { agent: 400 });
  });

  function hourOf(ms: number): bigint {
    return BigInt(at(ms)) / 3_600_000_000_000n;
  }

  it('take their time from the request of the same call, whatever came between', async () => {
    const { users } = await rig.store.views.approvalViews({ log, size, session: 'p' });
    const [unknown] = users;
    assert.deepEqual([unknown!.user, unknown!.named_by, unknown!.unsaid], [HOSTILE, 'agent', 1]);
    assert.deepEqual(unknown!.waited_ms, { known: 2, p50: 2_000, p95: 8_000, fast: 0 });
  });

  it('take their time from the wait that ended with them, each from its own', async () => {
    const decision = { value: 'accept', source: 'user_temporary' };
    const options = (ms: number) => ({ t: at(ms), vantage: 'agent' });
    const tool = (name: string) => ({ decision, tool: { name } });
    for (const [ms, latency_ms] of [
      [1_000, 700],
      [1_000, 701],
      [5_000, 90],
    ] as const) {
      const wait = { decision: { ...decision, latency_ms }, source: { signal: 'span' } };
      made.event('w/b0.agent', 'other', wait, options(ms));
    }
    made.event('w/b0.agent', 'approval.decision', tool('a'), options(1_700));
    made.event('w/b0.agent', 'approval.decision', tool('b'), options(1_702));
    made.event('w/b0.agent', 'approval.decision', tool('c'), options(5_191));
    await insert(rig.store, made.seal());
    const asked = { log, size: made.size, session: 'w' };
    const { users } = await rig.store.views.approvalViews(asked);
    const waited = users[0]!.tools.map((one) => [one.tool, one.waited_ms?.p50 ?? null]).sort();
    assert.deepEqual(waited, [
      ['a', 700],
      ['b', 701],
      ['c', null],
    ]);
  });

  it('keep to a user and a tool', async () => {
    const views = await rig.store.views.approvalViews({ log, size, user: 'rose', tool: 'Edit' });
    assert.deepEqual(
      views.users.map(({ user, tools }) => [user, tools.length]),
      [['rose', 1]],
    );
    const nobody = await rig.store.views.approvalViews({ log, size, user: 'nobody' });
    assert.deepEqual([nobody.users, nobody.runs, nobody.incidents], [[], [], []]);
  });

  it('are the newest where there are too many, and say so', async () => {
    const { users, looked } = await rig.store.views.approvalViews({ log, size, session: 'r' }, 399);
    assert.deepEqual([users[0]!.decisions, looked], [399, { events: 399, of: 400 }]);
  });
});

describe('rubber-stamp runs', () => {
  it('are those that looking at every window finds', async () => {
    const { runs, runs_of } = await rig.store.views.approvalViews({ log, size, session: 'r' });
    const spans = (list: RubberStampRun[]) =>
      list.map(({ accepts, first, last }) => ({ accepts, from: first.t, to: last.t }));
    const wanted = runsByHand().map(({ accepts, from, to }) => ({
      accepts,
      from: at(from),
      to: at(to),
    }));
    assert.ok(wanted.length > 1);
    assert.deepEqual(spans(runs), wanted.toReversed());
    assert.equal(runs_of, wanted.length);
  });
});

describe('an alert after an approval', () => {
  it('is told with the last accept before it, up to ten minutes', async () => {
    const last = 900_000_000;
    const accept = { session: 'r', value: 'accept', source: 'user', tool: 'Write', waited: 10 };
    decide({ ...accept, ms: last - 1 });
    decide({ ...accept, ms: last });
    decide({ ...accept, ms: last + 1, value: 'reject' });
    alert('r', last + APPROVAL_INCIDENT_MS_MAX);
    alert('r', last + APPROVAL_INCIDENT_MS_MAX + 1);
    alert('r', last - 2);
    alert('r', last + 5, { severity: 'medium' });
    alert('r', last + 5, { event: { kind: 'approval.decision' }, rule: 'APR-001' });
    alert('p', last + 5);
    const row = (kind: string, ms: number) =>
      made.event('r/b0.host', kind, {}, { t: at(ms), vantage: 'host' });
    row('file.delete', last + 7);
    await insert(rig.store, made.seal());
    const leaf = made.rows.findLast(({ kind }) => kind === 'file.delete')!;
    // By the log's own clock it is long after; what it rests on is not.
    const evidence = [{ index: leaf.idx, leaf: '', log }];
    alert('r', last * 2, { evidence });
    await insert(rig.store, made.seal());
    const found = await rig.store.views.approvalViews({ log, size: made.size, from: at(last - 1) });
    assert.equal(found.incidents_of, 2);
    const [rested, incident] = found.incidents;
    assert.equal(rested!.after_ms, 7);
    assert.deepEqual([incident!.alert.title, incident!.accepts], [HOSTILE, 1]);
    assert.equal(incident!.after_ms, APPROVAL_INCIDENT_MS_MAX);
    assert.deepEqual([incident!.approval.t, incident!.approval.tool], [at(last), 'Write']);
    const decided = made.rows.find(({ idx }) => idx === incident!.approval.index);
    assert.equal(decided?.kind, 'approval.decision');
  });
});
