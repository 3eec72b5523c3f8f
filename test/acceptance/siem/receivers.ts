/**
 * Point 3, from outside: a real rsyslog that stands still and is killed, and a real Kafka broker
 * that is killed, while alerts flow to both and to a collector of ours. What each has in the end is
 * compared with the log. UDP to the same rsyslog shows that the killing kills.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../path/until.ts';
import { assertLedger, assertLedgerSees } from './arrivals.ts';
import { arrivedAt, countAt } from './arrived.ts';
import { type Ground, needsBroker, needsRsyslog, PEER, SYSLOG } from './ground.ts';
import { readCef, readLeef } from './lines.ts';

const SESSIONS = ['r-0', 'r-1', 'r-2', 'r-3', 'r-4'];
const STEPS = 40;
const STEP_ALERTS = 5;
const STEP_MS = 50;
const ARRIVED_MS_MAX = 90_000;
/** Less than a connector waits before it believes a silent connection. */
const STILL_MS_MAX = 1_000;
/** After this, who believes the kernel's word has counted as delivered what nobody has read. */
const BELIEVED_MS = 250;
const POLL_MS = 10;
const KILL_TRIES_MAX = 8;

export async function survivesReceivers(t: TestContext, ground: Ground): Promise<void> {
  const { rsyslog, broker } = ground.ends;
  let back = Promise.resolve();
  for (let step = 0; step < STEPS; step++) {
    await ground.raise(STEP_ALERTS, SESSIONS);
    await sleep(STEP_MS);
    if (step === STEPS / 8 && broker !== undefined) {
      await broker.kill();
      back = broker.restart();
      back.catch(() => {});
    }
    if (step === STEPS / 2 && rsyslog !== undefined) await killInTheStream(ground);
  }
  await back;
  const parts = [...SYSLOG, 'kafka', 'otlp', ...(PEER === undefined ? [] : ['peer'])];
  for (const name of parts) {
    await t.test(`${name} has all, in order`, async (c) => {
      if (SYSLOG.includes(name) && !needsRsyslog(c, ground)) return;
      if (name === 'kafka' && !needsBroker(c, ground)) return;
      await hasAll(c, ground, name);
    });
  }
  await t.test('UDP to the same rsyslog has lost some', async (c) => {
    if (needsRsyslog(c, ground)) await hasLost(ground);
  });
  await t.test('a line that is not what it says is no line', refusesLines);
}

/**
 * It stands still, and is killed as soon as something of every connector waits before it: alerts of
 * new sessions, which nothing holds up. Soon enough: what stands still for longer than a connection
 * is watched may take alerts with it.
 */
async function killInTheStream(ground: Ground): Promise<void> {
  const rsyslog = ground.ends.rsyslog!;
  const { tls, udp } = rsyslog.ports;
  const wait = (): boolean => {
    return unread('tcp', tls).length >= SYSLOG.length && unread('udp', udp).length > 0;
  };
  for (let tries = 1; ; tries++) {
    rsyslog.freeze(true);
    const end = performance.now() + STILL_MS_MAX;
    await ground.raise(
      STEP_ALERTS,
      SESSIONS.map((session) => `${session}-${tries}`),
    );
    while (performance.now() < end && !wait()) await sleep(POLL_MS);
    if (wait()) break;
    rsyslog.freeze(false);
    assert.ok(tries < KILL_TRIES_MAX, 'nothing was on its way to it');
  }
  await sleep(BELIEVED_MS);
  await rsyslog.kill();
  await rsyslog.start();
}

/** Bytes that the kernel keeps for who has a port, by socket, where there are any (proc(5)). */
function unread(table: 'tcp' | 'udp', port: number): number[] {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync(`/proc/net/${table}`, 'utf8').split('\n');
  const own = rows.map((line) => line.trim().split(/\s+/)).filter(([, at]) => at?.endsWith(hex));
  const queues = own.map(([, , , , queues]) => Number.parseInt(queues!.split(':')[1]!, 16));
  return queues.filter((bytes) => bytes > 0);
}

async function hasAll(t: TestContext, ground: Ground, name: string): Promise<void> {
  const alerts = await ground.site.alerts(ground.raised);
  assert.equal(alerts.length, ground.raised);
  await until(`${alerts.length} alerts at ${name}`, ARRIVED_MS_MAX, async () => {
    return (await countAt(ground, name)) >= alerts.length || undefined;
  });
  // A count of messages has repeats in it.
  const arrivals = await until(`all alerts at ${name}`, ARRIVED_MS_MAX, async () => {
    const found = await arrivedAt(ground, name);
    return new Set(found.map(({ id }) => id)).size >= alerts.length ? found : undefined;
  });
  const repeats = assertLedger(arrivals, alerts);
  t.diagnostic(`${alerts.length} alerts, ${repeats} repeats`);
  assertLedgerSees(arrivals, alerts);
  assert.equal((await ground.site.status(name)).dead, 0);
}

/** Its connector counts them as sent, and promises no more. */
async function hasLost(ground: Ground): Promise<void> {
  const { site } = ground;
  const alerts = await site.alerts(ground.raised);
  const { guarantee, delivered } = await site.untilStatus('syslog-udp', ({ lag }) => lag === 0);
  assert.deepEqual([guarantee, delivered], ['lossy', alerts.length]);
  const lossy = await arrivedAt(ground, 'syslog-udp');
  assert.throws(() => assertLedger(lossy, alerts), /lost/);
}

const CEF = 'CEF:0|Vitrine|Vitrine|1|R|a \\| b|3|cs1=x cs1Label=y msg=a\\=b \\\\ c';

function refusesLines(): void {
  const { header, fields } = readCef(CEF);
  assert.deepEqual(header, ['Vitrine', 'Vitrine', '1', 'R', 'a | b', '3']);
  assert.deepEqual(fields.get('msg'), 'a=b \\ c');
  const leef = 'LEEF:2.0|Vitrine|Vitrine|1|R|^|sev=3^msg=a=b|c';
  assert.equal(readLeef(leef).fields.get('msg'), 'a=b|c');
  assert.equal(readLeef(leef.replace('|^|', '|x5e|')).fields.get('sev'), '3');
  const bad = [CEF.replace('\\=', '='), CEF.replace('cs1Label', 'cs1'), 'CEF:0|a|b', `${CEF}\n`];
  for (const line of bad) assert.throws(() => readCef(line), line);
  const worse = [
    leef.replace('2.0', '1.0'),
    leef.replace('msg=', 'msg'),
    leef.replace('msg', 'sev'),
  ];
  for (const line of worse) assert.throws(() => readLeef(line.replace('a=b', 'a')), line);
}
