/**
 * A quiet sender that takes the time of each of its requests: until it is acknowledged, and until
 * the API shows what was acknowledged.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { callApi } from '../../acceptance/path/api.ts';
import type { RunFile } from '../../acceptance/path/collector-process.ts';
import { PROTOBUF, post, protobufBody } from '../../acceptance/path/otlp.ts';

export interface Waits {
  ackMs: number[];
  visibleMs: number[];
}

/** Requests of one record, so many milliseconds apart. */
const EVERY_MS = 100;
/** Looking is a load of its own: of so many requests one is looked for. */
const LOOKED_FOR = 4;
const LOOK_MS = 10;
const VISIBLE_MS_MAX = 30_000;
const NS_PER_MS = 1_000_000n;

let serial = 0;

/** Sends for `ms`, and adds what it waited for. */
export async function probe(
  run: RunFile,
  { ingest, reader }: { ingest: string; reader: string },
  ms: number,
  waits: Waits,
): Promise<void> {
  const end = performance.now() + ms;
  const sending: Promise<void>[] = [];
  const one = async (i: number): Promise<void> => {
    const session = `quiet-${i}`;
    const t = String(BigInt(Date.now()) * NS_PER_MS);
    const body = protobufBody([{ id: String(i), session, t }]);
    const started = performance.now();
    const answer = await post({
      url: `${run.otlp_http}/v1/logs`,
      token: ingest,
      type: PROTOBUF,
      body,
    });
    assert.equal(answer.status, 200, 'a quiet sender is never refused');
    const acked = performance.now();
    waits.ackMs.push(acked - started);
    if (i % LOOKED_FOR !== 0) return;
    await untilShown(run, reader, session);
    waits.visibleMs.push(performance.now() - acked);
  };
  for (; performance.now() < end; await sleep(EVERY_MS)) sending.push(one(serial++));
  await Promise.all(sending);
}

async function untilShown(run: RunFile, reader: string, session: string): Promise<void> {
  const end = performance.now() + VISIBLE_MS_MAX;
  for (;;) {
    const { status } = await callApi(run, reader, 'GET', `/v1/sessions/${session}/events?limit=1`);
    if (status === 200) return;
    assert.ok(performance.now() < end, `${session} does not become visible`);
    await sleep(LOOK_MS);
  }
}
