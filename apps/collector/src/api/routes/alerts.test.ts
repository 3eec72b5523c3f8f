import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { INCIDENT_ALERTS_MAX, type JsonObject } from '@vitrine/schema';
import { CollectorRig } from '../../fixture/collector.ts';
import { Journal } from '../../queue/journal.ts';

const AT = 1_764_000_000_000_000_000n;
const rig = new CollectorRig(AT);

interface Alert {
  index: number;
  link: string;
  record: { id: string; subject: string; what: string; todo: string };
  triage: { state: string; assignee: string | null; verdict: string | null; seq: number };
}
interface Act {
  index: number;
  leaf: string;
  seq: number;
  state: string;
  by: { token: string; role: string; name?: string };
  comment: string | null;
  has_comment: boolean;
  gone?: { by: string; index: number };
}

async function ask<T>(path: string, as?: string): Promise<T> {
  const { answer, bytes } = await rig.get(path, as);
  assert.equal(answer.status, 200, bytes.toString());
  return JSON.parse(bytes.toString()) as T;
}

/** Raises an alert by rule APR-004 about a session of its own. */
async function raise(session: string): Promise<Alert> {
  const said = (eventName: string, n: bigint, more: object) => {
    const attributes = { 'session.id': session, 'event.sequence': Number(n), ...more };
    return { eventName, timeUnixNano: String(AT + n * 1_000_000_000n), attributes };
  };
  await rig.emit([
    said('prompt.submit', 1n, {}),
    said('tool.call', 2n, { 'tool.name': 'Bash' }),
    said('approval.mode_change', 3n, { 'approval.to': 'bypassPermissions' }),
    said('net.connect', 4n, { 'net.dst_host': 'paste.example' }),
  ]);
  return rig.until(async () => {
    const { items } = await ask<{ items: Alert[] }>(`/v1/alerts?session=${session}`);
    return items[0];
  });
}

async function act(alert: Alert, body: object, as?: string): Promise<[number, Act]> {
  const answer = await rig.send(`/v1/alerts/${alert.record.id}/state`, body, as);
  return [answer.status, (await answer.json()) as Act];
}

async function tokenOf(role: string, note: string): Promise<string> {
  return (JSON.parse(await rig.post('/v1/tokens', { role, note })) as { token: string }).token;
}

interface Shown extends Alert {
  history: Act[];
}

let analyst = '';

before(async () => {
  await rig.start('links: {edr: "https://edr.example/hosts/{device_id}"}\n');
  analyst = await tokenOf('analyst', 'Ada Lovelace');
});

after(async () => {
  await rig.remove();
});

