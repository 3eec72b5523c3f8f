/**
 * Rules that count over a system that is killed again and again while telemetry comes: every alert
 * is there, none is there twice, and none that should not be.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { push } from '../faces/push.ts';
import type { Reached } from '../path/api.ts';
import { type CollectorProcess, Stage } from '../path/collector-process.ts';
import { alertsAbout, untilAlerted } from '../path/events.ts';
import { until } from '../path/until.ts';
import { COUNTED_MIN, COUNTING_RULE, countedReads, writeCountingRule } from './counting.ts';

const SESSIONS = Array.from({ length: 12 }, (_, n) => `counted-${n}`);
/** Every fourth one lacks a read, and so its alert. */
const isWhole = (session: string): boolean => Number(session.split('-')[1]) % 4 !== 0;
/** Rounds of reads in which the system is killed. */
const DEADLY = new Set([2, 3, 7, 9]);
/** Before it there was time to save what detection remembers: an idle log seals every 10 s. */
const SAVED_ROUND = 6;
const SAVED_MS_MAX = 60_000;
const KILL_MS_MAX = 120;
const AGAIN_MS = 50;

/** The system as senders see it: away for a while, then there again. */
class Mortal {
  readonly #stage: Stage;
  #process: CollectorProcess;
  #reached: Promise<Reached>;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#process = stage.launch();
    this.#reached = this.#ready();
  }

  get reached(): Promise<Reached> {
    return this.#reached;
  }

  async kill(): Promise<void> {
    await this.#process.kill();
    this.#process = this.#stage.launch();
    this.#reached = this.#ready();
  }

  async #ready(): Promise<Reached> {
    return { run: await this.#process.ready(), data: this.#stage.data };
  }

  /** Sends until it is acknowledged, as a client does. */
  async push(session: string, read: ReturnType<typeof countedReads>): Promise<void> {
    for (;;) {
      try {
        await push(await this.#reached, session, read);
        return;
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        await sleep(AGAIN_MS);
      }
    }
  }
}

/** What rules have counted outlives `kill -9`, and nothing is told twice. */
export async function outlivesKills(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  stage.configure('listen: {api: 0, otlp_http: 0, otlp_grpc: 0, dashboard: 0}\n');
  writeCountingRule(stage.data);
  const system = new Mortal(stage);
  const start = Date.now() - 60_000;
  const saved = join(stage.data, 'detect', 'saved');
  for (let round = 0; round < COUNTED_MIN; round++) {
    if (round === SAVED_ROUND) {
      await until('it is saved', SAVED_MS_MAX, async () => existsSync(saved) || undefined);
    }
    const killed = DEADLY.has(round)
      ? sleep(Math.random() * KILL_MS_MAX).then(() => system.kill())
      : undefined;
    for (const session of SESSIONS) {
      if (round === 1 && !isWhole(session)) continue;
      await system.push(session, countedReads(start, round, round + 1));
    }
    await killed;
  }
  const reached = await system.reached;
  for (const session of SESSIONS.filter(isWhole)) {
    await untilAlerted(reached, session, COUNTING_RULE);
  }
  await system.kill();
  const after = await system.reached;
  for (const session of SESSIONS) {
    const alerts = await alertsAbout(after, session);
    const rules = alerts.map(({ record }) => record.rule);
    assert.deepEqual(rules, isWhole(session) ? [COUNTING_RULE] : [], session);
  }
}
