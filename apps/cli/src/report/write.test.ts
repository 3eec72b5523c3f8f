/** Where a report may be written: beside the evidence, never over it. */
import assert from 'node:assert/strict';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { dir, verify } from './report.fixture.ts';

describe('where a report is written', () => {
  it('is never over a file it is about, whatever it is called', async () => {
    const path = (name: string): string => join(dir, name);
    for (const name of ['session-closed.vitrine.json', 'trust.txt', 'pin.json']) {
      writeFileSync(path(name), readFileSync(name));
    }
    symlinkSync(path('session-closed.vitrine.json'), path('soft'));
    linkSync(path('trust.txt'), path('hard'));
    const args = [path('session-closed.vitrine.json'), '--trust', path('trust.txt')];
    for (const name of ['session-closed.vitrine.json', 'trust.txt', 'pin.json', 'soft', 'hard']) {
      const { code, err } = await verify(
        ...args,
        '--pin',
        path('pin.json'),
        '--report',
        path(name),
      );
      assert.equal(code, 2, name);
      assert.match(err, /^error USAGE: --report \S+ would be written over /);
    }
    for (const name of ['session-closed.vitrine.json', 'trust.txt', 'pin.json']) {
      assert.deepEqual(readFileSync(path(name)), readFileSync(name));
    }
  });

  it('ends with 2 and a hint where nothing can be written, and leaves nothing behind', async () => {
    const args = ['event.vitrine.json', '--trust', 'trust.txt', '--report'];
    mkdirSync(join(dir, 'folder'));
    for (const path of [join(dir, 'folder'), join(dir, 'nowhere', 'a.html')]) {
      const { code, err, out } = await verify(...args, path);
      assert.equal(code, 2);
      assert.match(out, /^PROVEN/);
      assert.match(err, /error FILE_UNWRITABLE: [\s\S]*choose another --report FILE/);
    }
    assert.deepEqual(
      readdirSync(dir).filter((name) => name.endsWith('.part')),
      [],
    );
  });
});
