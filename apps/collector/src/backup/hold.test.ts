import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { BackupHold } from './hold.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-hold-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const KEEP_MS = 60_000;

describe('the hold of backups', () => {
  it('lets nothing wait where no backups are made', () => {
    const hold = new BackupHold(join(dir, 'backup'), 0);
    hold.take(5);
    assert.equal(hold.size, Number.POSITIVE_INFINITY);
  });

  it('is what the largest backup has, also after a restart', () => {
    const hold = new BackupHold(join(dir, 'backup'), KEEP_MS);
    assert.equal(hold.size, 0);
    hold.take(7);
    hold.take(5);
    assert.equal(hold.size, 7);
    assert.equal(new BackupHold(join(dir, 'backup'), KEEP_MS).size, 7);
  });

  it('ends when no backup came for as long as copies are kept', () => {
    new BackupHold(join(dir, 'backup'), KEEP_MS).take(7);
    const at = (agoMs: number): number => {
      const then = new Date(Date.now() - agoMs);
      utimesSync(join(dir, 'backup'), then, then);
      return new BackupHold(join(dir, 'backup'), KEEP_MS).size;
    };
    assert.equal(at(KEEP_MS - 5_000), 7);
    assert.equal(at(KEEP_MS + 5_000), Number.POSITIVE_INFINITY);
  });
});
