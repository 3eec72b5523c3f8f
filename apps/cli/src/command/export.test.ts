import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { StandIn } from './stand-in.ts';

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-out-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

describe('export', () => {
  it('writes the bundle for its owner alone and leaves nothing half-written', async (t) => {
    const dir = scratch(t);
    const file = join(dir, 'b.vitrine.json');
    const system = await StandIn.start(t, { 'GET /v1/sessions/s1/bundle': { a: 1 } });
    const { code } = await system.run(['export', '--session', 's1', '-o', file, '--no-parts']);
    assert.equal(code, 0);
    assert.equal(readFileSync(file, 'utf8'), '{"a":1}');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(system.asked[0]?.call, 'GET /v1/sessions/s1/bundle?parts=0');
    assert.deepEqual(readdirSync(dir), ['b.vitrine.json']);
  });

  it('takes one leaf as alerts name it', async (t) => {
    const file = join(scratch(t), 'e');
    const system = await StandIn.start(t, { 'GET /v1/events/default.0.1/7/bundle': {} });
    assert.equal((await system.run(['export', '--event', 'default.0.1/7', '-o', file])).code, 0);
    assert.equal((await system.run(['export', '--event', 'seven', '-o', file])).code, 2);
  });

  it('asks for each claim, with the note of a pin', async (t) => {
    const dir = scratch(t);
    const pin = join(dir, 'pin');
    writeFileSync(pin, JSON.stringify({ note: 'n & n\n' }));
    const base = '/v1/sessions/s%3A1';
    const cases: [string[], string][] = [
      [['--session', 's:1', '--pin', pin], `${base}/bundle?from=n+%26+n%0A`],
      [['--chain', 's:1/b.x', '--first', '0', '--last', '9'], `${base}/chains/b.x/bundle?`],
      [['--absent', 's:1', '--pin', pin], `${base}/absence/bundle?from=n+%26+n%0A`],
      [['--inactive', 's:1', '--day', '2026-11-22'], `${base}/absence/bundle?day=2026-11-22`],
      [['--event', 'a.0.1/7', '--pin', pin], '/v1/events/a.0.1/7/bundle?from=n+%26+n%0A'],
      [['--event', 'a.0.1/7', '--format', 'tlog-proof'], '/v1/events/a.0.1/7/proof'],
    ];
    const answers = Object.fromEntries(cases.map(([, c]) => [`GET ${c.split('?')[0]}`, {}]));
    const system = await StandIn.start(t, answers);
    for (const [i, [args, call]] of cases.entries()) {
      const { code, errors } = await system.run(['export', ...args, '-o', join(dir, 'b')]);
      assert.equal(code, 0, errors.join());
      assert.ok(system.asked[i]!.call.startsWith(`GET ${call}`), system.asked[i]!.call);
    }
    const none = ['export', '--session', 'a', '-o', join(dir, 'c'), '--pin', join(dir, 'b')];
    assert.match((await system.run(none)).errors[0]!, /^error FILE_UNREADABLE: .*is no pin/);
  });

  it('keeps an older file when the transfer breaks', async (t) => {
    const dir = scratch(t);
    const file = join(dir, 'b');
    const system = await StandIn.start(t, {
      'GET /v1/sessions/s1/bundle': (_: unknown, response: import('node:http').ServerResponse) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => response.destroy());
      },
    });
    const { code, errors } = await system.run(['export', '--session', 's1', '-o', file]);
    assert.equal(code, 1);
    assert.match(errors[0]!, /^error API_UNREACHABLE/);
    assert.deepEqual(readdirSync(dir), []);
  });

  it('says where it cannot write', async (t) => {
    const system = await StandIn.start(t, { 'GET /v1/sessions/s1/bundle': {} });
    const { errors } = await system.run(['export', '--session', 's1', '-o', '/nowhere/b']);
    assert.match(errors[0]!, /^error FILE_UNWRITABLE: \/nowhere\//);
  });
});
