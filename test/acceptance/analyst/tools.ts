/**
 * The tools of who writes rules: one is tried on what the log holds before it counts, is asked why
 * it fired or did not, and is refused with its reason. Trying writes nothing.
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adminToken, callApi } from '../path/api.ts';
import { REPOSITORY } from '../path/collector-process.ts';
import { alertsAbout, type EventItem } from '../path/events.ts';
import type { System } from '../path/system.ts';
import { until } from '../path/until.ts';
import type { Scene } from './scenarios.ts';

const RULE = 'EGR-001';
const EFFECT_MS_MAX = 15_000;

interface Backtest {
  alerts: { rule: string; subject: string; evidence: { index: number }[] }[];
  counts: { rule: string; alerts: number; per_1000_sessions: number }[];
  records: number;
}

/** Over a whole session a rule says again what it said live; another one says nothing. */
export async function isTriedOnThePast(system: System, scenes: Map<string, Scene>): Promise<void> {
  const { session } = scenes.get('foreign-key')!;
  const told = (await alertsAbout(system, session)).filter(({ record }) => record.rule === RULE);
  const before = await alertsInAll(system);
  const over = (rule: string) =>
    system.json<Backtest>('rules', 'backtest', rule, '--session', session);
  const again = await over(RULE);
  assert.deepEqual(
    again.alerts.map(({ rule, evidence }) => [rule, evidence.map(({ index }) => index)]),
    told.map(({ record }) => [RULE, (record.evidence as { index: number }[]).map((e) => e.index)]),
  );
  assert.ok(told.length > 0);
  const file = join(system.dir, 'EGR-901.yml');
  const text = readFileSync(join(REPOSITORY, 'packages/detect/rules', `${RULE}.yml`), 'utf8');
  const other = text.replace('http.auth_provisioned: false', 'http.auth_provisioned: never');
  assert.notEqual(other, text);
  writeFileSync(file, other);
  assert.deepEqual((await over(file)).alerts, []);
  assert.equal(await alertsInAll(system), before, 'trying a rule raised an alert');
}

interface Explained {
  items: { event: Part[] }[];
}

interface Part {
  held: boolean;
  selections: { alternatives: { field: string; held: boolean }[][] }[];
}

/** Of the event that an alert rests on every part holds; of its twin's one line does not. */
export async function saysWhy(system: System, scenes: Map<string, Scene>): Promise<void> {
  const [alert] = (await alertsAbout(system, scenes.get('foreign-key')!.session)).filter(
    ({ record }) => record.rule === RULE,
  );
  const [fired] = alert!.record.evidence as { log: string; index: number }[];
  const twin = scenes.get('foreign-key.benign')!.session;
  const [request] = await system.json<EventItem[]>(
    ...['events', '--session', twin, 'kind:egress.request'],
  );
  const [bad, good] = [await judged(system, fired!), await judged(system, request!)];
  assert.ok(bad.every(({ held }) => held));
  assert.ok(good.some(({ held }) => !held));
  const lines = good.flatMap(({ selections }) =>
    selections.flatMap((one) => one.alternatives.flat()),
  );
  assert.ok(
    lines.some(({ field }) => field === 'http.auth_provisioned'),
    JSON.stringify(lines),
  );
}

async function judged(
  system: System,
  { log, index }: { log: string; index: number },
): Promise<Part[]> {
  const { items } = await system.json<Explained>(
    ...['rules', 'explain', RULE, '--event', `${log}/${index}`],
  );
  return items[0]!.event;
}

/** A file with a fault changes nothing, and the log tells every change that took place. */
export async function changesAreRecords(system: System): Promise<void> {
  const file = join(system.data, 'rules', 'ACC-031.yml');
  const rule = readFileSync(join(REPOSITORY, 'packages/detect/rules/EGR-001.yml'), 'utf8').replace(
    /^id: .*$/m,
    'id: 7f1b7c3e-5f2c-4d6a-9a51-2c8a9d1e0b31',
  );
  writeFileSync(file, rule.replace(/^level: .*$/m, 'level: dreadful'));
  const refused = await system.cli('rules', 'reload');
  assert.notEqual(refused.code, 0, refused.stdout);
  assert.match(refused.stdout + refused.stderr, /ACC-031/);
  assert.ok(!(await isUsed(system)));
  writeFileSync(file, rule);
  assert.equal((await system.cli('rules', 'reload')).code, 0);
  assert.ok(await isUsed(system));
  await isTold(system, 'added');
  rmSync(file);
  assert.equal((await system.cli('rules', 'reload')).code, 0);
  assert.ok(!(await isUsed(system)));
  await isTold(system, 'removed');
}

async function isUsed(system: System): Promise<boolean> {
  const { items } = await system.json<{ items: { id: string }[] }>('rules', 'list');
  return items.some(({ id }) => id === 'ACC-031');
}

async function isTold(system: System, what: string): Promise<void> {
  await until(`the log tells that ACC-031 was ${what}`, EFFECT_MS_MAX, async () => {
    const { items } = await get<{ items: EventItem[] }>(
      system,
      '/v1/events?kind=config&limit=1000',
    );
    return items.some(({ record, shim }) => {
      const names = record[what];
      return shim === 'audit' && Array.isArray(names) && names.includes('ACC-031');
    });
  });
}

async function alertsInAll(system: System): Promise<number> {
  return (await get<{ items: unknown[] }>(system, '/v1/alerts?limit=1000')).items.length;
}

async function get<T>(system: System, path: string): Promise<T> {
  const { status, text } = await callApi(system.run, adminToken(system.data), 'GET', path);
  assert.equal(status, 200, `${path}: ${text}`);
  return JSON.parse(text) as T;
}
