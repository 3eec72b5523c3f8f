/** Mounts, their modes, and what is as good as a delete. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FILE_HISTORY_PATHS_MAX, type Grant } from '@vitrine/schema';
import { FileFacts } from './facts.ts';

const GRANTS: Grant[] = [
  { path: '/ws', mode: 'rw' },
  { path: '/ws/keep', mode: 'rw_no_delete' },
  { path: '/ro', mode: 'ro' },
];

type Step = [kind: string, path: string, more?: Record<string, string>];

/** What the last of some events is said to be. */
function last(...steps: Step[]): Record<string, unknown> {
  const facts = new FileFacts(GRANTS);
  const said = steps.map(([kind, path, more = {}]) =>
    facts.add(kind, { 'file.path': path, ...more }),
  );
  return said.at(-1)!;
}

function lossOf(...steps: Step[]): unknown[] {
  const said = last(...steps);
  return [said['file.delete_equivalent'], said['file.existed']];
}

const target = (path: string, flags = ''): Record<string, string> => ({
  'file.target_path': path,
  'file.flags': flags,
});
const TRUNCATES = { 'file.flags': 'O_WRONLY|O_CREAT|O_TRUNC' };
const MAKES_NEW = { 'file.flags': 'O_WRONLY|O_CREAT|O_EXCL|O_TRUNC' };

describe('the mount of a path', () => {
  const modeOf = (path: string): unknown => last(['file.read', path])['file.mount_mode'];

  it('is the innermost granted directory, by whole names', () => {
    assert.deepEqual(['/ws/a', '/ws/keep/a', '/ro'].map(modeOf), ['rw', 'rw_no_delete', 'ro']);
    assert.deepEqual(['/wsx/a', '/ws/keeper', '/etc/passwd', '/'].map(modeOf), [
      undefined,
      'rw',
      undefined,
      undefined,
    ]);
  });

  it('is that of the real path where it is known: a link does not change it', () => {
    const said = last(['file.write', '/ws/link', { 'file.real_path': '/ro/x' }]);
    assert.deepEqual([said['file.mount'], said['file.mount_mode']], ['/ro', 'ro']);
    const out = last(['file.read', '/ws/link', { 'file.real_path': '/etc/passwd' }]);
    assert.equal(out['file.mount'], undefined);
  });

  it('is told of both ends of a rename', () => {
    const said = last(['file.rename', '/ws/a', target('/ws/keep/a')]);
    assert.equal(said['file.mount_mode'], 'rw');
    assert.equal(said['file.target_mount_mode'], 'rw_no_delete');
  });
});

describe('as good as a delete', () => {
  it('is a truncation, also by an open, unless the file is new', () => {
    assert.deepEqual(lossOf(['file.truncate', '/ws/a']), ['truncate', undefined]);
    assert.deepEqual(lossOf(['file.create', '/ws/a', TRUNCATES]), ['truncate', undefined]);
    assert.deepEqual(lossOf(['file.create', '/ws/a', MAKES_NEW]), [undefined, undefined]);
    const twice = lossOf(['file.create', '/ws/a', MAKES_NEW], ['file.create', '/ws/a', TRUNCATES]);
    assert.deepEqual(twice, ['truncate', true]);
    assert.deepEqual(lossOf(['file.write', '/ws/a']), [undefined, undefined]);
  });

  it('is a rename over a file, but for one that must find none', () => {
    assert.deepEqual(lossOf(['file.rename', '/ws/a', target('/ws/b')]), ['rename_over', undefined]);
    const known = lossOf(['file.read', '/ws/b'], ['file.rename', '/ws/a', target('/ws/b')]);
    assert.deepEqual(known, ['rename_over', true]);
    const careful = target('/ws/b', 'RENAME_NOREPLACE');
    assert.deepEqual(lossOf(['file.rename', '/ws/a', careful]), [undefined, undefined]);
  });

  it('is a rename out of the mount', () => {
    const away = lossOf(['file.rename', '/ws/keep/a', target('/tmp/a', 'RENAME_NOREPLACE')]);
    assert.deepEqual(away, ['rename_away', undefined]);
    const into = lossOf(['file.rename', '/ws/a', target('/ws/keep/a')]);
    assert.deepEqual(into, ['rename_over', undefined], 'what is in the stricter mount counts');
  });

  it('is another file under the name of one that was deleted', () => {
    const unlinked: Step = ['file.delete', '/ws/a'];
    assert.deepEqual(lossOf(unlinked, ['file.create', '/ws/a', MAKES_NEW]), ['replace', false]);
    assert.deepEqual(lossOf(unlinked, ['file.symlink', '/ws/a']), ['replace', false]);
    const moved = lossOf(unlinked, ['file.rename', '/ws/b', target('/ws/a', 'RENAME_NOREPLACE')]);
    assert.deepEqual(moved, ['replace', false]);
  });

  it('is told of what was denied, which changes nothing', () => {
    const denied = { ...TRUNCATES, 'file.errno': 'EACCES' };
    assert.deepEqual(lossOf(['file.create', '/ws/a', denied]), ['truncate', undefined]);
    const after = lossOf(['file.delete', '/ws/a', denied], ['file.create', '/ws/a', TRUNCATES]);
    assert.deepEqual(after, ['truncate', undefined]);
  });

  it('is nothing where nobody was granted to write', () => {
    assert.deepEqual(lossOf(['file.truncate', '/ro/a']), [undefined, undefined]);
    assert.deepEqual(lossOf(['file.truncate', '/dev/null']), [undefined, undefined]);
  });
});

describe('what is remembered', () => {
  it('is bounded, and then the oldest is unknown again', () => {
    const facts = new FileFacts(GRANTS);
    facts.add('file.read', { 'file.path': '/ws/first' });
    for (let i = 1; i < FILE_HISTORY_PATHS_MAX; i++) {
      facts.add('file.read', { 'file.path': `/ws/${i}` });
    }
    const existed = (): unknown =>
      facts.add('file.truncate', { 'file.path': '/ws/first', 'file.errno': 'EPERM' })[
        'file.existed'
      ];
    assert.equal(existed(), true);
    facts.add('file.read', { 'file.path': '/ws/one-too-many' });
    assert.equal(existed(), undefined);
  });
});
