import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseQuery } from '@vitrine/schema/query';
import { StandIn } from './stand-in.ts';

const HOSTILE = '/srv/\u202etxt\x1b[2J\nx';
const SHOWN = '/srv/\\u202etxt\\u001b[2J\\u000ax';
const none = { names: [], of: 0 };
const whole = { events: 5, of: 5 };

function processOf(n: number, parent: number | null, more: object = {}) {
  const counts = { reads: 0, writes: 0, deletes: 0, denied: 0, egress: 0, alerts: 0 };
  return {
    ...{ n, parent, pid: 100 + n, exe: `/bin/${n}`, shim: 'b0.host', vantage: 'host' },
    ...{ argv: [], argc: null, argv_part: false, uid: null, exit: null, agents: [] },
    ...{ children: 0, descendants: 0, own: counts, total: counts, ...more },
  };
}

describe('processes', () => {
  it('are drawn as a tree with counts, cut where it is deep, and the rest is told', async (t) => {
    const counts = { reads: 1, writes: 0, deletes: 0, denied: 2, egress: 0, alerts: 1 };
    const exit = { code: 1, signal: null };
    const system = await StandIn.start(t, {
      'GET /v1/sessions/s/processes': {
        processes: [
          processOf(0, null, { children: 2, descendants: 3, total: counts }),
          processOf(1, 0, { exe: HOSTILE, own: counts, exit, uid: 0, agents: ['sub'] }),
          processOf(2, 0, { children: 1, descendants: 1, argc: 3, argv_part: true }),
          processOf(3, 2),
        ],
        records: { events: 4, of: 9 },
        counted: { events: 5, of: 6 },
        unplaced: { egress: 2, alerts: 1 },
      },
    });
    const { code, lines, errors } = await system.run(['processes', '--session=s', '--depth=2']);
    assert.equal(code, 0);
    assert.deepEqual(lines, [
      'seen from host b0.host',
      '└─ 100 /bin/0  (r1 x2 !1)',
      `   ├─ 101 ${SHOWN}  uid 0  exit 1  r1 x2 !1  put down to agent sub`,
      '   └─ 102 /bin/2  [+2 words, in a part]  (nothing)',
      '      └─ … 1 more',
    ]);
    assert.deepEqual(errors.slice(1), [
      'made of the first 4 of 9 records of starts and ends',
      'made of 5 of 6 events; there are more',
      'connections and requests that name no process: 2',
      'alerts that name no process: 1',
    ]);
  });
});

describe('files', () => {
  it('ask for what they are told to, and show no character that moves a cursor', async (t) => {
    const item = {
      ...{ vantage: 'host', path: HOSTILE, chars: 9, reads: 1, writes: 2, deletes: 3, denied: 4 },
      ...{ other: 5, modes: ['rw'], first_t: '1', last_t: '1764090000000000000' },
      ...{ real: { names: ['/etc/shadow'], of: 3 }, processes: none, agents: none },
    };
    const files = { items: [item], of: 7, looked: whole };
    const system = await StandIn.start(t, { 'GET /v1/sessions/s/files': files });
    const args = ['files', '--session=s', '--op=denied', '--path=x', '--sort=denied', '--limit=1'];
    const { lines, errors } = await system.run(args);
    const time = '2025-11-25T17:00:00.000Z';
    const real = '/etc/shadow and 2 more';
    assert.deepEqual(lines, [`host\t1\t2\t3\t4\t5\trw\t${time}\t${SHOWN}\t${real}\t-`]);
    assert.deepEqual(errors, ['the first 1 of 7 paths']);
    const { call } = system.asked[0]!;
    assert.equal(call, 'GET /v1/sessions/s/files?q=x&op=denied&sort=denied&order=desc&limit=1');
    assert.equal((await system.run(['files'])).code, 2);
    assert.equal((await system.run(['files', '--session=s', '--op=eat'])).code, 2);
  });
});

