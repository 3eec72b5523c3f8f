/**
 * Questions on the command line and the API, checked against the rows themselves: what the test
 * picks out of all rows of a session is what the query finds, no row more and no row less.
 */
import assert from 'node:assert/strict';
import { adminToken, callApi } from '../path/api.ts';
import { type EventItem, eventsOf } from '../path/events.ts';
import type { System } from '../path/system.ts';
import type { Scene } from './scenarios.ts';

type Members = Record<string, Record<string, unknown> | undefined>;
type Picks = (item: EventItem) => boolean;

function member({ record }: EventItem, group: string, name: string): unknown {
  return (record as Members)[group]?.[name];
}

const isRead: Picks = ({ kind }) => kind === 'file.read' || kind === 'file.open';
const bytes = (item: EventItem): number[] =>
  [
    ['http', 'req_bytes'],
    ['http', 'resp_bytes'],
    ['file', 'bytes'],
    ['net', 'bytes_in'],
    ['net', 'bytes_out'],
  ]
    .map(([group, name]) => Number(member(item, group!, name!) ?? Number.NaN))
    .filter((value) => !Number.isNaN(value));

/** A question, and the same in other words. */
const QUESTIONS: [string, Picks][] = [
  ['kind:egress.request', ({ kind }) => kind === 'egress.request'],
  ['kind:(file.read OR file.open)', isRead],
  ['-kind:(file.read OR file.open)', (item) => !isRead(item)],
  ['vantage:boundary NOT kind:file.*', (item) => seenOutside(item) && !/^file\./.test(item.kind)],
  ['bytes>=1', (item) => bytes(item).some((value) => value >= 1)],
  ['record.http.status:200..299', (item) => /^2\d\d$/.test(String(member(item, 'http', 'status')))],
  ['exe:*', (item) => hasProgram(item)],
];

function seenOutside({ vantage }: EventItem): boolean {
  return vantage === 'boundary';
}

function hasProgram(item: EventItem): boolean {
  const host = (item.record.host as { process?: { exe?: string } } | undefined)?.process?.exe;
  return [member(item, 'process', 'exe'), member(item, 'tool', 'program'), host].some(
    (value) => value !== undefined,
  );
}

export async function answersQuestions(system: System, scenes: Map<string, Scene>): Promise<void> {
  const { session } = scenes.get('foreign-key')!;
  const rows = await eventsOf(system, session);
  for (const [query, picks] of QUESTIONS) {
    const due = rows.filter(picks).map(({ index }) => index);
    const found = await system.json<EventItem[]>(
      ...['events', '--session', session, '--limit', '10000', query],
    );
    assert.deepEqual(
      found.map(({ index }) => index),
      due,
      query,
    );
    assert.ok(due.length < rows.length, `${query} says nothing`);
  }
  const [first] = QUESTIONS[0]!;
  const everywhere = await system.json<EventItem[]>('events', '--limit', '10000', first);
  assert.ok(new Set(everywhere.map((item) => item.session)).size > 1, 'one session is not all');
}

/** A fault is shown where it is, on every way in, and asks nothing. */
export async function showsTheFault(system: System): Promise<void> {
  const { code, stdout, stderr } = await system.cli('events', 'kind:file.read hots:x');
  assert.notEqual(code, 0);
  assert.equal(stdout, '');
  assert.match(stderr, /did you mean host/);
  const [query, caret] = stderr
    .split('\n')
    .filter((line) => /hots:x|\^/.test(line))
    .slice(-2);
  assert.ok(query!.indexOf('hots') === caret!.indexOf('^'), stderr);
  const path = `/v1/events?q=${encodeURIComponent('kind:file.read hots:x')}`;
  const { status, text } = await callApi(system.run, adminToken(system.data), 'GET', path);
  assert.equal(status, 400, text);
  assert.match(text, /"code":"[A-Z_]+".*hots/);
}

/** What a session did, added up by hand from its rows. */
export async function addsUp(system: System, scenes: Map<string, Scene>): Promise<void> {
  const { session } = scenes.get('foreign-key')!;
  const rows = await eventsOf(system, session);
  const requests = rows.filter(({ kind }) => kind === 'egress.request');
  const egress = await system.json<{ items: { host: string; requests: number }[] }>(
    ...['egress', '--session', session],
  );
  const counted = egress.items.reduce((sum, item) => sum + item.requests, 0);
  assert.equal(counted, requests.length);
  assert.ok(counted > 0);
  const hosts = new Set(requests.map((item) => String(member(item, 'http', 'host'))));
  assert.deepEqual(
    new Set(egress.items.filter((item) => item.requests > 0).map(({ host }) => host)),
    hosts,
  );
  const tree = await system.json<{ processes: { pid: number; exe: string | null }[] }>(
    ...['processes', '--session', session],
  );
  const started = rows.filter(({ kind }) => kind === 'process.exec');
  for (const item of started) {
    const pid = member(item, 'process', 'pid');
    assert.ok(
      tree.processes.some((one) => one.pid === pid),
      `process ${pid} is missing`,
    );
  }
  const files = await system.json<{ items: { path: string }[] }>('files', '--session', session);
  const paths = new Set(files.items.map(({ path }) => path));
  assert.ok(
    [...paths].some((path) => path.endsWith('q3.csv')),
    [...paths].join(' '),
  );
}

interface Approvals {
  users: { user: string; decisions: number }[];
  runs: { accepts: number }[];
}

/** The scenario of the rubber stamp has its run, its twin has none. */
export async function showsRubberStamps(system: System, scenes: Map<string, Scene>): Promise<void> {
  const of = (name: string) =>
    system.json<Approvals>('approvals', '--session', scenes.get(name)!.session);
  const stamped = await of('rubber-stamp');
  assert.ok(stamped.runs.length > 0, JSON.stringify(stamped));
  assert.deepEqual((await of('rubber-stamp.benign')).runs, []);
}
