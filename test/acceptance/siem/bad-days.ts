/**
 * Point 4 from outside: three destinations, one of them never there, one with bad days, and kill -9
 * of the collector in between. The schedules by the thousand, on a clock of their own, are in
 * `connectors/faults.long.test.ts`.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Chance } from '../path/chance.ts';
import { quietPort, Stage } from '../path/collector-process.ts';
import { until } from '../path/until.ts';
import { Destination, type Entry, type Treatment } from './destination.ts';
import { Site } from './site.ts';

const ALERTS = 120;
const SUBJECTS = 6;
const KILLS = 3;
const ARRIVED_MS_MAX = 90_000;
/** No destination hears later than this of an alert because of another one's troubles. */
const UNDISTURBED_MS_MAX = 15_000;
/** Two of three are taken: a worse one is left alone for minutes at last, as it should be. */
const TREATMENTS: Treatment[] = [200, 200, 200, 200, 200, 429, 500, 'reset', 'reset-kept', 'slow'];

export async function losesNothing(t: TestContext): Promise<void> {
  const seed = Number(process.env.VITRINE_BAD_DAYS_SEED ?? Date.now() % 2 ** 31);
  t.diagnostic(`VITRINE_BAD_DAYS_SEED=${seed}`);
  const chance = new Chance(seed);
  const [good, bad] = await Promise.all([new Destination().open(), new Destination().open()]);
  const stage = new Stage(t);
  for (const one of [good, bad]) stage.atEnd(() => one.close());
  // Of one alert in twelve nothing will do: too large for it.
  const refused = new Set<string>();
  bad.mood = (id) => {
    if (refused.has(id) || (chance.between(0, 12) === 0 && !bad.had.some((had) => had.id === id))) {
      refused.add(id);
      return 413;
    }
    return TREATMENTS[chance.between(0, TREATMENTS.length)]!;
  };
  const site = new Site(stage);
  const connectors = hooks(stage, { good: good.url, bad: bad.url, gone: `${await nobody()}/` });
  await site.start(connectors);
  for (let kill = 0; kill <= KILLS; kill++) {
    await raise(site, (kill * ALERTS) / (KILLS + 1), ALERTS / (KILLS + 1));
    await sleep(chance.between(0, 1_500));
    if (kill === KILLS) break;
    await site.kill();
    await site.start(connectors);
  }
  const all = sorted(await site.alerts(ALERTS));
  await until('the good one has them all', UNDISTURBED_MS_MAX, () => {
    return good.had.length >= ALERTS || undefined;
  });
  await until('a quarter through bad days', ARRIVED_MS_MAX, () => {
    return bad.had.length >= ALERTS / 4 || undefined;
  });
  bad.mood = (id) => (refused.has(id) ? 413 : 200);
  const dead = await until('the bad one is through', ARRIVED_MS_MAX, async () => {
    const { items } = await site.get<{ items: { id: string }[] }>(
      '/v1/connectors/bad/dead-letters',
    );
    const settled = new Set([...bad.had, ...items].map(({ id }) => id));
    return settled.size >= ALERTS ? items : undefined;
  });
  assert.deepEqual(sorted(good.had), all, 'the good one');
  assert.deepEqual([...new Set([...sorted(bad.had), ...sorted(dead)])].sort(), all, 'the bad one');
  assert.ok(dead.length > 0 && dead.every(({ id }) => refused.has(id)), 'what it never takes');
  for (const one of [good, bad]) assertRepeatsAreTheSame(one.ledger);
  assertInOrder(good.had, new Set());
  assertInOrder(bad.had, refused);
  const gone = await site.status('gone');
  assert.equal(gone.lag, ALERTS, 'what it does not have waits');
  assert.match(String(gone.lastError), /ECONNREFUSED/);
  t.diagnostic(`${bad.ledger.length} attempts at the bad one, ${dead.length} dead letters`);
  // The instrument: an alert that is missing, one that comes out of turn.
  assert.notDeepEqual(sorted(good.had.slice(1)), all);
  assert.throws(() => assertInOrder([...good.had].reverse(), new Set()), /out of turn/);
}

/** A webhook to each address. */
function hooks(stage: Stage, urls: Record<string, string>): Record<string, object> {
  const file = join(stage.dir, 'secret');
  writeFileSync(file, `whsec_${Buffer.alloc(32, 'bad days').toString('base64')}`);
  const sections = Object.entries(urls).map(([name, url]) => {
    return [name, { type: 'webhook', url, secret: { file }, allow: ['loopback'] }];
  });
  return Object.fromEntries(sections);
}

/** Events that raise an alert each, of some sessions in turn, one by one. */
async function raise(site: Site, first: number, count: number): Promise<void> {
  for (let i = first; i < first + count; i++) {
    await site.raise({ mark: `${i}`, session: `bad-days-${i % SUBJECTS}` });
  }
}

/** The address of a port that nobody listens at. */
async function nobody(): Promise<string> {
  return `http://127.0.0.1:${await quietPort()}`;
}

function sorted(entries: { id: string }[]): string[] {
  return entries.map(({ id }) => id).sort();
}

/** A repeat is the same alert to the byte, under the same id. */
function assertRepeatsAreTheSame(ledger: Entry[]): void {
  const first = new Map<string, Record<string, unknown>>();
  for (const { id, body } of ledger) {
    const { proof: _, ...alert } = (JSON.parse(body) as { data: Record<string, unknown> }).data;
    assert.deepEqual(first.get(id) ?? alert, alert);
    first.set(id, alert);
  }
}

/** First arrivals of each session, but for what it never takes, in the order of the log. */
function assertInOrder(had: Entry[], without: Set<string>): void {
  const last = new Map<string, number>();
  for (const { id, subject, index } of had) {
    if (without.has(id)) continue;
    assert.ok(index > (last.get(subject) ?? -1), `${id} of ${subject} is out of turn`);
    last.set(subject, index);
  }
}