describe('egress', () => {
  it('of one session or of all names foreign keys first', async (t) => {
    const item = {
      ...{ vantage: 'boundary', host: 'a.example', function: 'f', requests: 2, tunnels: 1 },
      ...{ not_intercepted: 0, connects: 0, denied: 1, bytes_up: 10, bytes_down: 20 },
      statuses: [{ status: 200, requests: 2 }],
      fingerprints: { foreign: { names: ['ab'], of: 1 }, provisioned: none, unknown: none },
    };
    const egress = { items: [item], of: 1, looked: whole };
    const system = await StandIn.start(t, {
      'GET /v1/sessions/s/egress': egress,
      'GET /v1/stats/egress': egress,
    });
    for (const args of [
      ['egress', '--session=s'],
      ['egress', '--host=a'],
    ]) {
      const { lines } = await system.run(args);
      const row = 'boundary\ta.example\tf\t2\t1\t0\t0\t1\t10\t20\t200×2\t1 FOREIGN (ab)';
      assert.deepEqual(lines, [row]);
    }
    const { code, errors } = await system.run(['egress', '--since', 'yesterday']);
    assert.deepEqual([code, errors[0]!.includes('30m, 24h or 7d')], [2, true]);
  });
});

describe('approvals', () => {
  const figures = {
    ...{ decisions: 12, human: 11, automatic: 1, unsaid: 0, accepted: 10, refused: 1 },
    ...{ ratio: 10 / 11, per_hour: 5.5, first_t: '1', last_t: '2', vantages: { agent: 12 } },
    waited_ms: { known: 10, p50: 900, p95: 4_000, fast: 9 },
  };
  const place = (index: number) => ({
    session: 's',
    index,
    t: '1764090000000000000',
    tool: 'Bash',
  });
  const answer = {
    users: [
      { user: HOSTILE, named_by: 'agent', ...figures, tools: [{ tool: 'Bash', ...figures }] },
    ],
    runs: [
      {
        ...{ user: 'u', accepts: 10, first: place(1), last: place(10), p50_ms: 700 },
        tools: { names: ['Bash'], of: 1 },
      },
    ],
    runs_of: 1,
    incidents: [
      {
        alert: { index: 40, t: '2', rule: 'FS-001', title: HOSTILE, severity: 'high' },
        ...{ approval: { ...place(9), user: 'u' }, accepts: 4, after_ms: 2_000 },
      },
    ],
    incidents_of: 1,
    looked: whole,
  };

  it('tell of users and tools, of runs and of what followed', async (t) => {
    const system = await StandIn.start(t, { 'GET /v1/stats/approvals': answer });
    const { lines } = await system.run(['approvals', '--session=s', '--user=u', '--since=1h']);
    const shown = '11\t1\t0\t90.9 %\t5.5\t900 ms\t4.0 s\t90.0 %';
    assert.deepEqual(lines.slice(0, 2), [
      `${SHOWN} (says the agent)\t(all tools)\t${shown}`,
      `${SHOWN} (says the agent)\tBash\t${shown}`,
    ]);
    assert.match(lines[2]!, /^rubber-stamp run: u, .*: 10 accepts, median 700 ms, of Bash; /);
    assert.match(lines[3]!, /alert 40 \(high, FS-001: .*2\.0 s after u accepted Bash \(event 9 of/);
    assert.match(system.asked[0]!.call, /\?user=u&since=\d{19}&session=s$/);
    assert.equal(lines.length, 4);
  });

  it('say where decisions come from when there is none', async (t) => {
    const none = { users: [], runs: [], incidents: [], looked: whole };
    const system = await StandIn.start(t, { 'GET /v1/stats/approvals': none });
    const { lines, errors } = await system.run(['approvals']);
    assert.deepEqual([lines, errors.length], [[], 1]);
    assert.match(errors[0]!, /hooks and telemetry/);
  });
});

describe('--since', () => {
  const lists = [
    ['events', '/v1/events', 'a OR b', '(a OR b) '],
    ['events', '/v1/events', ' ', ''],
    ['alerts', '/v1/alerts', undefined, ''],
  ] as const;
  for (const [command, route, query, before] of lists) {
    it(`of ${command} is a term beside ${JSON.stringify(query)}`, async (t) => {
      const system = await StandIn.start(t, {
        [`GET ${route}`]: { items: [], cursor: null, size: 0 },
      });
      const earliest = Date.now() - 86_400_000;
      const given = query === undefined ? [] : [query];
      const { code, errors } = await system.run([command, ...given, '--since', '24h']);
      assert.equal(code, 0, errors.join('\n'));
      const { searchParams } = new URL(system.asked[0]!.call.split(' ')[1]!, 'http://x');
      const q = searchParams.get('q')!;
      assert.ok(q.startsWith(`${before}time>=`), q);
      const ms = Number(BigInt(q.slice(before.length + 'time>='.length)) / 1_000_000n);
      assert.ok(ms >= earliest && ms <= Date.now() - 86_400_000, q);
      parseQuery(q);
    });
  }
});
