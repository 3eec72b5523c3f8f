/**
 * What the rules say of benign work: the corpus (corpus/record.ts), recorded now unless a file of
 * it is named, goes through all shipped rules, and each rule's alerts are counted per 1,000
 * sessions. Every alert is a false positive and is shown.
 *
 *     npm run bench -- corpus [FILE]
 */
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type DetectInput, Engine, loadRules, shippedRules } from '@vitrine/detect';
import { record } from './corpus/record.ts';
import { printMachine } from './measure/bench.ts';

const PER = 1_000;
const NAME_CHARS = 10;
const OWN_SESSION = 'log';

const file = process.argv[2] ?? join(tmpdir(), `vitrine-corpus-${process.pid}.ndjson.gz`);
printMachine();
if (!existsSync(file)) await record(file);
const rows = gunzipSync(readFileSync(file))
  .toString()
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as DetectInput);

const events = rows.filter(({ session }) => session !== OWN_SESSION);
const sessions = new Set(events.map(({ session }) => session)).size;
console.log(`corpus   ${file}: ${sessions} sessions, ${events.length} events`);
for (const [kind, some] of byCount(Map.groupBy(events, (row) => row.kind))) {
  console.log(`  ${kind.padEnd(2 * NAME_CHARS)} ${some.length}`);
}

const { rules } = loadRules(shippedRules());
const engine = new Engine(rules);
const cpu = process.cpuUsage();
const alerts = rows.flatMap((row) => engine.observe(row));
const { user, system } = process.cpuUsage(cpu);
const perSecond = Math.round(rows.length / ((user + system) / 1e6));
console.log(`rules    ${rules.length}, ${perSecond} rows per second of one core`);

const found = Map.groupBy(alerts, ({ rule }) => rule);
console.log(`alerts per ${PER} benign sessions (of ${sessions}, so in steps of ${shown(1)}):`);
for (const { id } of rules) {
  const of = found.get(id) ?? [];
  console.log(`  ${id.padEnd(NAME_CHARS)} ${shown(of.length)}`);
  for (const alert of of) console.log(`    ${alert.subject}: ${alert.what}`);
}

function shown(count: number): string {
  return ((count * PER) / sessions).toFixed(0);
}

function byCount<T>(groups: Map<string, T[]>): [string, T[]][] {
  return [...groups].toSorted(([, a], [, b]) => b.length - a.length);
}
