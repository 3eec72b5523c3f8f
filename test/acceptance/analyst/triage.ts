/**
 * What becomes of an alert: who took it, what it turned out to be, each act a record of the log
 * with who and when. Who may not act is refused, and so is who acts on what has moved on.
 */
import assert from 'node:assert/strict';
import { adminToken, callApi, makeToken } from '../path/api.ts';
import { alertsAbout, type EventItem } from '../path/events.ts';
import type { System } from '../path/system.ts';
import { until } from '../path/until.ts';
import type { Scene } from './scenarios.ts';

const SEALED_MS_MAX = 15_000;
const COMMENT = 'The key is of no account of ours: escalated.';

interface Act {
  index: number;
  t: string;
  state: string;
  assignee: string | null;
  verdict: string | null;
  comment: string | null;
  by: { token: string; role: string };
}

interface Alert {
  triage: { state: string; assignee: string | null; verdict: string | null; seq: number };
  history: Act[];
}

export async function isTriaged(system: System, scenes: Map<string, Scene>): Promise<void> {
  const id = await alertId(system, scenes.get('foreign-key')!);
  await system.text('alerts', 'ack', id, '--assign', 'Ada');
  await system.text('alerts', 'comment', id, COMMENT);
  await system.text('alerts', 'close', id, '--verdict', 'true_positive');
  const alert = await acted(system, id, 3);
  const { state, assignee, verdict } = alert.triage;
  assert.deepEqual([state, assignee, verdict], ['closed', 'Ada', 'true_positive']);
  assert.deepEqual(
    alert.history.map((act) => [act.state, act.comment]),
    [
      ['acknowledged', null],
      ['acknowledged', COMMENT],
      ['closed', null],
    ],
  );
  for (const act of alert.history) await isARecord(system, id, act);
  const open = await system.json<EventItem[]>('alerts', '--state', 'open', '--limit', '1000');
  assert.ok(open.length > 0, 'no other alert is open');
  assert.ok(open.every(({ record }) => record.id !== id));
}

/** Each act is a leaf of its own, whose record has the words of it but not the comment's. */
async function isARecord(system: System, id: string, { index, t, state, by }: Act): Promise<void> {
  const log = system.run.log;
  const { kind, record } = await get<EventItem>(system, `/v1/events/${log}/${index}`);
  assert.equal(kind, 'alert.state');
  assert.equal(record.t, t);
  assert.equal(record.state, state);
  assert.ok(JSON.stringify(record).includes(id), JSON.stringify(record));
  assert.deepEqual(record.by, by);
  assert.ok(!JSON.stringify(record).includes(COMMENT), 'a comment is a part, which can go');
}

/** Nothing of these leaves a trace on the alert. */
export async function refusesOthers(system: System, scenes: Map<string, Scene>): Promise<void> {
  const id = await alertId(system, scenes.get('helpful-escape')!);
  const path = `/v1/alerts/${id}/state`;
  const before = (await get<Alert>(system, `/v1/alerts/${id}`)).triage;
  const auditor = await makeToken(system.run, system.data, 'auditor');
  const asAuditor = await callApi(system.run, auditor, 'POST', path, { state: 'acknowledged' });
  assert.equal(asAuditor.status, 403, asAuditor.text);
  const admin = adminToken(system.data);
  const answers = await Promise.all(
    [
      { state: 'closed' },
      { state: 'closed', verdict: 'perhaps' },
      { state: 'acknowledged', expect: before.seq + 1 },
      { comment: '' },
    ].map((body) => callApi(system.run, admin, 'POST', path, body)),
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    [400, 400, 409, 400],
  );
  for (const { text } of answers) {
    const { code, message } = JSON.parse(text) as { code: string; message: string };
    assert.ok(code.length > 0 && message.length > 0, text);
  }
  assert.deepEqual((await get<Alert>(system, `/v1/alerts/${id}`)).triage, before);
  // Of two who act on the same sight of it one is told.
  const both = await Promise.all(
    ['Ada', 'Grace'].map((assignee) =>
      callApi(system.run, admin, 'POST', path, { assignee, expect: before.seq }),
    ),
  );
  assert.deepEqual(both.map(({ status }) => status).sort(), [201, 409]);
}

interface Step {
  role: string;
  says: string;
  index: number;
  link: string;
}

/** From the beginning of the session to what came out of it, each step with its row. */
export async function isAStory(system: System, scenes: Map<string, Scene>): Promise<void> {
  const { session, expected } = scenes.get('foreign-key')!;
  const path = `/v1/incidents/${session}`;
  const story = await get<{ severity: string; steps: Step[] }>(system, path);
  assert.equal(story.severity, 'critical');
  assert.equal(story.steps[0]!.role, 'open');
  const told = story.steps.filter(({ role }) => role === 'alert');
  assert.ok(told.length >= expected.length, JSON.stringify(told));
  for (const { says, link, index } of story.steps) {
    assert.match(says, /\S.*\.$/);
    const { pathname, searchParams } = new URL(link);
    const isAlert = pathname === '/alerts' && searchParams.get('a') === String(index);
    const isRow = pathname === `/s/${session}` && searchParams.get('e') === String(index);
    assert.ok(isAlert || isRow, link);
  }
  const twin = scenes.get('foreign-key.benign')!;
  const none = await callApi(
    system.run,
    adminToken(system.data),
    'GET',
    `/v1/incidents/${twin.session}`,
  );
  assert.equal(none.status, 404, none.text);
}

async function alertId(system: System, { session }: Scene): Promise<string> {
  return String((await alertsAbout(system, session))[0]!.record.id);
}

/** Once the log has that many acts on it. */
function acted(system: System, id: string, acts: number): Promise<Alert> {
  return until(`${acts} acts on ${id}`, SEALED_MS_MAX, async () => {
    const alert = await get<Alert>(system, `/v1/alerts/${id}`);
    return alert.history.length >= acts ? alert : undefined;
  });
}

async function get<T>(system: System, path: string): Promise<T> {
  const { status, text } = await callApi(system.run, adminToken(system.data), 'GET', path);
  assert.equal(status, 200, `${path}: ${text}`);
  return JSON.parse(text) as T;
}
