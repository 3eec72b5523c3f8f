/** What may be folded away, and the ways an agent could try to hide in it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '@vitrine/schema/record';
import { routineOf } from './routine.ts';

function read(path: string, more: JsonObject = {}, kind = 'file.read', severity = 0) {
  return routineOf({ kind, severity, record: { file: { path, real_path: path, ...more } } });
}

describe('routine reads', () => {
  it('are those of loader, locale, libraries and node_modules', () => {
    const cases: [string, string][] = [
      ['/etc/ld.so.cache', 'loader'],
      ['/lib/x86_64-linux-gnu/libc.so.6', 'loader'],
      ['/usr/lib64/libz.so', 'loader'],
      ['/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache', 'locale'],
      ['/usr/lib/locale/locale-archive', 'locale'],
      ['/usr/lib/locale/C.utf8/LC_CTYPE', 'locale'],
      ['/usr/share/locale/de/LC_MESSAGES/git.mo', 'locale'],
      ['/usr/share/zoneinfo/Europe/Berlin', 'locale'],
      ['/usr/lib/python3/json/decoder.py', 'system library'],
      ['/home/a/project/node_modules/left-pad/index.js', 'node_modules'],
    ];
    for (const [path, is] of cases) assert.equal(read(path), is, path);
    assert.equal(read('/etc/ld.so.cache', {}, 'file.open'), 'loader');
  });

  it('follow a link only to another routine place', () => {
    const path = '/lib/x86_64-linux-gnu/libc.so.6';
    assert.equal(read(path, { real_path: '/usr/lib/x86_64-linux-gnu/libc.so.6.2' }), 'loader');
    assert.equal(read(path, { real_path: '/home/a/.ssh/id_ed25519' }), undefined);
    assert.equal(read('/a/node_modules/b/c.js', { real_path: '/etc/shadow' }), undefined);
  });

  it('are not what was denied, written, severe or another kind', () => {
    const path = '/usr/lib/libz.so';
    assert.equal(read(path, { errno: 'EACCES' }), undefined);
    assert.equal(read(path, { flags: 'O_RDWR|O_CLOEXEC' }), undefined);
    assert.equal(read(path, { flags: 'O_RDONLY|O_CLOEXEC' }), 'loader');
    assert.equal(read(path, {}, 'file.write'), undefined);
    assert.equal(read(path, {}, 'file.delete'), undefined);
    assert.equal(read(path, {}, 'file.read', 1), undefined);
    assert.equal(routineOf({ kind: 'file.read', severity: 0, record: {} }), undefined);
  });

  it('are not what only looks like it', () => {
    for (const path of [
      '/tmp/evil.so',
      '/srv/lib/libc.so.6',
      '/usr/lib/../../etc/shadow',
      '/a/node_modules/../.env',
      '/a/node_modules/pkg/.env',
      '/a/node_modules/pkg/.npmrc',
      '/a/node_modules',
      'node_modules/a.js',
      '/etc/ld.so.preload',
      '/usr/libexec/x',
    ]) {
      assert.equal(read(path), undefined, path);
    }
  });

  it('are not records that have lost their chain', () => {
    const record = { broken: true, file: { path: '/etc/ld.so.cache' } };
    assert.equal(routineOf({ kind: 'file.read', severity: 0, record }), undefined);
  });
});

describe('heartbeats', () => {
  const beat = (record: JsonObject) =>
    routineOf({ kind: 'telemetry.heartbeat', severity: 0, record });
  it('are routine while nothing was dropped', () => {
    assert.equal(beat({ dropped: 0, counts: { unsent: 0 } }), 'heartbeat');
    assert.equal(beat({ dropped: 3 }), undefined);
    assert.equal(beat({ counts: { unsent: 1 } }), undefined);
  });
});