describe('an alert', () => {
  it('is acknowledged, assigned, closed, reopened by records that the log has', async () => {
    const alert = await raise('life');
    assert.equal(alert.triage.state, 'open');
    assert.ok(alert.link.endsWith(`/alerts?a=${alert.index}`));
    assert.ok(alert.record.what.length > 0 && alert.record.todo.length > 0);
    const steps = [
      { state: 'acknowledged', assignee: 'Ada' },
      { comment: 'the user meant it' },
      { state: 'closed', verdict: 'benign_positive', comment: 'closing' },
      { state: 'open' },
    ];
    let { seq } = alert.triage;
    for (const step of steps) {
      const [status, said] = await act(alert, { ...step, expect: seq }, analyst);
      assert.equal(status, 201, JSON.stringify(said));
      // Whoever hears yes can read the record at once, and prove it.
      const row = await ask<{ leaf: string; kind: string }>(`/v1/events/default.0.1/${said.index}`);
      assert.deepEqual([row.kind, row.leaf], ['alert.state', said.leaf]);
      assert.equal(said.by.role, 'analyst');
      assert.equal(said.by.name, 'Ada Lovelace');
      seq = said.seq;
    }
    const shown = await ask<Shown>(`/v1/alerts/${alert.index}`, analyst);
    assert.deepEqual(
      shown.history.map(({ state, comment }) => [state, comment]),
      [
        ['acknowledged', null],
        ['acknowledged', 'the user meant it'],
        ['closed', 'closing'],
        ['open', null],
      ],
    );
    assert.deepEqual(
      [shown.triage.state, shown.triage.assignee, shown.triage.verdict, shown.triage.seq],
      ['open', 'Ada', null, seq],
    );
    const { items } = await ask<{ items: Alert[] }>('/v1/alerts?state=open&assignee=Ada');
    assert.deepEqual(
      items.map(({ index }) => index),
      [alert.index],
    );
    const closed = await ask<{ items: Alert[] }>('/v1/alerts?state=closed,acknowledged');
    assert.deepEqual(closed.items, []);
  });

  it('that two decide about at once hears one of them; the other reads why', async () => {
    const alert = await raise('race');
    const expect = alert.triage.seq;
    const both = await Promise.all([
      act(alert, { state: 'acknowledged', assignee: 'Ada', expect }),
      act(alert, { state: 'closed', verdict: 'false_positive', expect }),
    ]);
    assert.deepEqual(both.map(([status]) => status).sort(), [201, 409]);
    const late = await rig.send(`/v1/alerts/${alert.index}/state`, { comment: 'me too', expect });
    const said = (await late.json()) as { code: string; hint: string };
    assert.deepEqual([late.status, said.code], [409, 'STATE_CONFLICT']);
    assert.match(said.hint, /expect/);
    const { history } = await ask<Shown>(`/v1/alerts/${alert.index}`);
    assert.equal(history.length, 1);
  });

  it('is left alone by those who may only look, and comments are contents to them', async () => {
    const alert = await raise('roles');
    await act(alert, { comment: 'only for analysts' });
    const auditor = await tokenOf('auditor', '');
    for (const role of ['auditor', 'reader', 'runtime']) {
      const [status] = await act(alert, { state: 'acknowledged' }, await tokenOf(role, ''));
      assert.equal(status, 403, role);
    }
    // Such a note would make a record that the log refuses, and the act would never end.
    const half = { role: 'analyst', note: '\ud800' };
    assert.equal((await rig.send('/v1/tokens', half)).status, 400);
    const shown = await ask<Shown>(`/v1/alerts/${alert.index}`, auditor);
    assert.deepEqual(
      shown.history.map(({ has_comment, comment }) => [has_comment, comment]),
      [[true, null]],
    );
  });

  it('keeps its history when a comment is redacted, and the log stays whole', async () => {
    const alert = await raise('redacted');
    const [, said] = await act(alert, { comment: 'a name that must go' });
    const target = { log: 'default.0.1', index: said.index, part: 'comment', reason: 'case 17' };
    assert.equal((await rig.send('/v1/redactions', target)).status, 201);
    const { history } = await ask<Shown>(`/v1/alerts/${alert.index}`);
    assert.equal(history[0]!.comment, null);
    assert.equal(history[0]!.gone?.by, 'redact');
    const report = await rig.send('/v1/fsck', {});
    const lines = (await report.text()).trim().split('\n');
    const last = JSON.parse(lines.at(-1)!) as { report: { ok: boolean; findings: unknown[] } };
    assert.deepEqual([last.report.ok, last.report.findings], [true, []]);
  });

  it('that is none is named as such, by id and by leaf', async () => {
    for (const name of ['alr_00', '0', '99999999', 'x%2Fy']) {
      assert.deepEqual(await rig.refused(`/v1/alerts/${name}`), [404, 'NOT_FOUND'], name);
      assert.equal((await rig.send(`/v1/alerts/${name}/state`, { comment: 'x' })).status, 404);
    }
    for (const asked of ['alerts?state=gone', 'alerts?severity=hihg', 'incidents?severity=hihg']) {
      assert.deepEqual(await rig.refused(`/v1/${asked}`), [400, 'BAD_REQUEST'], asked);
    }
  });

  it('stays as it was left over a restart, and after a kill as the queue has it', async () => {
    const alert = await raise('restart');
    const [, said] = await act(alert, { state: 'acknowledged', assignee: 'Bo' });
    const { id, subject } = alert.record;
    const fields = { alert: id, subject, after: said.seq, assignee: 'Bo', verdict: null, by: {} };
    await rig.stop();
    await queued({ ...fields, state: 'open' });
    await rig.start();
    // Nobody decides before what was promised is in the log: here it is the last act by then.
    const late = await act(alert, { state: 'closed', verdict: 'true_positive', expect: said.seq });
    assert.equal(late[0], 409);
    const { triage, history } = await ask<Shown>(`/v1/alerts/${alert.index}`);
    assert.deepEqual([triage.state, triage.assignee, history.length], ['open', 'Bo', 2]);
    assert.equal((await act(alert, { state: 'acknowledged', expect: triage.seq }))[0], 201);
  });
});

