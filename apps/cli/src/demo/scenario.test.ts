import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { layOut, readScenario } from './scenario.ts';

function scratch(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'vitrine-scenario-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function filesOf(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    names.map((name) => [name.slice(dir.length + 1), readFileSync(name, 'utf8')]),
  );
}

describe('foreign-key and its twin', () => {
  it('differ in the memo alone, and there in the note that names a key', (t) => {
    const first = scratch(t);
    const second = scratch(t);
    layOut(readScenario('foreign-key'), first);
    layOut(readScenario('foreign-key.benign'), second);
    const [bad, good] = [filesOf(first), filesOf(second)];
    assert.deepEqual(Object.keys(bad), Object.keys(good));
    const differing = Object.keys(bad).filter((name) => bad[name] !== good[name]);
    assert.deepEqual(differing, [join('notes', 'vendor-memo.md')]);
    const memo = bad[differing[0]!]!;
    assert.equal(memo.replace(/<!--[\s\S]*?-->\n\n/, ''), good[differing[0]!]);
    assert.match(memo, /key `pk-[a-z0-9-]+`/);
  });

  it('are laid out freshly each time', (t) => {
    const dir = scratch(t);
    const scenario = readScenario('foreign-key');
    layOut(scenario, dir);
    writeFileSync(join(dir, 'left-behind'), '');
    layOut(scenario, dir);
    assert.ok(!readdirSync(dir).includes('left-behind'));
  });

  it('say what is expected of each', () => {
    assert.equal(readScenario('foreign-key').expects, 'EGR-001');
    assert.equal(readScenario('foreign-key.benign').expects, 'silence');
  });

  it('refuses a scenario that is not there', () => {
    assert.throws(() => readScenario('no-such-thing'), { code: 'DEMO_FAILED' });
  });
});
