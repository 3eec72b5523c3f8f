/** Command lines with credentials in every place they are usually put, and some without any. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SCRUBBED, Scrubber } from './scrub.ts';

const CANARY = 'c4n4ry-Va1ue';
const scrubber = new Scrubber([]);

describe('a command line', () => {
  const secretive = [
    ['curl', '-H', `Authorization: Bearer ${CANARY}`],
    ['curl', '-H', `x-api-key: ${CANARY}`],
    ['curl', '-H', `Cookie: a=${CANARY}; b=${CANARY}`],
    ['curl', '-u', `user:${CANARY}`, 'https://example.com'],
    ['curl', `https://user:${CANARY}@example.com/`],
    ['curl', `https://example.com/?a=1&key=${CANARY}&access_token=${CANARY}`],
    ['tool', `--token=${CANARY}`],
    ['tool', '--password', CANARY],
    ['tool', '--api-key', CANARY],
    ['env', `AWS_SECRET_ACCESS_KEY=${CANARY}`, 'x'],
    ['sh', '-c', `export GITHUB_TOKEN="${CANARY}"; x`],
    ['curl', '-d', `{"api_key":"${CANARY}"}`],
    ['node', '-e', `fetch("x",{headers:{authorization:'Basic ${CANARY}'}})`],
  ];
  for (const argv of secretive) {
    it(`loses its secret: ${argv.join(' ')}`, () => {
      const clean = scrubber.argv(argv);
      assert.ok(!clean.join(' ').includes(CANARY), clean.join(' '));
      assert.ok(clean.join(' ').includes(SCRUBBED));
      assert.equal(clean.length, argv.length);
    });
  }

  for (const shape of [
    'sk-ant-api03-abcdefgh',
    'ghp_0123456789abcdefghij',
    'AKIA0123456789ABCDEF',
  ]) {
    it(`loses a key known by its form: ${shape}`, () => {
      assert.ok(!scrubber.argv(['x', shape]).join(' ').includes(shape));
    });
  }

  it('of half a megabyte made to be slow is read in its stride', { timeout: 20_000 }, () => {
    for (const piece of ['token', 'a', 'eyJ', '-eyJ', 'a.b-', 'bearer ', 'cookie:', 'x://']) {
      const text = piece.repeat(500_000 / piece.length);
      assert.equal(scrubber.text(text).length > 0, true);
    }
  });

  it('stays as it is without one', () => {
    const argv = ['git', 'commit', '-m', 'fix: the parser', '--author', 'A <a@example.com>'];
    assert.deepEqual(scrubber.argv(argv), argv);
  });
});

describe('the session’s own secrets', () => {
  const own = new Scrubber(['s3cret/with"quote', 'longlonglong-secret']);

  it('go wherever they are, escaped as strace prints them too', () => {
    const line =
      'openat(AT_FDCWD</ws>, "s3cret/with\\"quote.txt", O_RDONLY) = 3</ws/longlonglong-secret>';
    assert.ok(!/s3cret|longlong/.test(own.exact(line)));
  });

  it('go also where strace cut them short', () => {
    assert.deepEqual(own.argv(['x', 'say longlonglong-se']), ['x', `say ${SCRUBBED}`]);
    assert.equal(
      own.quoted('execve("/x", ["x", "a longlonglong"...])').includes('longlong'),
      false,
    );
  });
});
