/** What stands in the clear of a command line, and what does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scrubber } from '@vitrine/schema';
import { argvAttributes } from './argv.ts';

function wordsOf(program: string, ...argv: string[]): unknown {
  const { 'process.git.command': command, 'process.git.options': options } = argvAttributes(
    program,
    argv,
    new Scrubber([]),
  );
  return command === undefined ? undefined : [command, options];
}

test("git's command and the names of its options are told, their values are not", () => {
  const git = (...argv: string[]): unknown => wordsOf('/usr/bin/git', 'git', ...argv);
  assert.deepEqual(git('log', '-p', '--all', '--author=mika', '-Ssecret'), [
    'log',
    ['-p', '--all', '--author', '-S'],
  ]);
  assert.deepEqual(git('-C', '/code', '-c', 'a=b', '--no-pager', 'reflog'), ['reflog', undefined]);
  assert.deepEqual(git('--git-dir', 'show', 'fsck', '--lost-found'), ['fsck', ['--lost-found']]);
  assert.deepEqual(git('add', '--', '-p'), ['add', undefined]);
  assert.equal(git(), undefined);
  assert.equal(git('--version'), undefined);
  assert.equal(git('Not a command'), undefined);
});

test('it is the program that counts, not what it is told it is called', () => {
  assert.deepEqual(wordsOf('/usr/lib/git-core/git', 'harmless', 'log', '-p'), ['log', ['-p']]);
  assert.equal(wordsOf('/usr/bin/curl', 'git', 'log', '-p'), undefined);
  assert.equal(wordsOf('/usr/bin/curl', 'curl', '-H', 'x: y'), undefined);
});

test('of endless options the first are told', () => {
  const many = Array.from({ length: 100 }, (_, i) => `--o${i}`);
  const [, options] = wordsOf('/usr/bin/git', 'git', 'log', ...many) as [string, string[]];
  assert.equal(options.length, 16);
});
