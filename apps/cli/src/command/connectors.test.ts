/** `connectors`: what is asked of the API, what is shown of its answers, and how it ends. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { StandIn } from './stand-in.ts';

const STATUS = {
  name: 'soc',
  type: 'webhook',
  guarantee: 'answered',
  state: 'paused',
  cursor: 7,
  lag: 3,
  lagMs: 61_500,
  delivered: 4,
  failed: 2,
  dead: 1,
  pausedBy: 'person',
  pausedReason: 'the SIEM moves',
  lastError: 'HTTP 401: the credentials were refused',
  lastErrorHint: 'check the secret',
  lastErrorAt: 1_764_000_000_000,
  lastSuccessAt: 1_764_000_000_000,
};
const STEPS = [
  { step: 'settings', ok: true, ms: 1, detail: 'complete' },
  { step: 'send', ok: true, ms: 9, detail: 'HTTP 200\u001b[2J' },
];
const REPORT = {
  connector: 'soc',
  type: 'webhook',
  ok: true,
  confirmed: true,
  alert: 'alr_1',
  steps: STEPS,
};

/** Answers a test as it goes on. */
function tested(report: object) {
  const lines = [...STEPS.map((step) => ({ step })), { report }];
  return {
    'POST /v1/connectors/soc/test': (_: IncomingMessage, response: ServerResponse) =>
      response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
  };
}

describe('connectors list', () => {
  const answers = { 'GET /v1/connectors': { items: [STATUS] } };

  it('shows a person the lag in alerts and seconds, and under the table what to do', async (t) => {
    const system = await StandIn.start(t, answers);
    const { lines } = await system.run(['connectors', 'list'], true);
    assert.match(lines[0]!, /NAME +TYPE +STATE +WAITING +LAG S/);
    assert.match(lines[1]!, /^soc +webhook +paused by a person +3 +61\.5 +4 +2 +1 +confirmed/);
    assert.deepEqual(lines.slice(2), [
      'soc: paused by a person: the SIEM moves',
      'soc: HTTP 401: the credentials were refused',
      '  hint: check the secret',
    ]);
  });

  it('gives a pipe one row for each, and JSON as the API says it', async (t) => {
    const system = await StandIn.start(t, answers);
    const { lines } = await system.run(['connectors', 'list']);
    const cells = lines[0]!.split('\t');
    assert.deepEqual(cells.slice(-3), [
      '2025-11-24T16:00:00.000Z',
      STATUS.lastError,
      STATUS.lastErrorHint,
    ]);
    const json = await system.run(['connectors', 'list', '--json']);
    assert.deepEqual(JSON.parse(json.lines[0]!), [STATUS]);
  });

  it('says how to add one where there is none', async (t) => {
    const system = await StandIn.start(t, { 'GET /v1/connectors': { items: [] } });
    const { errors } = await system.run(['connectors', 'list']);
    assert.match(errors[0]!, /no connectors are configured.*docs\/guides\/connectors\.md/);
  });
});

describe('connectors test', () => {
  it('shows each step, and no control of what the destination says', async (t) => {
    const system = await StandIn.start(t, tested(REPORT));
    const { code, lines } = await system.run(['connectors', 'test', 'soc']);
    assert.equal(code, 0);
    assert.deepEqual(lines, [
      'settings  ok      1 ms  complete',
      'send      ok      9 ms  HTTP 200\\u001b[2J',
      'test alert alr_1 was taken: the destination confirmed it',
    ]);
  });

  it('says sent, and not confirmed, where nobody can know', async (t) => {
    const system = await StandIn.start(t, tested({ ...REPORT, confirmed: false }));
    const { code, lines } = await system.run(['connectors', 'test', 'soc']);
    assert.equal(code, 0);
    assert.match(lines.at(-1)!, /^test alert alr_1 was sent, not confirmable/);
  });

  it('ends with 1 when the destination did not take it', async (t) => {
    const system = await StandIn.start(t, tested({ ...REPORT, ok: false, confirmed: false }));
    const { code, lines } = await system.run(['connectors', 'test', 'soc']);
    assert.equal(code, 1);
    assert.match(lines.at(-1)!, /was not taken$/);
    const json = await system.run(['connectors', 'test', 'soc', '--json']);
    assert.equal(json.code, 1);
    assert.equal(JSON.parse(json.lines.join('')).steps.length, 2);
  });

  it('is no success without a report', async (t) => {
    const system = await StandIn.start(t, {
      'POST /v1/connectors/soc/test': (_: IncomingMessage, response: ServerResponse) =>
        response.end(`${JSON.stringify({ step: STEPS[0] })}\n`),
    });
    const { code, errors } = await system.run(['connectors', 'test', 'soc']);
    assert.equal(code, 1);
    assert.match(errors[0]!, /^error API_FAILED: /);
  });
});

