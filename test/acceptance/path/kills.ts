/**
 * Kills of the collector or of its engine alone, planned from a seed. A killed collector is started
 * again by the test, a killed engine by the collector.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from './chance.ts';
import { type CollectorProcess, engineOf, readRunFile, type Stage } from './collector-process.ts';
import { until } from './until.ts';

export interface Kill {
  victim: 'collector' | 'engine';
  /** Pause before it. */
  afterMs: number;
  /** Whether the system must be up again before the next pause begins. */
  settled: boolean;
}

const AFTER_MS_MAX = 1_800;
/** One start in so many is itself cut off. */
const UNSETTLED_ONE_IN = 4;
const UP_MS_MAX = 60_000;

/** Half of the kills each. The engine is killed only below a collector that is up. */
export function planKills(chance: Chance, count: number): Kill[] {
  const victims = chance.shuffle(
    Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 'collector' : 'engine')),
  );
  return victims.map((victim, i) => ({
    victim,
    afterMs: chance.between(0, AFTER_MS_MAX),
    settled: victims[i + 1] !== 'collector' || chance.between(0, UNSETTLED_ONE_IN) > 0,
  }));
}

/** Returns the collector that is up after the last kill. */
export async function killEach(
  stage: Stage,
  running: CollectorProcess,
  kills: Kill[],
): Promise<CollectorProcess> {
  let collector = running;
  for (const { victim, afterMs, settled } of kills) {
    await sleep(afterMs);
    if (victim === 'collector') {
      await collector.kill();
      collector = stage.launch();
      if (settled) await collector.ready();
    } else {
      const engine = engineOf(collector.pid);
      assert.ok(engine !== undefined, `the collector has no engine: ${collector.said}`);
      process.kill(engine, 'SIGKILL');
      if (settled) await engineIsBack(stage, collector, engine);
    }
  }
  return collector;
}

async function engineIsBack(
  stage: Stage,
  collector: CollectorProcess,
  killed: number,
): Promise<void> {
  const { api } = readRunFile(stage.data);
  await until('another engine', UP_MS_MAX, async () => {
    assert.ok(!collector.ended, `the collector died with its engine: ${collector.said}`);
    const engine = engineOf(collector.pid);
    const isNew = engine !== undefined && engine !== killed;
    return isNew && (await fetch(`${api}/readyz`)).ok ? engine : undefined;
  });
}
