import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { processStart } from '../system/machine.ts';
import { StandIn } from './stand-in.ts';

const ELSEWHERE = { dashboard_port: 3000, public_url: 'https://vitrine.example' };

function standIn(t: TestContext): Promise<StandIn> {
  const made = { code: 'c-1', expires: '2026-11-28T12:15:00.000Z' };
  return StandIn.start(t, { 'POST /v1/login-codes': made });
}

function writeDashboardFile(system: StandIn, start = processStart(process.pid)): void {
  const file = { pid: process.pid, start, url: 'http://127.0.0.1:3100' };
  writeFileSync(join(system.dataDir, 'dashboard.json'), JSON.stringify(file));
}

describe('login', () => {
  it('prints a link with a fresh code behind the #, where no server sees it', async (t) => {
    const system = await standIn(t);
    system.say({ dashboard_port: 3100, public_url: 'http://127.0.0.1:3100' });
    writeDashboardFile(system);
    const { code, lines, errors } = await system.run(['login']);
    assert.equal(code, 0);
    assert.deepEqual(lines, ['http://127.0.0.1:3100/login#code=c-1']);
    assert.deepEqual(errors, ['it works once, until 2026-11-28T12:15:00.000Z']);
    assert.deepEqual(
      system.asked.map(({ call }) => call),
      ['POST /v1/login-codes'],
    );
  });

  it('is for whom it is said to be', async (t) => {
    const system = await standIn(t);
    system.say(ELSEWHERE);
    await system.run(['login', '--role', 'analyst', '--name', 'Ada']);
    assert.deepEqual(JSON.parse(system.asked[0]!.body), { role: 'analyst', name: 'Ada' });
    assert.equal((await system.run(['login', '--role', 'ingest'])).code, 2);
  });

  it('leads to a page, and to the address people use', async (t) => {
    const system = await standIn(t);
    system.say(ELSEWHERE);
    const { lines } = await system.run(['login', '--to', '/alerts?a=3', '--json']);
    assert.deepEqual(JSON.parse(lines.join('')), {
      url: 'https://vitrine.example/login?to=%2Falerts%3Fa%3D3#code=c-1',
      expires: '2026-11-28T12:15:00.000Z',
    });
  });

  it('asks for no code when no dashboard runs, or one left its file behind', async (t) => {
    const system = await standIn(t);
    for (const leftBehind of [false, true]) {
      if (leftBehind) writeDashboardFile(system, '1');
      const { code, errors } = await system.run(['login']);
      assert.equal(code, 1);
      assert.match(errors[0]!, /^error DASHBOARD_ABSENT: /);
    }
    assert.deepEqual(system.asked, []);
  });

  it('leads to no other host', async (t) => {
    const system = await standIn(t);
    system.say(ELSEWHERE);
    for (const to of ['https://evil.example/', '//evil.example/', 'alerts', '/a b']) {
      const { code, errors } = await system.run(['login', '--to', to]);
      assert.equal(code, 2, to);
      assert.match(errors[0]!, /^error USAGE: --to must be a path/);
    }
  });
});
