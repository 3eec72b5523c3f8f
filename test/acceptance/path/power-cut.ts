/**
 * A power cut as far as a test can make one: everything is killed, and the journal keeps only what
 * the kernel was told to sync. With the journal's fsync nothing acknowledged is lost; without it the
 * same steps find the loss, so the harness can see one.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeToken } from './api.ts';
import { storedRecords } from './clickhouse.ts';
import { engineOf, type RunFile, Stage } from './collector-process.ts';
import { JournalTrace, STRACE } from './journal-trace.ts';
import { PROTOBUF, post, protobufBody } from './otlp.ts';
import { isGiven, works } from './requirement.ts';

const SENDERS = 4;
const LOAD_MS = 2_000;
const STORED_MS_MAX = 60_000;
const POLL_MS = 100;
const NS_PER_MS = 1_000_000n;
/** Fewer would not show that anything was only in the journal. */
const ACKED_MIN = 20;

export async function losesNothingInAPowerCut(t: TestContext): Promise<void> {
  if (!canTrace(t)) return;
  const { acked, stored } = await cutPowerUnderLoad(t, 'true');
  const lost = acked.filter((id) => !stored.includes(id));
  assert.deepEqual(lost, [], 'acknowledged events are lost');
  assert.equal(new Set(stored).size, stored.length, 'events are stored more than once');
}

/** The sabotage: without fsync the very same cut must be seen to lose acknowledged events. */
export async function findsTheLossWithoutFsync(t: TestContext): Promise<void> {
  if (!canTrace(t)) return;
  const { acked, stored } = await cutPowerUnderLoad(t, 'false');
  const lost = acked.filter((id) => !stored.includes(id));
  t.diagnostic(`${lost.length} of ${acked.length} acknowledged events were lost without fsync`);
  assert.ok(lost.length > 0, 'the harness does not see the loss');
}

function canTrace(t: TestContext): boolean {
  const given = works(STRACE[0]!, ...STRACE.slice(1), '--output=/dev/null', 'true');
  return isGiven(t, given, 'strace is not installed, or may not trace');
}

interface Outcome {
  acked: string[];
  /** Ids of the events in ClickHouse after the restart, one for each row. */
  stored: string[];
}

async function cutPowerUnderLoad(t: TestContext, fsync: 'true' | 'false'): Promise<Outcome> {
  const stage = new Stage(t);
  stage.configure(`listen: {api: 0, otlp_http: 0}\njournal: {fsync: ${fsync}}\n`);
  const traceFile = join(stage.dir, 'trace');
  const traced = stage.launch({ wrapper: [...STRACE, `--output=${traceFile}`] });
  const run = await traced.ready();
  const engine = engineOf(run.pid);
  assert.ok(engine !== undefined);
  const killBoth = (): void => {
    for (const pid of [run.pid, engine]) killNow(pid);
  };
  stage.atEnd(killBoth);

  const token = await makeToken(run, stage.data, 'ingest');
  const acked = await send(run, token, 'first');
  await untilStored(run, acked);
  // From here on the store takes nothing: what is acknowledged is in the journal alone.
  process.kill(engine, 'SIGSTOP');
  const load = new AbortController();
  const senders = Array.from({ length: SENDERS }, (_, i) =>
    sendUntil(run, token, `sender-${i}`, acked, load.signal),
  );
  await sleep(LOAD_MS);
  killBoth();
  load.abort();
  await Promise.all(senders);
  // The trace is whole when the last traced process is gone.
  await traced.exited;
  assert.ok(acked.length >= ACKED_MIN, `only ${acked.length} events were acknowledged`);
  const lostBytes = new JournalTrace(join(stage.data, 'journal'), traceFile).cut();
  t.diagnostic(`${acked.length} events acknowledged, ${lostBytes} bytes of the journal cut off`);

  const again = await stage.launch().ready();
  return { acked, stored: await storedIds(again) };
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

async function sendUntil(
  run: RunFile,
  token: string,
  name: string,
  acked: string[],
  signal: AbortSignal,
): Promise<void> {
  for (let serial = 0; !signal.aborted; serial++) {
    try {
      acked.push(...(await send(run, token, `${name}.${serial}`)));
    } catch {
      // Killed: whether this one arrived is in doubt.
      return;
    }
  }
}

/** Resolves with what was acknowledged. */
async function send(run: RunFile, token: string, id: string): Promise<string[]> {
  const t = String(BigInt(Date.now()) * NS_PER_MS);
  const body = protobufBody([{ id, session: 'power-cut', t }]);
  const url = `${run.otlp_http}/v1/logs`;
  const { status } = await post({ url, token, type: PROTOBUF, body });
  assert.equal(status, 200);
  return [id];
}

async function untilStored(run: RunFile, ids: string[]): Promise<void> {
  const deadline = performance.now() + STORED_MS_MAX;
  while (performance.now() < deadline) {
    const stored = await storedIds(run);
    if (ids.every((id) => stored.includes(id))) return;
    await sleep(POLL_MS);
  }
  throw new Error(`${ids.join()} did not arrive in the store`);
}

async function storedIds(run: RunFile): Promise<string[]> {
  const rows = await storedRecords(run, "session = 'power-cut' AND kind = 'file.read'");
  return rows.map(({ record }) => (JSON.parse(record) as { ledger: { id: string } }).ledger.id);
}
