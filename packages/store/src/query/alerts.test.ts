import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { AlertState, JsonObject } from '@vitrine/schema';
import type { AlertFilter } from '../alert-row.ts';
import { FsckRig } from '../fixture/fsck.ts';
import { FixtureLog, insert } from '../fixture/log.ts';

const made = new FixtureLog();
const { log } = made;
const START = 1_764_000_000_000_000_000n;
const S = 1_000_000_000n;
let rig: FsckRig;
let size = 0;

function at(seconds: number): string {
  return String(START + BigInt(seconds) * S);
}

function alert(id: string, subject: string, severity: string, more: JsonObject = {}): void {
  const tags = [`attack.${severity}`, 'ase.risk.external_attacker'];
  made.own('alert', 'alert', {
    id,
    subject,
    severity,
    rule: `R-${id}`,
    title: `T ${id}`,
    tags,
    ...more,
  });
}

function act(id: string, subject: string, state: string, assignee: string | null = null): void {
  made.own('alert', 'alert.state', { alert: id, subject, state, assignee });
}

function event(second: number, kind: string, session = 's1', vantage = 'agent'): void {
  made.event(`${session}/b0.${vantage}`, kind, {}, { t: at(second), vantage });
}

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-alerts-')));
  event(1, 'prompt.submit');
  event(2, 'tool.call');
  event(10, 'prompt.submit');
  event(11, 'tool.call');
  event(20, 'tool.call');
  event(13, 'egress.request', 's1', 'boundary');
  event(700, 'egress.request', 's1', 'boundary');
  event(12, 'tool.call', 'other');
  // A source may call its own records so: they mean nothing outside `log/alert`.
  made.event('s1/b0.agent', 'alert.state', { alert: 'a', subject: 's1', state: 'closed' });
  await insert(rig.store, made.seal());
  alert('a', 's1', 'high');
  alert('b', 's1', 'critical');
  alert('c', 's2', 'low');
  alert('d', 's3', 'medium');
  await insert(rig.store, made.seal());
  act('a', 's1', 'acknowledged', 'Ada');
  act('b', 's1', 'closed', 'Ada');
  act('a', 's1', 'open', 'Bo');
  act('c', 's2', 'acknowledged');
  act('d', 's3', 'closed');
  await insert(rig.store, made.seal());
  size = made.size;
  act('d', 's3', 'open');
  await insert(rig.store, made.seal());
});

after(async () => {
  await rig.stop();
});

async function idsOf(filter: Partial<AlertFilter>): Promise<string> {
  const asked = { log, size, order: 'asc' as const, limit: 100, ...filter };
  const rows = await rig.store.alerts.list(asked);
  return rows.map(({ record }) => String((JSON.parse(record) as JsonObject).id)).join('');
}

describe('alerts', () => {
  it('are found by the state that the last act below the published size left them in', async () => {
    assert.equal(await idsOf({}), 'abcd');
    const byState = async (...states: AlertState[]): Promise<string> => idsOf({ states });
    assert.equal(await byState('open'), 'a');
    assert.equal(await byState('acknowledged'), 'c');
    assert.equal(await byState('closed'), 'bd');
    assert.equal(await byState('open', 'closed'), 'abd');
    assert.equal(await byState('open', 'acknowledged', 'closed'), 'abcd');
    assert.equal(await idsOf({ states: ['closed'], size: made.size }), 'b');
  });

  it('are found by who has them, and by being nobody’s', async () => {
    assert.equal(await idsOf({ assignee: 'Ada' }), 'b');
    assert.equal(await idsOf({ assignee: 'Bo' }), 'a');
    assert.equal(await idsOf({ assignee: '-' }), 'cd');
    assert.equal(await idsOf({ assignee: 'Bo', states: ['closed'] }), '');
  });

  it('come page by page, and by what they are about', async () => {
    assert.equal(await idsOf({ order: 'desc', limit: 2 }), 'dc');
    const first = (await rig.store.alerts.ofId(log, size, 'c'))!.idx;
    assert.equal(await idsOf({ order: 'desc', after: first }), 'ba');
    assert.equal(await idsOf({ subject: 's1', severities: ['critical'] }), 'b');
    assert.equal(await rig.store.alerts.ofId(log, size, 'nobody'), undefined);
  });

  it('tell their acts, and the last one with how many there were', async () => {
    const acts = await rig.store.alerts.acts(log, size, 'a');
    assert.deepEqual(
      acts.map(({ record }) => (JSON.parse(record) as JsonObject).assignee),
      ['Ada', 'Bo'],
    );
    const last = await rig.store.alerts.lastActs(log, size, ['a', 'b', 'nobody']);
    assert.deepEqual([...last.keys()].sort(), ['a', 'b']);
    assert.equal(last.get('a')!.acts, 2);
    assert.equal(last.get('a')!.row.seq, acts[1]!.seq);
    assert.equal(last.get('a')!.row.subject, 's1');
    assert.equal(acts[1]!.title, 'alert.state open');
  });
});

describe('incidents', () => {
  it('take the alerts of a session together, the newest first', async () => {
    const all = await rig.store.alerts.incidents({ log, size, limit: 10 });
    assert.deepEqual(
      all.map(({ session, state, severity, alerts }) => [session, state, severity, alerts]),
      [
        ['s3', 'closed', 'medium', 1],
        ['s2', 'acknowledged', 'low', 1],
        ['s1', 'open', 'critical', 2],
      ],
    );
    const { rules, titles, tags, assignees, open, closed } = all[2]!;
    assert.deepEqual(titles, ['T a', 'T b']);
    assert.deepEqual([rules, assignees, open, closed], [['R-a', 'R-b'], ['Ada', 'Bo'], 1, 1]);
    assert.deepEqual(tags, ['ase.risk.external_attacker', 'attack.critical', 'attack.high']);
  });

  it('are narrowed, and go on where the page before ended', async () => {
    const names = async (more: object): Promise<string> =>
      (await rig.store.alerts.incidents({ log, size, limit: 10, ...more }))
        .map(({ session }) => session)
        .join(' ');
    assert.equal(await names({ states: ['open', 'closed'] }), 's3 s1');
    assert.equal(await names({ severities: ['critical', 'low'] }), 's2 s1');
    assert.equal(await names({ severities: ['none'] }), '');
    assert.equal(await names({ session: 's2' }), 's2');
    const [first] = await rig.store.alerts.incidents({ log, size, limit: 1 });
    assert.equal(await names({ after: first!.last }), 's2 s1');
  });

  it('tell what stood before and after by the makers’ clocks, in that session alone', async () => {
    // The last egress is at 700 s: ten minutes later is what came of it, a second more is not.
    const points = [13, 0, 701, 100, 99].map((second) => ({ t: at(second) }));
    const found = await rig.store.alerts.storyContexts(log, size, 's1', points);
    const kinds = await Promise.all(
      found.map(async ({ prompt, tool, egress }) => {
        const asked = [prompt, tool, egress].filter((index) => index !== null);
        const rows = await rig.store.alerts.rowsAt(log, size, asked);
        return rows.map(({ kind, t }) => `${kind}@${(BigInt(t) - START) / S}`).sort();
      }),
    );
    assert.deepEqual(kinds, [
      ['egress.request@13', 'prompt.submit@10', 'tool.call@11'],
      ['egress.request@13'],
      ['prompt.submit@10', 'tool.call@20'],
      ['egress.request@700', 'prompt.submit@10', 'tool.call@20'],
      ['prompt.submit@10', 'tool.call@20'],
    ]);
    assert.deepEqual(await rig.store.alerts.storyContexts(log, size, 's1', []), []);
  });
});
