/** Lines that people copy into a shell: names in them come from outside. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { eventFile, exportEvent, exportSession, verifyFile } from './commands.ts';

test('the lines for one event and for a session', () => {
  const item = { log: 'default.0.1', index: 1_234 };
  assert.equal(
    exportEvent(item),
    'npx --no vitrine export --event default.0.1/1234 -o default.0.1-1234.vitrine.json',
  );
  assert.equal(exportSession('s:2'), 'npx --no vitrine export --session s:2 -o s_2.vitrine.json');
  assert.equal(
    verifyFile(eventFile(item)),
    'npx --no vitrine verify default.0.1-1234.vitrine.json --trust trust.txt',
  );
});

test('no name can become another word, a command or an option', () => {
  for (const name of ['a b', '$(id)', "it's", '`id`', ';id', '-o', '|id', 'a\nb', '']) {
    const line = exportSession(name).replace('npx --no vitrine', 'printf "%s\\0"');
    const words = execFileSync('/bin/sh', ['-c', line]).toString().split('\0').slice(0, -1);
    assert.equal(words[2], name);
    assert.deepEqual([words.length, words[0], words[3]], [5, 'export', '-o']);
  }
});
