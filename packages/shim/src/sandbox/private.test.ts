/** What of the host's configuration is covered, and what is seen all the same. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { bwrapArguments, privateDirectories } from './bwrap.ts';
import { detectMachine } from './detect.ts';
import { checkGrants } from './grant.ts';
import { findPrivate } from './private.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'vitrine-private-')));
const at = (name: string): string => join(root, name);
after(() => rmSync(root, { recursive: true, force: true }));

const directories: [string, number][] = [
  ['etc', 0o755],
  ['etc/open', 0o755],
  ['etc/listed', 0o754],
  ['etc/entered', 0o711],
  ['ws', 0o755],
];
const files: [string, number][] = [
  ['etc/hosts', 0o644],
  ['etc/key', 0o600],
  ['etc/open/group', 0o640],
  ['etc/open/written', 0o602],
  ['etc/open/all', 0o444],
  ['etc/entered/below', 0o600],
];
for (const [name] of directories) mkdirSync(at(name));
for (const [name] of files) writeFileSync(at(name), name);
for (const [name, mode] of [...files, ...directories]) chmodSync(at(name), mode);
symlinkSync(at('etc/key'), at('etc/link'));

describe('what is not for everyone', () => {
  it('is found at any depth, as a whole, links not followed', async () => {
    const { found, unfinished } = await findPrivate([at('etc')]);
    const paths = found.map(({ path, isDirectory }) => `${path}${isDirectory ? '/' : ''}`);
    const expected = ['entered/', 'key', 'listed/', 'open/group', 'open/written'];
    assert.deepEqual(
      paths.toSorted(),
      expected.map((name) => at(`etc/${name}`)),
    );
    assert.deepEqual(unfinished, []);
  });

  it('is not known when there are too many entries, which is said', async () => {
    const entries = 4 + 2 + 3;
    assert.deepEqual((await findPrivate([at('etc')], entries)).unfinished, []);
    assert.deepEqual((await findPrivate([at('etc')], entries - 1)).unfinished, [at('etc')]);
  });

  it('is looked for where the host keeps its configuration', () => {
    assert.ok(privateDirectories().includes('/etc'));
  });
});

const skip =
  detectMachine().bwrap || process.env.VITRINE_REQUIRE === 'all' ? false : 'needs bubblewrap';

const PROGRAM = 'bwrap';

describe('in a sandbox', { skip }, () => {
  /** What `cat` and `ls` make of it all; the tree stands in for /etc, which is bound like it. */
  const look = async (ro: string[]): Promise<string> => {
    const secret = (await findPrivate([at('etc')])).found;
    const checked = checkGrants({ workspace: at('ws'), ro, rw: [], hidden: [] });
    const script = `cd ${at('etc')}; cat hosts key open/group open/all; ls listed entered`;
    const command = ['sh', '-c', script];
    const layout = { checked, home: '/', ours: {}, sockets: [], infoFd: 3, command };
    const argv = bwrapArguments({ ...layout, secret });
    // The tree lies in /tmp, so a /tmp has to be there before it, and not again after it.
    const late = argv.findIndex((text, k) => text === '--tmpfs' && argv[k + 1] === '/tmp');
    const system = argv.indexOf('--ro-bind');
    const tree = ['--tmpfs', '/tmp', '--ro-bind', at('etc'), at('etc')];
    const moved = argv.toSpliced(late, 2).toSpliced(system, 0, ...tree);
    const done = spawnSync(PROGRAM, moved, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    return done.stdout.toString();
  };

  it('is not there, for root either', async () => {
    assert.equal(await look([]), 'etc/hostsetc/open/allentered:\n\nlisted:\n');
  });

  it('is there where it is granted', async () => {
    const seen = await look([at('etc/open'), at('etc/entered')]);
    assert.equal(seen, 'etc/hostsetc/open/groupetc/open/allentered:\nbelow\n\nlisted:\n');
  });

  it('is not there of the real /etc', async () => {
    const { found } = await findPrivate(privateDirectories());
    const checked = checkGrants({ workspace: at('ws'), ro: [], rw: [], hidden: [] });
    const script = 'for f; do if test -d "$f"; then ls "$f"; else cat "$f"; fi; done; echo ran';
    const command = ['sh', '-c', script, 'sh', ...found.map(({ path }) => path)];
    const layout = { checked, home: '/', ours: {}, sockets: [], infoFd: 3, command };
    const argv = bwrapArguments({ ...layout, secret: found });
    const done = spawnSync(PROGRAM, argv, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    assert.equal(done.stdout.toString(), 'ran\n');
  });
});
