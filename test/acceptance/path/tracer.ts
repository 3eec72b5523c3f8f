/** The tracer's shim is killed while a command runs: the command goes on, and the log says it. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { alertsAbout, closedEventsOf, type EventItem, eventsOf } from './events.ts';
import { findDescendant } from './processes.ts';
import type { System } from './system.ts';
import { until } from './until.ts';

const AGENT_EXIT = 5;
const SEEN_MS_MAX = 20_000;
const ALERT_MS_MAX = 20_000;
const AGENT = 'cat early; echo ready; read line; cat late; echo gone on; exit 5';

export async function losesItsTracer(_t: TestContext, system: System): Promise<void> {
  const workspace = join(system.dir, 'traced');
  mkdirSync(workspace);
  for (const name of ['early', 'late']) writeFileSync(join(workspace, name), `${name}\n`);
  const session = 'untraced';
  const run = system.start(
    ...['run', '--session', session, '--workspace', workspace],
    ...['--', 'bash', '-c', AGENT],
  );
  await run.says(/^ready$/m);
  await until('the early file is in the log', SEEN_MS_MAX, async () => {
    return pathsOf(await eventsOf(system, session)).includes(join(workspace, 'early')) || undefined;
  });
  const shim = findDescendant(run.pid, 'shim/bin/shim.mjs strace');
  assert.ok(shim !== undefined, 'there is no tracer’s shim');
  process.kill(shim.pid, 'SIGKILL');
  run.type('go on');
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, AGENT_EXIT, stderr);
  assert.match(stdout, /^late\ngone on$/m, 'the command did not go on');
  const rows = await closedEventsOf(system, session);
  assert.ok(!pathsOf(rows).includes(join(workspace, 'late')), 'who saw the late file?');
  const told = rows.filter((row) => /^telemetry\.(drop|gap)$/.test(row.kind));
  assert.ok(told.length > 0, 'nothing in the session says that something is missing');
  assert.ok(told.every((row) => row.vantage === 'boundary'));
  const rules = await until('the alert of TEL-003', ALERT_MS_MAX, async () => {
    const alerts = await alertsAbout(system, session);
    return alerts.length > 0 ? alerts.map(({ record }) => record.rule) : undefined;
  });
  assert.ok(rules.includes('TEL-003'), `alerts of ${rules}`);
}

function pathsOf(rows: EventItem[]): unknown[] {
  return rows.map(({ record }) => (record.file as { path?: string } | undefined)?.path);
}
