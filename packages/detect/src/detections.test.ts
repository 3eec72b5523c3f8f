/**
 * Detections that need more than one record, said in the language of rules: each fires on a stream,
 * and is silent on one that differs in one fact. The shipped rules have streams of their own; these
 * show what the language can say.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import type { DetectInput } from './input.ts';
import { base, documents, heard, Rows, rulesOf } from './stream.fixture.ts';

type Told = [kind: string, seconds: number, fields: JsonObject, session?: string];

function alerts(yaml: string, told: Told[]): number {
  const rows = new Rows();
  const middle = told.map(
    ([kind, s, fields, session]): DetectInput => rows.row(kind, s, fields, session),
  );
  return heard(rulesOf(yaml), rows, middle).length;
}

function check(name: string, yaml: string, fires: Told[], silent: Told[]): void {
  test(name, () => {
    assert.equal(alerts(yaml, fires), 1, 'fires');
    assert.equal(alerts(yaml, silent), 0, 'is silent');
  });
}

const counted = (more: string): string => `title: c\ncorrelation: {${more}}`;
const times = (count: number, make: (i: number) => Told): Told[] =>
  Array.from({ length: count }, (_, i) => make(i));
const selecting = (name: string, lines: string, more = ''): string => `title: ${name}
name: ${name}
logsource: {product: agent_sandbox}
detection: {sel: {${lines}}, condition: sel}
${more}`;

const upload = (s: number, bytes: number, session: string, host = 'h'): Told => [
  'egress.request',
  s,
  { http: { host, req_bytes: bytes } },
  session,
];
check(
  'EGR-005: far more is sent to a host than before',
  base(
    'own',
    'egress.request',
    'x-vitrine: {baseline: {sum: http.req_bytes, within: 10m, group-by: [session, http.host], ' +
      'against: [http.host], factor: 6, floor: 5242880, min: 3}}',
  ),
  [...times(4, (i) => upload(i * 700, 1_000_000, `d${i}`)), upload(3_500, 7_000_000, 's')],
  [...times(4, (i) => upload(i * 700, 2_000_000, `d${i}`)), upload(3_500, 7_000_000, 's')],
);

const used = (session: string, isOwn: boolean): Told => [
  'egress.request',
  isOwn ? 1 : 2,
  { http: { auth_fp: 'aa' }, own: isOwn },
  session,
];
const ELSEWHERE = selecting(
  'own',
  'kind: egress.request, own: false',
  'x-vitrine: {changed: {value: session, group-by: [http.auth_fp], ' +
    'known: {k: {kind: egress.request, own: true}, condition: k}}}',
);
check(
  'CRED-004: the credential of one session is seen in another',
  ELSEWHERE,
  [used('s1', true), used('s2', false)],
  [used('s1', true), used('s1', false)],
);

const decided = (i: number, ms: number): Told => [
  'approval.decision',
  i * 10,
  { decision: { value: 'accept', source: 'user_temporary', latency_ms: ms }, user: { id: 'u' } },
  `s${i % 2}`,
];
check(
  'APR-001: ten quick accepts of one user in two minutes',
  documents(
    selecting(
      'quick',
      'kind: approval.decision, decision.value: accept, decision.source|startswith: user_, ' +
        'decision.latency_ms|lt: 1500',
    ),
    counted(
      'type: event_count, rules: [quick], group-by: [user.id], timespan: 2m, condition: {gte: 10}',
    ),
  ),
  times(10, (i) => decided(i, 1_499)),
  times(10, (i) => decided(i, i === 4 ? 1_500 : 100)),
);

const verdict = (i: number, value: string): Told => [
  'approval.decision',
  i * 60,
  { decision: { value, latency_ms: 800 }, user: { id: 'u' } },
  `s${i % 3}`,
];
const RATE = documents(
  base('decision', 'approval.decision'),
  `title: accepting
correlation: {type: value_avg, rules: [decision], group-by: [user.id], timespan: 7d,
  condition: {field: decision.accepted, gte: 0.93}}
x-vitrine: {min: 50}`,
);
check(
  'APR-002: of fifty decisions of one user all but a few are accepts',
  RATE,
  times(50, (i) => verdict(i, i < 3 ? 'reject' : 'accept')),
  times(50, (i) => verdict(i, i < 4 ? 'reject' : 'accept')),
);
const waits = (i: number, ms: number): Told => [
  'approval.decision',
  i * 60,
  { decision: { value: 'accept', latency_ms: ms }, user: { id: 'u' } },
  `s${i % 3}`,
];
check(
  'APR-002: the newest twenty of fifty take half the time of the first twenty, or a little more',
  RATE.replace('{min: 50}', '{min: 50, falling: {field: decision.latency_ms, first: 20, by: 0.5}}'),
  times(50, (i) => waits(i, i < 20 ? 3_000 : i < 30 ? 9_000 : 1_500)),
  times(50, (i) => waits(i, i < 20 ? 3_000 : i < 30 ? 9_000 : 1_501)),
);
check(
  'APR-002: fewer decisions are no rate',
  RATE,
  times(50, (i) => verdict(i, 'accept')),
  times(49, (i) => verdict(i, 'accept')),
);

const INJ_001 = documents(
  selecting('flagged', 'kind: classifier.verdict, classifier.verdict: injection'),
  selecting('write', 'kind: egress.request, http.method: [POST, PUT, PATCH]'),
  counted('type: temporal_ordered, rules: [flagged, write], group-by: [session], timespan: 5m'),
);
const flag = (s: number): Told => [
  'classifier.verdict',
  s,
  { classifier: { verdict: 'injection' } },
];
const post = (s: number): Told => ['egress.request', s, { http: { method: 'POST' } }];
check(
  'INJ-001: flagged output, then a request that writes',
  INJ_001,
  [flag(1), post(300)],
  [post(1), flag(300)],
);

const seen = (trust: string): Told => [
  'content.read',
  1,
  { content: { trust, fps: ['f1', 'f2'] } },
];
check(
  'INJ-002: a credential that came in with untrusted content is used',
  base(
    'own',
    'egress.request',
    'x-vitrine: {taint: {source: {c: {kind: content.read, content.trust: [web, tool, file]}, ' +
      'condition: c}, seen: content.fps, used: http.auth_fp, within: 1h}}',
  ),
  [seen('web'), ['egress.request', 9, { http: { auth_fp: 'F2' } }]],
  [seen('user'), ['egress.request', 9, { http: { auth_fp: 'F2' } }]],
);

const defined = (kind: string, s: number, hash: string): Told => [
  kind,
  s,
  { mcp: { server: 'm' }, tool: { name: 't', def_hash: hash } },
];
check(
  'MCP-001: a tool has another definition than the one approved',
  base(
    'own',
    'mcp.tool',
    'x-vitrine: {changed: {value: tool.def_hash, group-by: [mcp.server, tool.name], ' +
      'known: {k: {kind: approval.decision}, condition: k}}}',
  ),
  [defined('approval.decision', 1, 'a'), defined('mcp.tool', 2, 'b')],
  [defined('approval.decision', 1, 'b'), defined('mcp.tool', 2, 'b')],
);

const AGT_001 = documents(
  selecting('took', 'kind: tool.result, tool.name: WebFetch'),
  base('stopped', 'agent.stop'),
  selecting('ran', 'kind: tool.call, tool.name: Bash'),
  counted(
    'type: temporal_ordered, rules: [took, stopped, ran], group-by: [session, parent], ' +
      'timespan: 5m, aliases: {parent: {took: agent.parent, stopped: agent.parent, ran: agent.id}}',
  ),
);
const family = (by: string): Told[] => [
  ['tool.result', 1, { tool: { name: 'WebFetch' }, agent: { id: 'sub', parent: 'main' } }],
  ['agent.stop', 2, { agent: { id: 'sub', parent: 'main' } }],
  ['tool.call', 3, { tool: { name: 'Bash' }, agent: { id: by } }],
];
check('AGT-001: what a subagent took in moves its parent', AGT_001, family('main'), family('else'));

const identity = (s: number, session: string): Told => [
  'session.start',
  s,
  { source: { session: 'told-1' } },
  session,
];
check(
  'AGT-004: one session of an agent from two sandboxes',
  base(
    'own',
    'session.start',
    'x-vitrine: {changed: {value: session, group-by: [source.session]}}',
  ),
  [identity(1, 'a'), identity(2, 'b')],
  [identity(1, 'a'), identity(2, 'a')],
);

const git = (command: string): Told => ['process.exec', 1, { process: { git: { command } } }];
check(
  'BEN-001: the history is searched in a session that is an evaluation',
  selecting('own', 'kind: process.exec, process.git.command: [reflog, fsck, cat-file]'),
  [git('reflog')],
  [git('status')],
);

const nth = (sequence: number): Told => ['tool.result', sequence, { event: { sequence } }];
check(
  'TEL-003: the agent skipped a number, and no loss was told',
  base('own', 'tool.result', 'x-vitrine: {gap: {seq: event.sequence, group-by: [session]}}'),
  [nth(1), nth(2), nth(4)],
  [nth(1), nth(2), nth(3)],
);

const removed = (i: number, s: number): Told => [
  'file.delete',
  s,
  { file: { mount_mode: 'rw_no_delete', errno: 'EACCES', path: `/p${i}` } },
];
check(
  'FS-005: five refused deletes in a minute',
  documents(
    selecting('refused', 'kind: file.delete, file.mount_mode: rw_no_delete, file.errno: EACCES'),
    counted('type: event_count, rules: [refused], timespan: 60s, condition: {gte: 5}'),
  ),
  times(5, (i) => removed(i, i * 15)),
  times(5, (i) => removed(i, i * 15.1)),
);

const load = (s: number, hash: string, session: string): Told => [
  'memory.load',
  s,
  { memory: { path: '/home/instructions', hash }, host: { id: 'h' } },
  session,
];
check(
  'MEM-002: a session loads other instructions than the last one',
  base(
    'own',
    'memory.load',
    'x-vitrine: {changed: {value: memory.hash, group-by: [host.id, memory.path], against: last}}',
  ),
  [load(1, 'a', 's1'), load(100, 'b', 's2')],
  [load(1, 'a', 's1'), load(100, 'a', 's2')],
);

const denied = (i: number, hosts: number): Told => [
  'egress.request',
  i * 10,
  { http: { host: `h${i % hosts}` }, decision: { value: 'reject' } },
];
check(
  'EGR-011: ten hosts were refused in two minutes',
  documents(
    selecting('denied', 'kind: egress.request, decision.value: reject'),
    counted(
      'type: value_count, rules: [denied], timespan: 2m, condition: {field: http.host, gte: 10}',
    ),
  ),
  times(12, (i) => denied(i, 10)),
  times(12, (i) => denied(i, 9)),
);

const call = (name: string, i: number): Told => ['syscall', i * 10, { syscall: { name } }];
check(
  'ESC-001: three different calls that escapes are made of',
  documents(
    selecting('escape', 'kind: syscall, syscall.name: [unshare, setns, mount, ptrace, bpf]'),
    counted(
      'type: value_count, rules: [escape], timespan: 60s, condition: {field: syscall.name, gte: 3}',
    ),
  ),
  ['unshare', 'mount', 'ptrace'].map(call),
  ['unshare', 'mount', 'unshare', 'read'].map(call),
);
