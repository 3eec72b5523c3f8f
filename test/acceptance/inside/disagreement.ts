/**
 * Those who look at a sandbox from different places do not agree: a program that the agent's log
 * lacks, a tool call whose effect nobody saw, egress that no process explains. Through the whole
 * system, on real processes; without its rule each stays unsaid. And what a payload claims to be
 * makes it no other than what its way in says.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { adminToken, callApi } from '../path/api.ts';
import { REPOSITORY, Stage } from '../path/collector-process.ts';
import { alertedRules, alertsAbout, closedEventsOf, type EventItem } from '../path/events.ts';
import { findDescendant } from '../path/processes.ts';
import { isGiven, works } from '../path/requirement.ts';
import { heldSockets } from '../path/sockets.ts';
import { System } from '../path/system.ts';
import { until } from '../path/until.ts';

const RULES: Record<string, string> = {
  silent: 'TEL-013',
  boasting: 'TEL-006',
  bypassed: 'EGR-016',
};
const RULES_MS_MAX = 15_000;
/** `unix(7)`: flags of a socket that listens. */
const LISTENING = '00010000';

export async function disagreesAloud(t: TestContext): Promise<void> {
  const given = works('bwrap', '--version') && works('strace', '-V');
  if (!isGiven(t, given, 'bubblewrap and strace are not here')) return;
  const system = await System.up(new Stage(t));
  const workspace = join(system.dir, 'workspace');
  mkdirSync(workspace);
  copyFileSync(fileURLToPath(new URL('agent.mjs', import.meta.url)), join(workspace, 'agent.mjs'));
  const names = [...Object.keys(RULES), 'honest', 'forging'];
  await Promise.all(names.map((deed) => acts(system, workspace, deed, deed)));
  for (const [deed, rule] of Object.entries(RULES)) {
    await t.test(`${deed} raises ${rule}`, () => raises(system, deed, rule));
  }
  await t.test('agreement raises nothing', async () => {
    assert.deepEqual(await alertedRules(system, 'honest'), []);
  });
  await t.test('a payload is what its way in says', () => isWhatItsWaySays(system));
  await t.test('without its rule nothing is said', () => isUnsaid(system, workspace));
  await system.stop();
}

/** A session named `session` in which the agent does `deed`; resolves when it is over. */
async function acts(
  system: System,
  workspace: string,
  deed: string,
  session: string,
): Promise<void> {
  const run = system.start(
    ...['run', '--session', session, '--workspace', workspace],
    ...['--', '/run/vitrine/node', 'agent.mjs', deed, session],
  );
  if (deed === 'bypassed') {
    await run.says(/^ready$/m);
    await passesBy(run.pid);
    run.type('go on\n');
  }
  const { code, stderr } = await run.ended;
  assert.equal(code, 0, stderr);
  await closedEventsOf(system, session);
}

/** Uses the egress proxy of a run from outside its sandbox. */
async function passesBy(pid: number): Promise<void> {
  const proxy = findDescendant(pid, 'shim/bin/shim.mjs egress');
  assert.ok(proxy !== undefined, 'there is no egress proxy');
  const own = new Set(heldSockets(proxy.pid).values());
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n');
  const rows = lines.map((line) => line.trim().split(/\s+/));
  const row = rows.find(([, , , flags, , , inode]) => flags === LISTENING && own.has(inode!));
  assert.ok(row?.[7] !== undefined, 'the proxy listens nowhere');
  const socket = connect(row[7]);
  socket.write('CONNECT nobody.example:443 HTTP/1.1\r\nhost: nobody.example:443\r\n\r\n');
  const [said] = await new Promise<Buffer[]>((resolve, reject) => {
    socket.once('data', (data) => resolve([data]));
    socket.once('error', reject);
  });
  assert.match(String(said), /^HTTP\/1\.1 403 /);
  socket.destroy();
}

async function raises(system: System, session: string, rule: string): Promise<void> {
  assert.deepEqual(await alertedRules(system, session), [rule]);
  const [alert] = await alertsAbout(system, session);
  const { evidence, host, vantage } = alert!.record as {
    evidence: { index: number }[];
    host: { name: string };
    vantage: string;
  };
  const rows = await closedEventsOf(system, session);
  const fired = rows.find(({ index }) => index === evidence[0]!.index);
  assert.equal(fired?.vantage, vantage);
  assert.equal(host.name, hostOf(rows));
}

/** What the runtime said when the session began. */
function hostOf(rows: EventItem[]): string {
  const open = rows.find(({ kind, shim }) => kind === 'open' && shim === 'sup');
  return (open!.record.host as { name: string }).name;
}

async function isWhatItsWaySays(system: System): Promise<void> {
  const session = 'forging';
  const rows = await closedEventsOf(system, session);
  const forged = rows.filter(({ record }) => exeOf(record) === '/bin/forged');
  assert.equal(forged.length, 1);
  const [row] = forged as unknown as Record<
    'vantage' | 'sandbox' | 'via' | 'peer' | 'host',
    string
  >[];
  const { vantage, sandbox, via, peer, host } = row!;
  const said = { vantage, sandbox, via, peer, host };
  const own = hostOf(rows);
  const due = { vantage: 'agent', sandbox: session, via: 'opp', peer: 'unix', host: own };
  assert.deepEqual(said, due);
  const one = await get<{ host: { name: string }; pid: number }>(system, `/v1/sessions/${session}`);
  assert.equal(one.host.name, own);
  assert.notEqual(own, 'another');
  assert.notEqual(one.pid, 1);
  const { sources } = await get<{ sources: { name: string; vantage: string; state: string }[] }>(
    system,
    `/v1/sessions/${session}/sources`,
  );
  const tracers = sources.filter(({ name }) => name === 'strace').map((source) => source.vantage);
  assert.deepEqual(tracers.sort(), ['agent', 'boundary']);
  assert.deepEqual(await alertedRules(system, session), [], 'it is no program of the boundary');
}

function exeOf(record: Record<string, unknown>): string | undefined {
  return (record.process as { exe?: string } | undefined)?.exe;
}

/** Rules of the same names that are never used. */
async function isUnsaid(system: System, workspace: string): Promise<void> {
  for (const rule of Object.values(RULES)) {
    const text = readFileSync(join(REPOSITORY, 'packages/detect/rules', `${rule}.yml`), 'utf8');
    const unused = text.replace('status: experimental', 'status: deprecated');
    assert.notEqual(unused, text);
    writeFileSync(join(system.data, 'rules', `${rule}.yml`), unused);
  }
  await until('the rules are gone', RULES_MS_MAX, async () => {
    const { items } = await get<{ items: { id: string }[] }>(system, '/v1/rules');
    return items.some(({ id }) => Object.values(RULES).includes(id)) ? undefined : true;
  });
  const deeds = Object.keys(RULES);
  await Promise.all(deeds.map((deed) => acts(system, workspace, deed, `${deed}-unsaid`)));
  for (const deed of deeds) {
    assert.deepEqual(await alertedRules(system, `${deed}-unsaid`), [], deed);
  }
}

async function get<T>(system: System, path: string): Promise<T> {
  const { status, text } = await callApi(system.run, adminToken(system.data), 'GET', path);
  assert.equal(status, 200, `${path}: ${text}`);
  return JSON.parse(text) as T;
}
