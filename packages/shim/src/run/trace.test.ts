/**
 * The pipe between the real strace and its shim, while the relay does not answer: the workload
 * waits and nothing is lost.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPath } from '@vitrine/schema';
import { straceArguments } from '../sandbox/strace.ts';
import { StageIntake } from '../stage/intake.ts';
import { Trace } from './trace.ts';

const hasStrace = spawnSync('strace', ['-V']).status === 0;
const isRequired = process.env.VITRINE_REQUIRE === 'all';
const skip = hasStrace || isRequired ? false : 'needs strace: sudo apt-get install -y strace';
/** More than the shim's queue and all buffers on the way hold. */
const FILES = 9_000;
const NONE = { throwIfNoEntry: false } as const;

describe('a relay that does not answer', { skip }, () => {
  it('stops the workload, and loses nothing', async () => {
    const intake = await new StageIntake().start();
    intake.status = 503;
    const lost: number[] = [];
    const fifo = join(intake.dir, 'fifo');
    const trace = Trace.start({
      fifo,
      intake: intake.socket,
      forwarder: '/bin/env',
      secrets: [],
      grants: [],
      onLost: (lines) => lost.push(lines),
      log: () => {},
    });
    const script = `cd ${intake.dir}; for i in {1..${FILES}}; do : > f; done; : > end`;
    const command = ['/bin/env', '/bin/bash', '-c', script];
    const strace = spawn('strace', straceArguments({ output: fifo, fast: false, command }));
    const ended = new Promise((resolve) => strace.on('exit', resolve));
    const written = (): number => statSync(join(intake.dir, 'f'), NONE)?.mtimeMs ?? 0;
    for (let last = -1; last <= 0 || last !== written(); await sleep(1_500)) last = written();
    assert.equal(existsSync(join(intake.dir, 'end')), false, 'the workload stands still');
    assert.equal(intake.events.length, 0);
    intake.status = undefined;
    assert.equal(await ended, 0);
    await trace.finish();
    assert.deepEqual(lost, []);
    const made = intake.of('file.create').filter(({ fields }) => {
      return readPath(fields, 'file.path') === join(intake.dir, 'f');
    });
    assert.equal(made.length, FILES);
    const numbers = intake.events.map(({ fields }) => readPath(fields, 'source.seq'));
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => i),
    );
    assert.equal(readPath(intake.of('telemetry.bye')[0]?.fields, 'counts.unparsed'), 0);
    await intake.end();
  });

  it('that never began is no trace that never ends', async () => {
    const intake = await new StageIntake().start();
    const trace = Trace.start({
      fifo: join(intake.dir, 'fifo'),
      intake: intake.socket,
      forwarder: '/bin/env',
      secrets: [],
      grants: [],
      onLost: () => {},
      log: () => {},
    });
    await trace.finish();
    assert.equal(intake.of('telemetry.bye').length, 1);
    await intake.end();
  });
});
