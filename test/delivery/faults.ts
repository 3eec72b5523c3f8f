/** What a server may do to a request, and what holds of a run whatever it did. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import type { Fault, Receiver } from '../receivers/receiver.ts';
import { alertsOf, type Connector, Run } from './run.ts';

export const RUNS = 10;
export const ALERTS = 9;
const TIMING = { attemptMs: 60, retryMsMin: 2, retryMsMax: 10, pauseMs: 20 };

/**
 * A refusal of one code is as good as any; one for good would rightly make a dead letter, and is
 * none of these.
 */
export const faults: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom<Fault>(
    { kind: 'refuse', status: 401 },
    { kind: 'refuse', status: 403 },
    { kind: 'refuse', status: 429, retryAfter: '0' },
    { kind: 'refuse', status: 500 },
    { kind: 'refuse', status: 503 },
  ),
  fc.record({ kind: fc.constant('hang' as const), kept: fc.boolean() }),
  fc.record({ kind: fc.constant('reset' as const), kept: fc.boolean() }),
  fc.constant<Fault>({ kind: 'slow', stepMs: 5 }),
);

interface Planned {
  fault: Fault;
  path: string;
}

interface Between {
  server: Receiver;
  connector: Connector;
  environment: Record<string, string>;
}

/** Each alert arrives, under its id, first in its order, and none is given up. */
export async function survives(
  t: TestContext,
  { server, connector, environment }: Between,
  planned: Planned[],
  idsAt: () => unknown[],
): Promise<void> {
  for (const { fault, path } of planned) server.play(fault, { path });
  const run = await Run.start(t, connector, alertsOf(ALERTS), { environment, timing: TIMING });
  try {
    await run.settled();
    run.assertAll(idsAt().map(String));
    assert.equal(run.delivery.status().dead, 0);
  } finally {
    await run.delivery.stop();
    await server.close();
  }
}
