/**
 * A power cut as far as a test can make one: everything is killed, and the journal keeps only what
 * the kernel was told to sync. With the journal's fsync nothing acknowledged is lost; without it
 * the same steps find the loss, so the harness can see one.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeToken } from './api.ts';
import { engineOf, type RunFile, Stage } from './collector-process.ts';
import { JournalTrace, STRACE } from './journal-trace.ts';
import type { Account } from './ledger.ts';
import { assertStoredOnce, untilStored } from './log-check.ts';
import { isGiven, works } from './requirement.ts';
import { Sender } from './sender.ts';

const SENDERS = 4;
const LOAD_MS = 2_000;
/** Fewer would not show that anything was only in the journal. */
const ACKED_MIN = 20;

export async function losesNothingInAPowerCut(t: TestContext): Promise<void> {
  if (!canTrace(t)) return;
  const { run, account } = await cutPowerUnderLoad(t, 'true');
  await assertStoredOnce(run, account);
}

/** The sabotage: without fsync the very same cut must be seen to lose acknowledged events. */
export async function findsTheLossWithoutFsync(t: TestContext): Promise<void> {
  if (!canTrace(t)) return;
  const { run, account } = await cutPowerUnderLoad(t, 'false');
  const loss = { name: 'AssertionError', message: /^acknowledged events are not stored/ };
  await assert.rejects(assertStoredOnce(run, account), loss);
}

function canTrace(t: TestContext): boolean {
  const given = works(STRACE[0]!, ...STRACE.slice(1), '--output=/dev/null', 'true');
  return isGiven(t, given, 'strace is not installed, or may not trace');
}

interface Outcome {
  /** The system after the restart, with all that it still had in its log. */
  run: RunFile;
  account: Account;
}

async function cutPowerUnderLoad(t: TestContext, fsync: 'true' | 'false'): Promise<Outcome> {
  const stage = new Stage(t);
  stage.configure(`listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\njournal: {fsync: ${fsync}}\n`);
  const traceFile = join(stage.dir, 'trace');
  const traced = stage.launch({ wrapper: [...STRACE, `--output=${traceFile}`] });
  const run = await traced.ready();
  const engine = engineOf(run.pid);
  assert.ok(engine !== undefined);
  const killBoth = (): void => {
    for (const pid of [run.pid, engine]) killNow(pid);
  };
  stage.atEnd(killBoth);

  const sender = new Sender(run, await makeToken(run, stage.data, 'ingest'), 'power-cut');
  await sender.send();
  await untilStored(run, sender.acked);
  // From here on the store takes nothing: what is acknowledged is in the journal alone.
  process.kill(engine, 'SIGSTOP');
  const load = new AbortController();
  const loops = Array.from({ length: SENDERS }, () => sendUntil(sender, load.signal));
  await sleep(LOAD_MS);
  killBoth();
  load.abort();
  await Promise.all(loops);
  // The trace is whole when the last traced process is gone.
  await traced.exited;
  const acked = sender.acked.size;
  assert.ok(acked >= ACKED_MIN, `only ${acked} events were acknowledged`);
  const lostBytes = new JournalTrace(join(stage.data, 'journal'), traceFile).cut();
  t.diagnostic(`${acked} events acknowledged, ${lostBytes} bytes of the journal cut off`);
  return { run: await stage.launch().ready(), account: sender };
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

async function sendUntil(sender: Sender, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const { status } = await sender.send();
      assert.equal(status, 200);
    } catch (error) {
      // Killed: whether this one arrived is in doubt.
      if (error instanceof assert.AssertionError) throw error;
      return;
    }
  }
}
