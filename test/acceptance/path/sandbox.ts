/**
 * `vitrine run`: what a command can reach in its sandbox, seen from inside and from `/proc`, and
 * what its session then holds. With the tracer's shim killed, files vanish from the session, and it
 * says so.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Stage } from './collector-process.ts';
import { alertedRules, closedEventsOf } from './events.ts';
import { descendantsOf, findDescendant, type Seen } from './processes.ts';
import type { Program } from './program.ts';
import { isGiven, works } from './requirement.ts';
import { assertRows } from './sandbox-rows.ts';
import {
  heldSockets,
  listensAt,
  namespaceOf,
  namespaceSockets,
  reachableSockets,
} from './sockets.ts';
import { System } from './system.ts';
import { losesItsTracer } from './tracer.ts';

/** RFC 5737: an address nobody has. */
const NOBODY = '192.0.2.1';
const ROUTE_TABLE_HEAD = /^Iface\s[^\n]*\n$/;
const BOUND_IN = ['/run/vitrine/egress.sock', '/run/vitrine/intake.sock'];
const AGENT_EXIT = 7;
const NAMESPACES = ['net', 'mnt', 'pid', 'user', 'ipc', 'uts'];

interface Inside {
  routes: string;
  unix: string;
  tried: Record<string, string>;
  viaLink: string;
  waited: number;
  secret: number;
  system: string;
  own: string;
  told: { url: string; status: number };
}

export async function observesSandbox(t: TestContext): Promise<void> {
  const given = works('bwrap', '--version') && works('strace', '-V');
  if (!isGiven(t, given, 'bubblewrap and strace are not here')) return;
  const system = await System.up(new Stage(t));
  await t.test('has no route and no socket but two', (c) => looksFromBothSides(c, system));
  await t.test('goes on without its tracer, and says so', (c) => losesItsTracer(c, system));
  await system.stop();
}

async function looksFromBothSides(t: TestContext, system: System): Promise<void> {
  const workspace = join(system.dir, 'workspace');
  mkdirSync(workspace);
  symlinkSync('/etc/passwd', join(workspace, 'link'));
  copyFileSync(fileURLToPath(new URL('inside.mjs', import.meta.url)), join(workspace, 'agent.mjs'));
  const targets = await waysOut(t, workspace, system);
  const order = JSON.stringify({ targets });
  const run = system.start(
    ...['run', '--session', 'looked-at', '--workspace', workspace],
    ...['--', '/run/vitrine/node', 'agent.mjs', order],
  );
  const inside = JSON.parse((await run.says(/^\{.*\}$/m))[0]) as Inside;
  assertInside(inside, Object.keys(targets));
  assertFromOutside(system, run);
  assert.equal(readFileSync(join(workspace, 'made.txt'), 'utf8'), 'made inside\n');
  run.type('go on');
  const { code, stderr } = await run.ended;
  assert.equal(code, AGENT_EXIT, stderr);
  assertRows(await closedEventsOf(system, 'looked-at'), workspace, targets.hostPort!.port!);
  const rules = await alertedRules(system, 'looked-at');
  assert.deepEqual(rules, ['FS-001'], 'the link out of the workspace, and nothing else');
}

interface Target {
  host?: string;
  port?: number;
  path?: string;
}

/** Things of this machine that listen, and an address that nobody has. */
async function waysOut(
  t: TestContext,
  workspace: string,
  { run }: System,
): Promise<Record<string, Target>> {
  const port = await listening(t, { host: '127.0.0.1', port: 0 });
  const path = join(workspace, 'host.sock');
  await listening(t, { path });
  const abstract = `\0vitrine-${process.pid}`;
  await listening(t, { path: abstract });
  return {
    hostPort: { host: '127.0.0.1', port },
    collector: { host: '127.0.0.1', port: Number(new URL(run.api).port) },
    store: { host: '127.0.0.1', port: Number(new URL(run.store.url).port) },
    internet: { host: NOBODY, port: 80 },
    socketFile: { path },
    abstractSocket: { path: abstract },
  };
}

async function listening(t: TestContext, where: Target): Promise<number> {
  const server: Server = createServer((socket) => socket.destroy());
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(where, resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function assertInside(inside: Inside, targets: string[]): void {
  assert.match(inside.routes, ROUTE_TABLE_HEAD);
  const named = inside.unix.split('\n').filter((line) => /[/@]/.test(line));
  assert.deepEqual(named, [], 'sockets with a name in its network namespace');
  for (const name of targets) {
    assert.ok(!['open', 'silence'].includes(inside.tried[name]!), `${name}: ${inside.tried[name]}`);
  }
  assert.equal(inside.tried.internet, 'ENETUNREACH');
  assert.equal(inside.tried.hostPort, 'ECONNREFUSED');
  assert.notEqual(inside.waited, 0, 'bash could connect');
  assert.match(inside.viaLink, /^root:/);
  assert.notEqual(inside.secret, 0, 'it could read /etc/shadow');
  assert.equal(inside.system, 'EROFS');
  assert.equal(inside.own, 'done');
  assert.deepEqual(inside.told, { url: 'http://127.0.0.1:4318/v1/logs', status: 200 });
}

function assertFromOutside(system: System, run: Program): void {
  const agent = found(run, 'agent.mjs');
  assert.match(readFileSync(`/proc/${agent.pid}/net/route`, 'utf8'), ROUTE_TABLE_HEAD);
  for (const name of NAMESPACES) {
    const [its, ours] = [agent.pid, process.pid].map((pid) => namespaceOf(pid, name));
    assert.notEqual(its, ours, `it shares the ${name} namespace`);
  }
  assert.deepEqual(reachableSockets(agent.pid).sort(), BOUND_IN);
  assertNoneInherited(run, agent);

  const relay = found(run, 'relay/bin/relay.mjs');
  const egress = found(run, 'bin/shim.mjs egress');
  assert.ok(descendantsOf(system.pid).some(({ pid }) => pid === system.run.pid));
  assert.notEqual(relay.pid, system.run.pid, 'relay and collector are one process');
  for (const { pid } of [relay, egress]) assert.deepEqual(listensAt(pid), []);
  const pulled = readFileSync('/proc/net/unix', 'utf8').split('\n');
  const connected = pulled.filter((line) => / 03 +\d+ \S+\/opp\.sock$/.test(line));
  assert.ok(connected.length > 0, 'nobody is connected to the relay');
}

function found(run: Program, script: string): Seen {
  const seen = findDescendant(run.pid, script);
  assert.ok(seen !== undefined, `nothing runs ${script}`);
  return seen;
}

/**
 * Every socket that a process in the sandbox holds was made in the sandbox, but for the standard
 * streams, which are its caller's own.
 */
function assertNoneInherited(run: Program, agent: Seen): void {
  const net = namespaceOf(agent.pid, 'net');
  const members = descendantsOf(run.pid).filter(({ pid }) => namespaceOf(pid, 'net') === net);
  assert.ok(members.length >= 2, 'the forwarder and the agent');
  // Read before and after: one may be closed in between.
  const before = namespaceSockets(agent.pid);
  const held = members.flatMap(({ pid }) => [...heldSockets(pid).values()]);
  const made = new Set([...before, ...namespaceSockets(agent.pid)]);
  const given = heldSockets(run.pid);
  const streams = [0, 1, 2].map((fd) => given.get(fd));
  const inherited = held.filter((inode) => !made.has(inode) && !streams.includes(inode));
  assert.deepEqual(inherited, [], 'sockets from outside are open in the sandbox');
}
