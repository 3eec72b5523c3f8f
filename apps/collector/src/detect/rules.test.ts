/** Folders of rules as people and accidents leave them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RULE_BYTES_MAX, RULES_MAX } from '@vitrine/schema';
import { readRules, watchRules } from './rules.ts';

const root = mkdtempSync(join(tmpdir(), 'vitrine-rules-'));
after(() => rmSync(root, { recursive: true }));
const WAIT_MS_MAX = 20_000;

function folder(name: string): string {
  const dir = join(root, name);
  mkdirSync(dir);
  return dir;
}

test('what is no file costs itself alone, and nothing is waited for', () => {
  const dir = folder('odd');
  writeFileSync(join(dir, 'A-001.yml'), 'title: a\n');
  mkdirSync(join(dir, 'B-001.yml'));
  assert.equal(spawnSync('mkfifo', [join(dir, 'C-001.yml')]).status, 0);
  symlinkSync('/nowhere', join(dir, 'D-001.yml'));
  symlinkSync('/dev/zero', join(dir, 'E-001.yml'));
  symlinkSync(join(dir, 'A-001.yml'), join(dir, 'F-001.yaml'));
  symlinkSync(dir, join(dir, 'G-001.yml'));
  const { files, unread } = readRules({ builtin: false, dir });
  assert.deepEqual(
    files.map(({ name, text }) => [name, text]),
    [
      ['A-001.yml', 'title: a\n'],
      ['F-001.yaml', 'title: a\n'],
    ],
  );
  const codes = new Set(unread.map(({ code }) => code));
  assert.deepEqual(
    unread.map(({ file }) => file),
    ['B-001.yml', 'C-001.yml', 'D-001.yml', 'E-001.yml', 'G-001.yml'],
  );
  assert.deepEqual([...codes], ['RULE_UNREADABLE']);
});

test('no more is read of a file than says that it is too large', () => {
  const dir = folder('large');
  writeFileSync(join(dir, 'A-001.yml'), 'x'.repeat(RULE_BYTES_MAX));
  writeFileSync(join(dir, 'B-001.yml'), 'x'.repeat(RULE_BYTES_MAX * 3));
  const { files } = readRules({ builtin: false, dir });
  assert.deepEqual(
    files.map(({ text }) => text.length),
    [RULE_BYTES_MAX, RULE_BYTES_MAX + 1],
  );
});

test('a folder is read up to its bound, and that it has more is said', () => {
  const dir = folder('many');
  for (let n = 0; n < RULES_MAX; n++) writeFileSync(join(dir, `R-${n}.yml`), '');
  assert.deepEqual(readRules({ builtin: false, dir }).unread, []);
  writeFileSync(join(dir, 'R-last.yml'), '');
  const { files, unread } = readRules({ builtin: false, dir });
  assert.equal(files.length, RULES_MAX);
  assert.match(unread[0]!.reason, /has 2001 rule files, 2000 at most/);
});

test('a folder that is a file is said to be one; the shipped rules are read all the same', () => {
  const dir = join(root, 'file');
  writeFileSync(dir, '');
  const { files, unread } = readRules({ builtin: true, dir });
  assert.ok(files.length > 0);
  assert.deepEqual(
    unread.map(({ file, code }) => [file, code]),
    [['file', 'RULE_UNREADABLE']],
  );
});

test('a folder that is taken away and made again is followed still', async (t) => {
  const dir = folder('again');
  let told = 0;
  t.after(watchRules({ builtin: false, dir }, () => told++, assert.fail));
  const changes = async (): Promise<void> => {
    const before = told;
    for (const end = performance.now() + WAIT_MS_MAX; told === before; await sleep(10)) {
      assert.ok(performance.now() < end, 'it was not told');
    }
  };
  rmSync(dir, { recursive: true });
  await changes();
  writeFileSync(join(dir, 'A-001.yml'), '');
  await changes();
});
