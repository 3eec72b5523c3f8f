/** What a rule set is called, and what the log says of a change to it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { RULE_CHANGES_NAMED_MAX } from '@vitrine/schema';
import { changeFields, changeOf, hashesOf, setHash } from './rule-set.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-rule-set-'));
after(() => rmSync(dir, { recursive: true }));

const file = (name: string, text: string) => ({ name, text });
const before = [file('A-001.yml', 'a'), file('B-001.yml', 'b'), file('C-001.yml', 'c')];
const now = [file('C-001.yml', 'other'), file('A-001.yml', 'a'), file('D-001.yml', 'd')];

test('a set has the name that sha256sum gives its folder', () => {
  for (const { name, text } of now) writeFileSync(join(dir, name), text);
  const shell = spawnSync('sh', ['-c', 'LC_ALL=C sha256sum *.yml | sha256sum'], { cwd: dir });
  assert.equal(setHash(now), shell.stdout.toString().split(' ')[0]);
});

test('a change names what came, what went and what is another', () => {
  const known = { hash: setHash(before), rules: hashesOf(before) };
  assert.deepEqual(changeOf(known, now), {
    ...{ hash: setHash(now), was: setHash(before), count: 3 },
    ...{ added: ['D-001'], removed: ['B-001'], changed: ['C-001'] },
  });
  const first = changeOf(undefined, before);
  assert.equal(first.was, null);
  assert.deepEqual(first.added, ['A-001', 'B-001', 'C-001']);
});

test('a record names so many ids and counts the others', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => file(`R-${i}.yml`, ''));
  const exact = changeFields(changeOf(undefined, many(RULE_CHANGES_NAMED_MAX)));
  assert.equal(exact.added_total, undefined);
  const more = changeFields(changeOf(undefined, many(RULE_CHANGES_NAMED_MAX + 1)));
  assert.equal((more.added as string[]).length, RULE_CHANGES_NAMED_MAX);
  assert.equal(more.added_total, RULE_CHANGES_NAMED_MAX + 1);
});
