/** `--format`: rows in the words of another tool, once and as they come. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCommand, StandIn } from './stand-in.ts';

const LINE = 'CEF:0|Vitrine|Vitrine|0.1.0|EGR-001|A|10|rt=1 cs1=s1';

describe('--format', () => {
  it('prints a line for each event, oldest first, and asks for no more', async (t) => {
    const items = [{ class_uid: 4002 }, { class_uid: 1001, message: 'a\u009bb' }];
    const answer = { items, cursor: null, size: 9 };
    const system = await StandIn.start(t, { 'GET /v1/sessions/s1/events': answer });
    const args = ['events', 'x', '--session', 's1', '--limit', '2', '--format', 'ocsf'];
    const { code, lines } = await system.run(args, true);
    assert.equal(code, 0);
    assert.deepEqual(lines, ['{"class_uid":1001,"message":"a\\u009bb"}', '{"class_uid":4002}']);
    const [asked] = system.asked.map(({ call }) => call);
    assert.equal(asked, 'GET /v1/sessions/s1/events?q=x&order=desc&limit=2&format=ocsf');
  });

  it('prints CEF as it is', async (t) => {
    const answer = { items: [LINE], cursor: null, size: 9 };
    const system = await StandIn.start(t, { 'GET /v1/alerts': answer });
    const { lines } = await system.run(['alerts', '--session', 's1', '--format', 'cef']);
    assert.deepEqual(lines, [LINE]);
    const [asked] = system.asked.map(({ call }) => call);
    assert.equal(asked, 'GET /v1/alerts?session=s1&order=desc&limit=50&format=cef');
  });

  it('follows the alerts of one session without a hole', async (t) => {
    const system = await StandIn.start(t, {
      'GET /v1/alerts': { items: [LINE], cursor: null, size: 6 },
      'GET /v1/tail': (request: { headers: object }, response: { write(s: string): void }) => {
        assert.equal((request.headers as Record<string, string>)['last-event-id'], '5');
        response.write(`event: record\nid: 6\ndata: ${JSON.stringify(`${LINE} cn1=6`)}\n\n`);
        setTimeout(() => process.emit('SIGTERM'), 50);
      },
    });
    const args = ['alerts', '--session', 's1', '--follow', '--format', 'cef'];
    const { code, lines } = await system.run(args);
    assert.equal(code, 0);
    assert.deepEqual(lines, [LINE, `${LINE} cn1=6`]);
    const tail = system.asked.map(({ call }) => call).find((call) => call.includes('/v1/tail'));
    assert.equal(tail, 'GET /v1/tail?session=log&kind=alert&subject=s1&format=cef');
  });

  it('refuses a format that is none', async () => {
    for (const command of ['events', 'alerts']) {
      const { code, errors } = await runCommand([command, '--format', 'gelf']);
      assert.equal(code, 2);
      assert.equal(errors[0], 'error USAGE: --format must be one of ocsf, ecs, cef, leef');
    }
  });
});
