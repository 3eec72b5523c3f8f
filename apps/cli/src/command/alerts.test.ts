import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCommand, StandIn } from './stand-in.ts';

const ID = 'alr_774c5590a92ffef9661fa770f3d81246';
const AT = '1764090000000000000';
const triage = { state: 'acknowledged', assignee: 'Ada', verdict: null, seq: 4, acts: 1 };
const record = { id: ID, rule: 'EGR-001', title: 'Foreign credential', severity: 'critical' };
const alert = {
  ...{ log: 'default.0.1', index: 249, leaf: 'bGVhZg==', session: 'log', kind: 'alert', t: AT },
  ...{ vantage: '', title: 'alert', record: { ...record, subject: 's1' }, triage },
  edr_link: 'https://edr.example/hosts/d1',
};
const act = {
  ...{ log: 'default.0.1', index: 260, leaf: 'bGVhZg==', seq: 4, t: AT, has_comment: true },
  ...{ by: { token: '12ab', role: 'analyst', name: 'Ada' }, comment: 'why\u001b[2J', after: 3 },
  ...{ state: 'acknowledged', assignee: 'Ada', verdict: null },
};

describe('alerts', () => {
  it('asks for what is wanted, and shows where each stands', async (t) => {
    const page = { items: [alert], cursor: null, size: 300 };
    const system = await StandIn.start(t, { 'GET /v1/alerts': page });
    const args = ['--state', 'open,acknowledged', '--assignee', 'Ada', '--severity', 'critical'];
    const { code, lines } = await system.run(['alerts', ...args, '--rule', 'EGR-001']);
    assert.equal(code, 0);
    const { searchParams } = new URL(system.asked[0]!.call.split(' ')[1]!, 'http://x');
    assert.equal(searchParams.get('state'), 'open,acknowledged');
    assert.equal(searchParams.get('assignee'), 'Ada');
    assert.equal(searchParams.get('severity'), 'critical');
    assert.equal(searchParams.get('rule'), 'EGR-001');
    const cells = lines[0]!.split('\t');
    assert.deepEqual(cells.slice(-3), ['acknowledged', 'Ada', 'Foreign credential']);
  });

  it('shows one with its history, and nothing in it moves the terminal', async (t) => {
    const answer = { ...alert, history: [act, { ...act, comment: null, gone: { by: 'redact' } }] };
    const system = await StandIn.start(t, { [`GET /v1/alerts/${ID}`]: answer });
    const { code, lines } = await system.run(['alerts', 'show', ID]);
    const text = lines.join('\n');
    assert.equal(code, 0);
    assert.match(text, /state +acknowledged, Ada has it \(seq 4\)/);
    assert.match(text, /edr +https:\/\/edr\.example\/hosts\/d1/);
    assert.match(text, /Ada \(12ab\) acknowledged, Ada has it, leaf 260: why\\u001b\[2J/);
    assert.match(text, /comment gone by redact/);
    assert.ok(!text.includes('\u001b'));
  });

  const acts: [string[], object][] = [
    [['ack', ID], { state: 'acknowledged' }],
    [['ack', ID, '--assign', 'Ada'], { state: 'acknowledged', assignee: 'Ada' }],
    [['assign', ID, 'Bo', '--expect', '4'], { assignee: 'Bo', expect: 4 }],
    [['assign', ID, '--nobody'], { assignee: null }],
    [
      ['close', ID, '--verdict', 'false_positive', '--comment', 'no'],
      { state: 'closed', verdict: 'false_positive', comment: 'no' },
    ],
    [['comment', ID, 'seen'], { comment: 'seen' }],
    [['reopen', ID], { state: 'open' }],
  ];
  for (const [args, body] of acts) {
    it(`${args[0]} ${args.slice(2).join(' ')} sends that, and tells the leaf`, async (t) => {
      const answer = { ...act, alert: ID };
      const system = await StandIn.start(t, { [`POST /v1/alerts/${ID}/state`]: answer });
      const { code, lines } = await system.run(['alerts', ...args]);
      assert.equal(code, 0);
      assert.deepEqual(JSON.parse(system.asked[0]!.body), body);
      assert.deepEqual(lines, [`${ID} is acknowledged, Ada: leaf 260 of default.0.1, seq 4`]);
    });
  }

  it('does not say that the log has what is only queued', async (t) => {
    const answer = { alert: ID, queued: true };
    const system = await StandIn.start(t, { [`POST /v1/alerts/${ID}/state`]: answer });
    const { lines } = await system.run(['alerts', 'ack', ID]);
    assert.match(lines[0]!, /durable in the queue/);
  });

  it('tells an incident as a story', async (t) => {
    const place = { t: AT, log: 'default.0.1', leaf: 'bGVhZg==', vantage: 'host' };
    const link = 'http://127.0.0.1:3000/x';
    const story = {
      ...{ session: 's1', severity: 'critical', state: 'open', alerts: 1, open: 1 },
      ...{ risks: ['external_attacker'], techniques: ['T1567'], host: { name: 'h' } },
      ...{ edr_link: null, more: false, rules: [], assignees: [], first_t: AT, last_t: AT },
      steps: [
        { role: 'open', says: 'The session opened on host h.', index: 1, ...place, link },
        {
          ...{ role: 'alert', says: 'POST carried a credential.', index: 249, ...place, link },
          alert: { ...record, todo: 'Stop it.', triage, evidence: [{ ...place, index: 240 }] },
        },
      ],
    };
    const system = await StandIn.start(t, { 'GET /v1/incidents/s1': story });
    const { code, lines } = await system.run(['alerts', '--incidents', '--session', 's1']);
    const text = lines.join('\n');
    assert.equal(code, 0);
    assert.match(text, /^INCIDENT {2}s1 {2}critical {2}open/);
    assert.match(text, /The session opened on host h\./);
    assert.match(text, /To do: Stop it\./);
    assert.match(text, /evidence: leaf 240 of default\.0\.1, bGVhZg==/);
  });

  it('lists incidents page by page', async (t) => {
    const pages = [
      { items: [{ ...incident, session: 'a' }], cursor: 7, size: 9 },
      { items: [{ ...incident, session: 'b' }], cursor: null, size: 9 },
    ];
    const system = await StandIn.start(t, {
      'GET /v1/incidents': (_request: unknown, response: { end(text: string): void }) =>
        response.end(JSON.stringify(pages.shift())),
    });
    const { lines } = await system.run(['alerts', '--incidents', '--state', 'open']);
    assert.deepEqual(
      lines.map((line) => line.split('\t')[0]),
      ['a', 'b'],
    );
    assert.match(system.asked[1]!.call, /state=open&after=7/);
  });

  const wrong = [
    ['close', ID],
    ['close', ID, '--verdict', 'maybe'],
    ['assign', ID],
    ['assign', ID, 'Ada', '--nobody'],
    ['comment', ID],
    ['ack'],
    ['--incidents', '--rule', 'EGR-001'],
    ['--incidents', '--since', '24h'],
    ['--follow', '--state', 'open'],
  ];
  for (const args of wrong) {
    it(`${args.join(' ')} is refused as USAGE`, async (t) => {
      const system = await StandIn.start(t, {});
      const { code, errors } = await system.run(['alerts', ...args]);
      assert.equal(code, 2);
      assert.match(errors[0]!, /^error USAGE: /);
    });
  }
});

const incident = {
  ...{ session: 's1', severity: 'high', state: 'open', alerts: 1, open: 1, first_t: AT },
  ...{ last_t: AT, rules: [], assignees: [], risks: [], techniques: [], host: null },
  edr_link: null,
};

describe('sessions', () => {
  it('are asked for by host, pid and time, or by what the EDR calls the host', async (t) => {
    const system = await StandIn.start(t, { 'GET /v1/sessions': { items: [], cursor: null } });
    const at = ['--at', '2025-11-25T17:00:00Z'];
    await system.run(['sessions', '--host', 'build-7', '--pid', '4711', ...at]);
    await system.run(['sessions', '--edr-device', 'ab12']);
    const [first, second] = system.asked.map(({ call }) => call);
    assert.match(first!, /host=build-7&pid=4711&at=1764090000000000000$/);
    assert.match(second!, /edr_device=ab12$/);
    const { code } = await runCommand(['sessions', '--at', 'noon']);
    assert.equal(code, 2);
  });
});
