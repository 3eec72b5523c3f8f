/**
 * What holds on every bad day: nothing is lost, ids stay, sessions keep their order, the lag is
 * true, the cursor never runs ahead, and a dead destination is nobody else's trouble.
 */
import type { DeliverableAlert } from '../contract.ts';
import { HandClock, settle } from './hand-clock.ts';
import { sampleAlerts } from './sample-log.ts';
import { Schedule } from './schedule.ts';
import { type Sabotage, type Subject, World } from './world.ts';

export type Law = 'loss' | 'id' | 'order' | 'lag' | 'cursor' | 'receipt' | 'isolation' | 'end';

const STEPS_MAX = 400;
const STEP_MS_MAX = 1_000;
const NS_IN_MS = 1_000_000n;
const QUIET_TURNS = 12;

export interface Day {
  seed: number;
  /** With the bad days. */
  subject: Subject;
  /** Beside it, with none. */
  neighbour: Subject;
  sabotage?: Sabotage;
  /** What the neighbour suffers in a sabotage. */
  neighbourSabotage?: Sabotage;
  /** The status as a test bends it. */
  lag?: (lag: number) => number;
}

/** The laws that were broken, in the order in which that was seen; empty when none was. */
export async function badDay(day: Day): Promise<Law[]> {
  const schedule = new Schedule(day.seed);
  const clock = new HandClock();
  const sessions = 1 + schedule.below(4);
  const all = sampleAlerts(
    Array.from({ length: 3 + schedule.below(16) }, () => ({
      subject: `s${schedule.below(sessions)}`,
    })),
  );
  const alerts = all.splice(0, 1 + schedule.below(all.length));
  const world = new World(day.subject, alerts, clock, schedule, day.sabotage);
  const neighbour = new World(day.neighbour, alerts, clock, undefined, day.neighbourSabotage);
  await Promise.all([world.open(), neighbour.open()]);
  const broken = new Set<Law>();
  try {
    for (let step = 0; ; step++) {
      await settle(QUIET_TURNS);
      for (const law of lawsNow(world, neighbour, clock, day.lag)) broken.add(law);
      if (all.length === 0 && isDone(world)) break;
      if (step === STEPS_MAX) return [...broken, 'end'];
      if (all.length > 0) alerts.push(...all.splice(0, 1 + schedule.below(3)));
      for (const one of [world, neighbour]) one.delivery.wake();
      await settle(QUIET_TURNS);
      clock.advance(1 + schedule.below(STEP_MS_MAX));
    }
    for (const law of lawsAtEnd(world)) broken.add(law);
    return [...broken];
  } finally {
    let over = false;
    const ends = Promise.all([world.end(), neighbour.end()]).finally(() => {
      over = true;
    });
    while (!over) {
      await settle(QUIET_TURNS);
      clock.advance(STEP_MS_MAX);
    }
    await ends;
  }
}

function isDone({ delivery, alerts, receipts }: World): boolean {
  const { lag, unconfirmed, inFlight, state, cursor } = delivery.status();
  const told = new Set(receipts.flatMap((receipt) => receipt.alerts.map(({ id }) => id)));
  const atEnd = state !== 'stopped' && cursor === alerts.at(-1)!.index;
  return atEnd && lag + unconfirmed + inFlight === 0 && told.size >= alerts.length;
}

function* lawsNow(
  world: World,
  neighbour: World,
  clock: HandClock,
  bent = (lag: number) => lag,
): Iterable<Law> {
  const { alerts, delivery } = world;
  const { state, lag: truly, lagMs, cursor } = delivery.status();
  if (neighbour.delivery.status().delivered < alerts.length) yield 'isolation';
  // A new process is about to begin.
  if (state === 'stopped') return;
  const lag = bent(truly);
  const settled = settledIn(world);
  const open = alerts.filter(({ id }) => !settled.has(id));
  const beyond = alerts.filter(({ index }) => index > cursor);
  if (open.some(({ index }) => index <= cursor)) yield 'cursor';
  if (lag < open.length || lag > beyond.length) yield 'lag';
  const [oldest] = beyond;
  const age = oldest === undefined ? 0 : clock.now() - Number(BigInt(oldest.t) / NS_IN_MS);
  if (lagMs !== age) yield 'lag';
}

function* lawsAtEnd(world: World): Iterable<Law> {
  const { alerts, arrived, strange, receipts } = world;
  const settled = settledIn(world);
  if (alerts.some(({ id }) => !settled.has(id))) yield 'loss';
  if (strange.length > 0) yield 'id';
  const first = [...new Set(arrived)];
  for (const session of new Set(alerts.map(sessionOf))) {
    const own = alerts.filter((alert) => sessionOf(alert) === session).map(({ id }) => id);
    const seen = first.filter((id) => own.includes(id));
    if (seen.join() !== own.filter((id) => seen.includes(id)).join()) yield 'order';
  }
  const told = new Set(receipts.flatMap((receipt) => receipt.alerts.map(({ id }) => id)));
  if (alerts.some(({ id }) => !told.has(id))) yield 'receipt';
}

/** At the destination, or set aside for a person. */
function settledIn({ arrived, delivery }: World): Set<string> {
  return new Set([...arrived, ...delivery.deadLetters().map(({ id }) => id)]);
}

function sessionOf({ record }: DeliverableAlert): unknown {
  return record.subject;
}
