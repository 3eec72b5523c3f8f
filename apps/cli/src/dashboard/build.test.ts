import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { detectMachine } from '@vitrine/shim';
import { buildDashboard } from './build.ts';
import { type Build, currentDist } from './builds.ts';
import { TestClone } from './clone.fixture.ts';

const run = promisify(execFile);
const BUILD = fileURLToPath(new URL('build.ts', import.meta.url));
const needsBwrap =
  detectMachine().bwrap || process.env.VITRINE_REQUIRE === 'all' ? false : 'needs bubblewrap';

function building(t: TestContext): {
  clone: TestClone;
  said: string[];
  build: () => Promise<Build>;
} {
  const clone = new TestClone(t);
  const said: string[] = [];
  const { signal } = new AbortController();
  const log = (line: string): void => void said.push(line);
  return { clone, said, build: () => buildDashboard({ place: clone, log, signal }) };
}

describe('buildDashboard', () => {
  it('builds once, and again when something it is made from has changed', async (t) => {
    const { clone, said, build } = building(t);
    (await build()).release();
    (await build()).release();
    assert.equal(clone.builds, 1);
    assert.match(said.join('\n'), /^building the dashboard \(first start: about 15 s\)\nbuilt /);
    const made = ['apps/dashboard/app/page.tsx', 'packages/chain/src/a.ts', 'package-lock.json'];
    for (const [i, path] of made.entries()) {
      clone.write(path, 'other');
      assert.equal(currentDist(clone), undefined, path);
      (await build()).release();
      assert.equal(clone.builds, i + 2, path);
    }
    const unread = [
      'app/a.test.ts',
      '.next/x',
      'node_modules/x',
      'next-env.d.ts',
      'tsconfig.next.json',
    ];
    for (const path of unread) {
      clone.write(`apps/dashboard/${path}`, 'other');
      assert.equal(currentDist(clone), '.next', path);
    }
  });

  it('builds once when several want it at the same time', async (t) => {
    const { clone, said, build } = building(t);
    await Promise.all([build(), build(), build()]);
    assert.equal(clone.builds, 1);
    assert.ok(said.includes('another process builds the dashboard: waiting for it'));
  });

  it('does not wait for ever on a name that any user can hold', async (t) => {
    const { clone } = building(t);
    const name = createHash('sha256').update(clone.app).digest('hex').slice(0, 32);
    const holder = createServer().listen(`\0vitrine-build-${name}`);
    t.after(() => holder.close());
    await once(holder, 'listening');
    const { signal } = new AbortController();
    const options = { place: clone, log: () => {}, signal, lockMsMax: 100 };
    await assert.rejects(buildDashboard(options), {
      code: 'DASHBOARD_FAILED',
      hint: /no-dashboard/,
    });
    assert.equal(clone.builds, 0);
  });

  it('hands on what Next said of its failure, and tries again the next time', async (t) => {
    const { clone, build } = building(t);
    clone.write('apps/dashboard/app/page.tsx', 'fail build');
    await assert.rejects(build(), { code: 'DASHBOARD_FAILED', hint: /it does not build/ });
    assert.equal(currentDist(clone), undefined);
    clone.write('apps/dashboard/app/page.tsx', 'good');
    await build();
    assert.equal(currentDist(clone), '.next');
  });

  it('takes no build that was interrupted for one', async (t) => {
    const clone = new TestClone(t);
    clone.write('apps/dashboard/app/page.tsx', 'slow');
    const controller = new AbortController();
    const { signal } = controller;
    const begun = buildDashboard({ place: clone, log: () => controller.abort(), signal });
    await assert.rejects(begun, { name: 'AbortError' });
    assert.equal(currentDist(clone), undefined);
    clone.write('apps/dashboard/app/page.tsx', 'quick');
    await buildDashboard({ place: clone, log: () => {}, signal: new AbortController().signal });
  });

  it('builds beside one that is in use, and clears that away when it is not', async (t) => {
    const { clone, build } = building(t);
    const first = await build();
    clone.write('apps/dashboard/app/page.tsx', 'other');
    const second = await build();
    assert.match(second.dist, /^\.next-[0-9a-f]{12}$/);
    assert.equal(currentDist(clone), second.dist);
    const shared = await build();
    assert.equal(shared.dist, second.dist);
    for (const claimed of [first, second]) claimed.release();
    clone.write('apps/dashboard/app/page.tsx', 'third');
    assert.equal((await build()).dist, '.next');
    assert.equal(existsSync(join(clone.app, second.dist)), true, 'somebody uses it');
    shared.release();
    clone.write('apps/dashboard/app/page.tsx', 'fourth');
    await build();
    assert.equal(existsSync(join(clone.app, second.dist)), false);
    assert.equal(clone.builds, 4);
  });

  it('does not take the file of a process that is gone for one that uses it', async (t) => {
    const { clone, build } = building(t);
    (await build()).release();
    // Whoever had this number before: a process of another start.
    clone.write(`apps/dashboard/.next/vitrine-users/${process.pid}.99`, '1');
    clone.write('apps/dashboard/app/page.tsx', 'other');
    assert.equal((await build()).dist, '.next');
  });

  it('says what to do in a clone that cannot be written', { skip: needsBwrap }, async (t) => {
    const clone = new TestClone(t);
    const code = `
      const { buildDashboard } = await import(${JSON.stringify(BUILD)});
      const place = { root: ${JSON.stringify(clone.root)}, app: ${JSON.stringify(clone.app)} };
      const { signal } = new AbortController();
      await buildDashboard({ place, log: () => {}, signal }).catch((error) => {
        console.log(error.code, error.message, error.hint);
      });`;
    const node = [process.execPath, '--input-type=module', '-e', code];
    const { stdout } = await run('bwrap', ['--ro-bind', '/', '/', '--dev', '/dev', '--', ...node]);
    assert.match(stdout, /^DASHBOARD_FAILED .* cannot be written npm run build/);
    assert.equal(clone.builds, 0);
  });
});
