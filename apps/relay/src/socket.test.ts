import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { SOCKET_PATH_BYTES_MAX } from '@vitrine/schema';
import { tempDir } from '../test/bed.ts';
import { listenOn } from './socket.ts';
import { lockSpool } from './spool/lock.ts';

function server(t: TestContext) {
  const made = createServer();
  t.after(() => made.close());
  return made;
}

const LISTEN = `require('node:net').createServer().listen(process.argv[1], () => {
  process.stdout.write('up');
});`;

/** Leaves a socket file as a killed process does. */
async function leaveStale(path: string): Promise<void> {
  const child = spawn(process.execPath, ['-e', LISTEN, path]);
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(existsSync(path));
}

describe('listenOn', () => {
  it('listens with the mode it is given, and takes away what a killed process left', async (t) => {
    const path = join(tempDir(t), 'x.sock');
    await leaveStale(path);
    await listenOn(server(t), path, 0o620);
    assert.equal(statSync(path).mode & 0o777, 0o620);
  });

  it('leaves alone a socket that answers, and a file that is none', async (t) => {
    const dir = tempDir(t);
    const path = join(dir, 'x.sock');
    await listenOn(server(t), path, 0o600);
    await assert.rejects(listenOn(server(t), path, 0o600), { code: 'SOCKET_IN_USE' });
    const file = join(dir, 'file');
    writeFileSync(file, 'precious');
    await assert.rejects(listenOn(server(t), file, 0o600), { code: 'SOCKET_UNUSABLE' });
    assert.equal(statSync(file).size, 8);
  });

  it('refuses a path that the kernel would cut, and a directory that is not there', async (t) => {
    const dir = tempDir(t);
    const longest = join(dir, 'x'.repeat(SOCKET_PATH_BYTES_MAX - dir.length - 1));
    await listenOn(server(t), longest, 0o600);
    const longer = listenOn(server(t), `${longest}x`, 0o600);
    await assert.rejects(longer, { code: 'SOCKET_UNUSABLE' });
    const missing = listenOn(server(t), join(dir, 'no', 'x.sock'), 0o600);
    await assert.rejects(missing, { code: 'SOCKET_UNUSABLE' });
  });
});

describe('lockSpool', () => {
  it('lets one process have a spool at a time', async (t) => {
    const dir = join(tempDir(t), 'spool');
    const lock = await lockSpool(dir);
    await assert.rejects(lockSpool(dir), { code: 'SPOOL_LOCKED' });
    await new Promise((resolve) => lock.close(resolve));
    const again = await lockSpool(dir);
    again.close();
  });

  it('says when the directory cannot be made', async (t) => {
    const file = join(tempDir(t), 'file');
    writeFileSync(file, '');
    await assert.rejects(lockSpool(join(file, 'spool')), { code: 'SPOOL_UNWRITABLE' });
  });
});