describe('connectors test --dry-run', () => {
  const shown = {
    connector: 'soc',
    type: 'webhook',
    ok: true,
    alert: 'alr_1',
    problem: null,
    message: null,
    requests: [
      {
        step: 'send',
        method: 'POST',
        url: 'https://soc.example/',
        headers: { authorization: 'Bearer [redacted]' },
        body: '{"a":1}\n{"b":2}\n',
        encoding: 'utf8',
        bytes: 16,
      },
    ],
  };
  const run = async (t: Parameters<typeof StandIn.start>[0], answer: object) => {
    const system = await StandIn.start(t, { 'POST /v1/connectors/soc/dry-run': answer });
    const ran = await system.run(['connectors', 'test', 'soc', '--dry-run']);
    // Nothing else was asked for, and least of all the test itself.
    assert.deepEqual(
      system.asked.map(({ call }) => call),
      ['POST /v1/connectors/soc/dry-run'],
    );
    return ran;
  };

  it('prints the request with its headers and its body', async (t) => {
    const { code, lines } = await run(t, shown);
    assert.equal(code, 0);
    assert.deepEqual(lines, [
      'send: POST https://soc.example/',
      'authorization: Bearer [redacted]',
      '',
      '{"a":1}',
      '{"b":2}',
      '',
    ]);
  });

  it('prints where a stream leads and what goes with it', async (t) => {
    const message = {
      to: 'kafka://b:9092/alerts',
      details: { key: 'selftest' },
      body: '{}',
      encoding: 'utf8',
      bytes: 2,
    };
    const { lines } = await run(t, { ...shown, requests: [], message });
    assert.deepEqual(lines, ['send: kafka://b:9092/alerts', 'key: selftest', '', '{}', '']);
  });

  it('names what is missing, and ends with 1', async (t) => {
    const problem = 'SECRET_MISSING: the environment has no X; set X';
    const { code, errors } = await run(t, { ...shown, ok: false, requests: [], problem });
    assert.equal(code, 1);
    assert.deepEqual(errors, [`error ${problem}`]);
  });
});

describe('connectors dead-letters', () => {
  it('lists when, which and why, and no control of what the destination says', async (t) => {
    const at = '1764000000000000000';
    const letter = { id: 'alr_1', log: 'l', index: 7, session: 's', rule: 'EGR-001', at };
    const items = [{ ...letter, reason: 'HTTP 400: \u001b[2J', attempts: 3 }];
    const system = await StandIn.start(t, { 'GET /v1/connectors/soc/dead-letters': { items } });
    const { lines } = await system.run(['connectors', 'dead-letters', 'soc']);
    const [id, time, ...rest] = lines[0]!.split('\t');
    assert.deepEqual([id, time], ['alr_1', '2025-11-24T16:00:00.000Z']);
    assert.deepEqual(rest, ['7', 'EGR-001', 's', '3', 'HTTP 400: \\u001b[2J']);
  });
});

describe('connectors pause, resume, replay and dead-letters drop', () => {
  const answers = {
    'POST /v1/connectors/soc/pause': STATUS,
    'POST /v1/connectors/soc/resume': { ...STATUS, state: 'running' },
    'POST /v1/connectors/soc/replay': { queued: 2, missing: [] },
    'POST /v1/connectors/old/replay': { queued: 0, missing: ['alr_1'] },
    'POST /v1/connectors/soc/drop': { dropped: 1, missing: ['alr_2'] },
  };
  const cases: [string[], object, string, number][] = [
    [['pause', 'soc', '--reason', 'x'], { reason: 'x' }, 'soc is paused: the SIEM moves', 0],
    [['resume', 'soc'], {}, 'soc goes on: 3 waiting', 0],
    [['resume', 'soc', '--reason', 'x'], { reason: 'x' }, 'soc goes on: 3 waiting', 0],
    [['replay', 'soc', '--all'], { ids: 'all' }, '2 queued', 0],
    [['replay', 'soc', 'alr_1', 'alr_2'], { ids: ['alr_1', 'alr_2'] }, '2 queued', 0],
    [['replay', 'old', 'alr_1'], { ids: ['alr_1'] }, '0 queued', 1],
    [
      ['replay', 'soc', '--range', '3..9', '--reason', 'x'],
      { range: { from: 3, to: 9 }, reason: 'x' },
      '2 queued',
      0,
    ],
    [
      ['dead-letters', 'drop', 'soc', 'alr_1', 'alr_2', '--reason', 'x'],
      { ids: ['alr_1', 'alr_2'], reason: 'x' },
      '1 dropped',
      1,
    ],
  ];
  for (const [args, body, said, ends] of cases) {
    it(`${args.join(' ')} asks for that`, async (t) => {
      const system = await StandIn.start(t, answers);
      const { code, lines } = await system.run(['connectors', ...args]);
      assert.equal(code, ends);
      assert.deepEqual(lines, [said]);
      assert.deepEqual(JSON.parse(system.asked[0]!.body), body);
      const json = await system.run(['connectors', ...args, '--json']);
      assert.equal(typeof JSON.parse(json.lines.join('')), 'object');
    });
  }

  const wrong: string[][] = [
    ['pause', 'soc'],
    ['replay', 'soc', '--all', '--range', '1..2'],
    ['replay', 'soc', '--range', '9..3'],
    ['replay', 'soc', '--range', 'all'],
    ['dead-letters', 'drop', 'soc', '--reason', 'x'],
    ['dead-letters', 'drop', 'soc', 'alr_1', '--all', '--reason', 'x'],
    ['dead-letters', 'drop', 'soc', 'alr_1'],
  ];
  for (const args of wrong) {
    it(`${args.join(' ')} is refused, and nothing is asked`, async (t) => {
      const system = await StandIn.start(t, answers);
      const { code, errors } = await system.run(['connectors', ...args]);
      assert.equal(code, 2);
      assert.match(errors[0]!, /^error USAGE: /);
      assert.deepEqual(system.asked, []);
    });
  }
});
