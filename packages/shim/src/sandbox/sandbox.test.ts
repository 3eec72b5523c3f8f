/** What is decided before a sandbox starts: tools, grants, hidden directories, sockets. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { bwrapArguments } from './bwrap.ts';
import { detectMachine, type Probe } from './detect.ts';
import { checkGrants, isWithin } from './grant.ts';
import { findSockets } from './sockets.ts';
import { straceArguments } from './strace.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'vitrine-sandbox-')));
for (const name of ['ws/data', 'ws/deep/er', 'other'])
  mkdirSync(join(root, name), { recursive: true });
writeFileSync(join(root, 'file'), '');
after(() => rmSync(root, { recursive: true, force: true }));
const at = (name: string): string => join(root, name);

describe('a machine', () => {
  const works: Probe = { found: true, ok: true, says: '' };
  const gone: Probe = { found: false, ok: false, says: '' };
  const forbidden: Probe = { found: true, ok: false, says: 'No permissions to create a namespace' };
  const machineOf = (bwrap: Probe, strace: Probe) =>
    detectMachine((program) => (program === 'bwrap' ? bwrap : strace));

  it('with both has nothing to install', () => {
    assert.deepEqual(machineOf(works, works), {
      bwrap: true,
      strace: true,
      absent: [],
      install: '',
    });
  });

  it('without either says so, and the one line that helps', () => {
    const { bwrap, strace, absent, install } = machineOf(gone, gone);
    assert.deepEqual([bwrap, strace], [false, false]);
    assert.deepEqual(
      absent.map(({ source }) => source),
      ['sandbox', 'strace'],
    );
    assert.equal(install, 'sudo apt-get install -y bubblewrap strace');
  });

  it('where namespaces are forbidden has nothing to install, but no sandbox either', () => {
    const { bwrap, absent, install } = machineOf(forbidden, works);
    assert.deepEqual([bwrap, install], [false, '']);
    assert.match(absent[0]!.reason, /No permissions/);
  });
});

describe('grants', () => {
  const check = (more: object) =>
    checkGrants({ workspace: at('ws'), ro: [], rw: [], hidden: [], ...more });

  it('are real paths, outer ones first', () => {
    symlinkSync(at('other'), at('link'));
    const { grants } = check({ rw: [at('ws/deep/er')], ro: [at('link')] });
    assert.deepEqual(grants, [
      { path: at('other'), mode: 'ro' },
      { path: at('ws'), mode: 'rw' },
      { path: at('ws/deep/er'), mode: 'rw' },
    ]);
  });

  it('mask what is hidden in them and ignore what is hidden elsewhere', () => {
    assert.deepEqual(check({ hidden: [at('ws/data'), at('other'), at('nowhere')] }).masked, [
      at('ws/data'),
    ]);
  });

  const refused: [string, object][] = [
    ['the root', { rw: ['/'] }],
    ['/proc', { ro: ['/proc'] }],
    ['a file', { ro: [at('file')] }],
    ['what is not there', { ro: [at('nowhere')] }],
    ['a directory inside a hidden one', { rw: [at('ws/data')], hidden: [at('ws/data')] }],
    ['a workspace inside a hidden directory', { hidden: [root] }],
  ];
  for (const [what, more] of refused) {
    it(`are refused: ${what}`, () => {
      assert.throws(() => check(more), { code: 'GRANT_INVALID' });
    });
  }

  it('know what lies in what', () => {
    assert.deepEqual(
      [isWithin('/a/b', '/a'), isWithin('/a', '/a'), isWithin('/ab', '/a'), isWithin('/', '/a')],
      [true, true, false, false],
    );
    assert.equal(isWithin('/a/..b', '/a'), true);
  });
});

describe('sockets', () => {
  it('are found at any depth, links not followed', async () => {
    const path = at('ws/deep/er/s.sock');
    const server = createServer().listen(path);
    symlinkSync(at('ws'), at('other/ws'));
    assert.deepEqual(await findSockets([root]), { sockets: [path], unfinished: [] });
    server.close();
  });

  it('are covered unless what they lie in is', () => {
    const checked = checkGrants({ workspace: at('ws'), ro: [], rw: [], hidden: [at('ws/data')] });
    const sockets = [at('ws/x.sock'), at('ws/data/y.sock')];
    const argv = bwrapArguments({
      checked,
      home: '/',
      ours: {},
      sockets,
      secret: [],
      infoFd: 3,
      command: ['x'],
    });
    const covered = argv.filter((_, i) => argv[i - 1] === '/dev/null');
    assert.deepEqual(
      covered.filter((path) => path.endsWith('.sock')),
      [at('ws/x.sock')],
    );
    const mask = argv.findIndex((text, i) => text === at('ws/data') && argv[i - 1] === '--tmpfs');
    assert.ok(mask > argv.indexOf(at('ws')), 'the mask is over the grant');
  });
});

describe('the command line of strace', () => {
  it('is fast only when asked to be, for that has a blind spot', () => {
    const layout = { output: '/f', command: ['x'] };
    assert.equal(straceArguments({ ...layout, fast: false }).includes('--seccomp-bpf'), false);
    assert.equal(straceArguments({ ...layout, fast: true }).includes('--seccomp-bpf'), true);
  });

  it('asks for no call that has a payload', () => {
    const argv = straceArguments({ output: '/f', fast: false, command: ['x'] });
    const calls = argv
      .find((text) => text.startsWith('trace='))!
      .slice(6)
      .split(',');
    for (const name of ['read', 'write', 'sendto', 'sendmsg', 'recvfrom', 'writev']) {
      assert.equal(calls.includes(`?${name}`), false);
    }
  });
});
