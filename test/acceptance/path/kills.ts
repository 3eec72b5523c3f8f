/**
 * Kills of the collector, of its engine, or of both at once, planned from a seed; a third of them
 * while the system starts. A dead collector is started again by the test, as a supervisor does it;
 * a dead engine by the collector.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from './chance.ts';
import { type CollectorProcess, engineOf, readRunFile, type Stage } from './collector-process.ts';
import { until } from './until.ts';

const VICTIMS = ['collector', 'engine', 'both'] as const;

export interface Kill {
  victim: (typeof VICTIMS)[number];
  /** `starting`: so long after the launch, however far it has come. */
  moment: 'running' | 'starting';
  afterMs: number;
}

const RUNNING_MS_MAX = 1_800;
/** A start takes about a second; recovery under load some more. */
const STARTING_MS_MAX = 1_500;
const STARTING_ONE_IN = 3;
const UP_MS_MAX = 60_000;

/** A third of the kills each. */
export function planKills(chance: Chance, count: number): Kill[] {
  const victims = chance.shuffle(Array.from({ length: count }, (_, i) => VICTIMS[i % 3]!));
  return victims.map((victim, i) => {
    const moment = i % STARTING_ONE_IN === 1 ? 'starting' : 'running';
    const msMax = moment === 'starting' ? STARTING_MS_MAX : RUNNING_MS_MAX;
    return { victim, moment, afterMs: chance.between(0, msMax) };
  });
}

/** Returns the collector that is up after the last kill. */
export async function killEach(
  stage: Stage,
  running: CollectorProcess,
  kills: Kill[],
): Promise<CollectorProcess> {
  let collector = running;
  for (const kill of kills) {
    if (kill.moment === 'starting') collector = await restarted(stage, collector);
    await sleep(kill.afterMs);
    const engine = engineOf(collector.pid);
    const dies = kill.victim !== 'engine' || engine === undefined;
    if (kill.victim !== 'collector' && engine !== undefined) process.kill(engine, 'SIGKILL');
    if (dies) await collector.kill();
    if (kill.moment === 'starting') continue;
    collector = await (dies ? up(stage, collector) : engineIsBack(stage, collector, engine));
  }
  return up(stage, collector);
}

/** A start to kill in: of a collector that lives, it is the start after its own kill. */
async function restarted(stage: Stage, collector: CollectorProcess): Promise<CollectorProcess> {
  await collector.kill();
  return stage.launch();
}

/** Launches it again where it is dead, and waits until it and its engine serve. */
async function up(stage: Stage, before: CollectorProcess): Promise<CollectorProcess> {
  if (!before.ended) {
    const isUp = await before.ready().then(
      () => true,
      () => false,
    );
    if (isUp) return engineIsBack(stage, before);
  }
  // An engine that is killed in the middle of a start ends the collector; nothing else may.
  const collector = stage.launch();
  await collector.ready();
  return engineIsBack(stage, collector);
}

async function engineIsBack(
  stage: Stage,
  collector: CollectorProcess,
  killed?: number,
): Promise<CollectorProcess> {
  const { api } = readRunFile(stage.data);
  return until('another engine', UP_MS_MAX, async () => {
    assert.ok(!collector.ended, `the collector died with its engine: ${collector.said}`);
    const engine = engineOf(collector.pid);
    const isNew = engine !== undefined && engine !== killed;
    const answer = await fetch(`${api}/readyz`).catch(() => undefined);
    return isNew && answer?.ok ? collector : undefined;
  });
}
