import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { ApiError } from '../api/errors.ts';
import { Cursors } from './cursors.ts';
import { pullFilter } from './streams.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-cursors-'));
after(() => rmSync(dir, { recursive: true }));

const cursors = new Cursors(dir, '0a1b2c3d');
const all = pullFilter('events', () => undefined);
const some = pullFilter('events', (name) => (name === 'kind' ? 'file.read' : undefined));

function codeOf(read: () => unknown): string {
  try {
    return `read ${read()}`;
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return error.code;
  }
}

describe('a cursor', () => {
  it('outlives a restart, and its key is for its owner alone', () => {
    const cursor = cursors.write(all, 42);
    assert.equal(new Cursors(dir, '0a1b2c3d').read(cursor, all), 42);
    assert.equal(statSync(join(dir, 'pull.key')).mode & 0o777, 0o600);
    assert.ok(!cursor.includes(readFileSync(join(dir, 'pull.key'), 'utf8')));
  });

  it('is of one stream and one filter', () => {
    const cursor = cursors.write(some, 7);
    assert.equal(cursors.read(cursor, some), 7);
    assert.equal(
      codeOf(() => cursors.read(cursor, all)),
      'CURSOR_FILTER_MISMATCH',
    );
    const alerts = pullFilter('alerts', () => undefined);
    assert.equal(
      codeOf(() => cursors.read(cursor, alerts)),
      'CURSOR_STREAM_MISMATCH',
    );
  });

  it('is not read with any bit of it changed', () => {
    const cursor = cursors.write(all, 42);
    const bytes = Buffer.from(cursor, 'base64url');
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const other = Buffer.from(bytes);
      other[bit >> 3]! ^= 1 << (bit & 7);
      const code = codeOf(() => cursors.read(other.toString('base64url'), all));
      assert.match(code, /^CURSOR_(ALTERED|OTHER_LOG)$/, `bit ${bit}`);
    }
    for (const text of [`${cursor}A`, `${cursor} `, cursor.slice(1), '', `${cursor}=`]) {
      assert.equal(
        codeOf(() => cursors.read(text, all)),
        'CURSOR_ALTERED',
      );
    }
  });

  it('is refused by its name where it is of another log, and without one after another key', () => {
    const other = mkdtempSync(join(dir, 'other-'));
    const theirs = new Cursors(other, 'ffffffff').write(all, 1);
    assert.equal(
      codeOf(() => cursors.read(theirs, all)),
      'CURSOR_OTHER_LOG',
    );
    const before = new Cursors(other, '0a1b2c3d').write(all, 1);
    assert.equal(
      codeOf(() => cursors.read(before, all)),
      'CURSOR_ALTERED',
    );
  });

  it('of anything is a coded refusal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (text) => {
        assert.equal(
          codeOf(() => cursors.read(text, all)),
          'CURSOR_ALTERED',
        );
      }),
    );
    const json = fc.json({ maxDepth: 2 }).map((text) => {
      return Buffer.concat([Buffer.alloc(32), Buffer.from(text)]).toString('base64url');
    });
    fc.assert(
      fc.property(json, (text) => {
        assert.equal(
          codeOf(() => cursors.read(text, all)),
          'CURSOR_ALTERED',
        );
      }),
    );
  });
});
