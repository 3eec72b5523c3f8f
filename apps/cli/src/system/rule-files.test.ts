import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readRuleFiles } from './rule-files.ts';

describe('readRuleFiles', () => {
  it('takes YAML files of all folders, sorted, and nothing else', () => {
    const dir = mkdtempSync(join(tmpdir(), 'vitrine-rules-'));
    try {
      mkdirSync(join(dir, 'mine'));
      writeFileSync(join(dir, 'mine', 'B-002.yaml'), 'b');
      writeFileSync(join(dir, 'A-001.yml'), 'a');
      writeFileSync(join(dir, 'README.md'), '');
      assert.deepEqual(readRuleFiles(dir), [
        { name: 'A-001.yml', text: 'a' },
        { name: join('mine', 'B-002.yaml'), text: 'b' },
      ]);
      assert.deepEqual(readRuleFiles(join(dir, 'A-001.yml')), [{ name: 'A-001.yml', text: 'a' }]);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('says that the directory is not there', () => {
    assert.throws(() => readRuleFiles('/nowhere/rules'), { code: 'FILE_UNREADABLE' });
  });
});