/** Makes an act durable in the queue, as a collector that is killed before its batch leaves it. */
async function queued(fields: JsonObject): Promise<void> {
  const dir = join(dirname(rig.collector.adminTokenFile), 'journal');
  const journal = new Journal({ dir, fsync: true, log: () => {} });
  journal.open(0, () => {});
  const observed = String(AT);
  await journal.append({ kind: 'own', chain: 'alert', record: 'alert.state', observed, fields });
  await journal.close();
}

interface Story {
  alerts: number;
  more: boolean;
  state: string;
  severity: string;
  risks: string[];
  techniques: string[];
  steps: {
    role: string;
    says: string;
    link: string;
    leaf: string;
    index: number;
    alert?: object;
  }[];
}

describe('an incident', () => {
  it('reads as a story whose every step is a record', async () => {
    await raise('story');
    const story = await ask<Story>('/v1/incidents/story');
    assert.deepEqual([story.state, story.severity], ['open', 'high']);
    assert.ok(story.risks.includes('user_misuse'));
    assert.ok(story.techniques.includes('T1548'));
    assert.deepEqual(
      story.steps.map(({ role, says }) => [role, says]),
      [
        ['open', 'The session opened.'],
        ['prompt', 'A prompt was submitted.'],
        ['tool', 'The agent called Bash.'],
        ['alert', 'The permission mode went from unknown to bypassPermissions (unknown).'],
        ['egress', 'Then the sandbox sent: paste.example.'],
      ],
    );
    for (const { index, leaf, link } of story.steps) {
      const row = await ask<{ leaf: string }>(`/v1/events/default.0.1/${index}`);
      assert.equal(row.leaf, leaf);
      assert.match(link, new RegExp(`[?&](e|a)=${index}\\b`));
    }
    assert.equal(story.more, false);
    const { items } = await ask<{ items: { session: string }[] }>('/v1/incidents?state=open');
    assert.ok(items.some(({ session }) => session === 'story'));
    assert.deepEqual(await rig.refused('/v1/incidents/nobody'), [404, 'NOT_FOUND']);
  });

  it('tells the first alerts, and says where there are more', async () => {
    for (const count of [INCIDENT_ALERTS_MAX, INCIDENT_ALERTS_MAX + 1]) {
      const session = `many-${count}`;
      // Further apart than the rule keeps still, by the time that the events tell.
      const at = (n: number) => String(AT + BigInt(n) * 1_000_000_000_000n);
      const changes = Array.from({ length: count }, (_, n) => ({
        eventName: 'approval.mode_change',
        timeUnixNano: at(n),
        attributes: {
          'session.id': session,
          'event.sequence': n + 1,
          'approval.to': 'bypassPermissions',
        },
      }));
      await rig.emit(changes);
      const story = await rig.until(async () => {
        const { answer, bytes } = await rig.get(`/v1/incidents/${session}`);
        if (answer.status !== 200) return undefined;
        const found = JSON.parse(bytes.toString()) as Story;
        return found.alerts === count ? found : undefined;
      });
      const told = story.steps.filter(({ role }) => role === 'alert');
      assert.equal(told.length, INCIDENT_ALERTS_MAX);
      assert.equal(story.more, count > INCIDENT_ALERTS_MAX);
    }
  });
});
