/** The shim as a process: how it ends with its sink, and without it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readPath } from '@vitrine/schema';
import { StageIntake } from '../stage/intake.ts';

const ENTRY = fileURLToPath(new URL('../../bin/shim.mjs', import.meta.url));

let intake: StageIntake;
let shim: ChildProcess;
beforeEach(async () => {
  intake = await new StageIntake().start();
});
afterEach(async () => {
  shim.kill('SIGKILL');
  await intake.end();
});

/** Resolves when its sink listens. */
async function start(given: Record<string, unknown> = {}): Promise<void> {
  const endpoint = join(intake.dir, 'sink.sock');
  const settings = JSON.stringify({ intake: intake.socket, endpoint, ...given });
  shim = spawn(process.execPath, [ENTRY, 'gvisor'], {
    env: { PATH: '/usr/bin:/bin', VITRINE_SETTINGS: settings },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  while (!existsSync(endpoint)) await sleep(10);
}

function children(): number[] {
  const { pid } = shim;
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return list.split(' ').filter(Boolean).map(Number);
}

const drops = () =>
  intake.of('telemetry.drop').map(({ fields }) => String(readPath(fields, 'reason')));

describe('the shim of gVisor', () => {
  it('tells of a sink that was killed, and fails', async () => {
    await start();
    for (const pid of children()) process.kill(pid, 'SIGKILL');
    assert.deepEqual(await once(shim, 'exit'), [1, null]);
    assert.deepEqual(drops(), ['the sink for gVisor ended (SIGKILL)']);
    assert.equal(intake.of('telemetry.bye').length, 1);
  });

  it('ends in order when it is told to', async () => {
    await start();
    shim.kill('SIGTERM');
    assert.deepEqual(await once(shim, 'exit'), [0, null]);
    assert.deepEqual(drops(), []);
  });
});
