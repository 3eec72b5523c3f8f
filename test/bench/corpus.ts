/**
 * What the rules say of benign work: the corpus (corpus/record.ts), recorded now unless files of
 * it are named, goes through all shipped rules, and each rule's alerts are counted per 1,000
 * sessions. Every alert is a false positive and is shown.
 *
 *     npm run bench -- corpus [FILE...]
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

const given = process.argv.slice(2);
const files =
  given.length > 0 ? given : [join(tmpdir(), `vitrine-corpus-${process.pid}.ndjson.gz`)];
printMachine();
for (const file of files) if (!existsSync(file)) await record(file);
/** Each file is a log of its own. */
const logs = files.map(rowsOf);
const rows = logs.flat();

const events = rows.filter(({ session }) => session !== OWN_SESSION);
const sessions = logs.reduce((sum, log) => sum + sessionsIn(log), 0);
console.log(`corpus   ${files.join(' ')}: ${sessions} sessions, ${events.length} events`);
for (const [kind, some] of byCount(Map.groupBy(events, (row) => row.kind))) {
  console.log(`  ${kind.padEnd(2 * NAME_CHARS)} ${some.length}`);
}

const { rules } = loadRules(shippedRules());
const cpu = process.cpuUsage();
const alerts = logs.flatMap((log) => {
  const engine = new Engine(rules);
  return log.flatMap((row) => engine.observe(row));
});
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

function rowsOf(file: string): DetectInput[] {
  const lines = gunzipSync(readFileSync(file)).toString().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as DetectInput);
}

function sessionsIn(log: DetectInput[]): number {
  return new Set(log.map(({ session }) => session).filter((name) => name !== OWN_SESSION)).size;
}

function shown(count: number): string {
  return ((count * PER) / sessions).toFixed(0);
}

function byCount<T>(groups: Map<string, T[]>): [string, T[]][] {
  return [...groups].toSorted(([, a], [, b]) => b.length - a.length);
}
