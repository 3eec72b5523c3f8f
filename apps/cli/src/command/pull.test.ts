import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runCommand, StandIn } from './stand-in.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Pages in turn; the last one has no more behind it. */
function pages(bodies: string[], cut = -1): Handler {
  let at = 0;
  return (_request, response) => {
    const n = at++;
    const body = bodies[n]!;
    const more = String(n < bodies.length - 1);
    const length = Buffer.byteLength(body);
    const place = { 'x-next-cursor': `cursor_${n + 1}`, 'x-has-more': more };
    response.writeHead(200, { ...place, 'content-length': n === cut ? length + 9 : length });
    if (n === cut) response.write(body, () => response.destroy());
    else response.end(body);
  };
}

const fail = (code: string, headers = {}): Handler => {
  return (_request, response) => {
    response.writeHead(410, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ code, message: 'leaves 1 to 2 are gone', hint: 'go on' }));
  };
};

const callsOf = (system: StandIn): string[] => system.asked.map(({ call }) => call);

describe('pull', () => {
  it('prints all pages, each behind the one before, and asks what it was told to', async (t) => {
    const handler = pages(['{"a":1}\n{"a":2}\n', '{"a":3}\n', '']);
    const system = await StandIn.start(t, { 'GET /v1/pull/alerts': handler });
    const words = ['--severity', 'high', '--session', 's 1', '--query', 'curl', '--from', 'latest'];
    const { code, lines, errors } = await system.run(['pull', 'alerts', ...words]);
    assert.deepEqual([code, lines, errors], [0, ['{"a":1}', '{"a":2}', '{"a":3}'], []]);
    const filter = 'severity_gte=high&session=s+1&q=curl&format=ndjson';
    assert.deepEqual(callsOf(system), [
      `GET /v1/pull/alerts?${filter}&from=latest`,
      `GET /v1/pull/alerts?${filter}&cursor=cursor_1`,
      `GET /v1/pull/alerts?${filter}&cursor=cursor_2`,
    ]);
  });

  it('keeps its place in a file, and goes on there', async (t) => {
    const handler = pages(['1\n', '2\n', '3\n']);
    const system = await StandIn.start(t, { 'GET /v1/pull/events': handler });
    const file = join(system.dataDir, 'events.cursor');
    writeFileSync(file, 'kept_0\n');
    const { code } = await system.run(['pull', 'events', '--cursor-file', file]);
    assert.equal(code, 0);
    assert.match(callsOf(system)[0]!, /cursor=kept_0$/);
    assert.equal(readFileSync(file, 'utf8'), 'cursor_3\n');
  });

  it('does not move its place for a page that broke off or was refused', async (t) => {
    const broken = await StandIn.start(t, { 'GET /v1/pull/events': pages(['1\n', '2\n'], 1) });
    const file = join(broken.dataDir, 'events.cursor');
    const cut = await broken.run(['pull', 'events', '--cursor-file', file]);
    assert.deepEqual([cut.code, cut.lines], [1, ['1']]);
    assert.equal(readFileSync(file, 'utf8'), 'cursor_1\n');
    const refusing = await StandIn.start(t, { 'GET /v1/pull/events': fail('CURSOR_EXPIRED') });
    const refused = await refusing.run(['pull', 'events', '--cursor-file', file, '--follow']);
    assert.equal(refused.code, 1);
    assert.match(refused.errors.join('\n'), /CURSOR_EXPIRED: leaves 1 to 2 are gone/);
    assert.equal(readFileSync(file, 'utf8'), 'cursor_1\n');
  });

  it('asks again where it follows and the system has too much to do, else ends', async (t) => {
    const limited = fail('PULL_LIMITED', { 'retry-after': '2' });
    const answers = [limited, pages(['1\n']), fail('CURSOR_EXPIRED')];
    const next: Handler = (request, response) => answers.shift()!(request, response);
    const system = await StandIn.start(t, { 'GET /v1/pull/events': next });
    const began = performance.now();
    const { code, lines, errors } = await system.run(['pull', 'events', '--follow']);
    assert.ok(performance.now() - began > 1_900, 'it did not wait as long as it was asked to');
    assert.deepEqual([code, lines], [1, ['1']]);
    assert.equal(errors[0], 'waiting: leaves 1 to 2 are gone');
    assert.match(errors[1]!, /^error CURSOR_EXPIRED: /);
    answers.push(fail('PULL_LIMITED'));
    const once = await system.run(['pull', 'events']);
    assert.match(once.errors[0]!, /^error PULL_LIMITED: /);
  });

  it('reads as a consumer, and acknowledges what it has printed', async (t) => {
    const system = await StandIn.start(t, {
      'PUT /v1/consumers/soc': {},
      'GET /v1/consumers/soc/pull': pages(['1\n', '2\n']),
      'POST /v1/consumers/soc/ack': {},
    });
    const args = ['pull', 'alerts', '--consumer', 'soc', '--format', 'cef', '--kind', 'alert'];
    const { code, lines } = await system.run(args);
    assert.deepEqual([code, lines], [0, ['1', '2']]);
    assert.deepEqual(callsOf(system), [
      'PUT /v1/consumers/soc',
      'GET /v1/consumers/soc/pull',
      'POST /v1/consumers/soc/ack',
      'GET /v1/consumers/soc/pull',
      'POST /v1/consumers/soc/ack',
    ]);
    const made = { stream: 'alerts', filter: { kind: 'alert' }, format: 'cef' };
    assert.deepEqual(JSON.parse(system.asked[0]!.body), made);
    assert.deepEqual(JSON.parse(system.asked[2]!.body), { cursor: 'cursor_1' });
  });

  it('prints a request of OTLP on a line of its own, and nothing for an empty one', async (t) => {
    const bodies = ['{"resourceLogs":[{}]}', '{"resourceLogs":[]}', '{"resourceLogs":[{},{}]}'];
    const system = await StandIn.start(t, { 'GET /v1/pull/events': pages(bodies) });
    const { lines } = await system.run(['pull', 'events', '--format', 'otlp-json']);
    assert.deepEqual(lines, [bodies[0], bodies[2]]);
  });

  it('keeps a terminal safe', async (t) => {
    const system = await StandIn.start(t, { 'GET /v1/pull/events': pages(['{"a":"\u009b2J"}\n']) });
    assert.deepEqual((await system.run(['pull', 'events'], true)).lines, ['{"a":"\\u009b2J"}']);
    const binary = await system.run(['pull', 'events', '--format', 'otlp-proto'], true);
    assert.equal(binary.code, 2);
  });

  it('says what is wrong with its words', async (t) => {
    const file = join((await StandIn.start(t, {})).dataDir, 'other');
    writeFileSync(file, 'something else\n');
    const wrong: [string[], number][] = [
      [['pull'], 2],
      [['pull', 'receipts'], 2],
      [['pull', 'events', '--format', 'xml'], 2],
      [['pull', 'events', '--from', 'now'], 2],
      [['pull', 'events', '--from', 'latest', '--since', '2026-01-01T00:00:00Z'], 2],
      [['pull', 'events', '--consumer', 'a', '--cursor-file', 'b'], 2],
      [['pull', 'events', '--cursor-file', file], 1],
    ];
    for (const [args, expected] of wrong) {
      const { code, errors } = await runCommand(args);
      assert.equal(code, expected, args.join(' '));
      assert.match(errors[0]!, /^error [A-Z_]+: /);
    }
    assert.ok(existsSync(file));
  });
});
