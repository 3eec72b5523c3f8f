/**
 * The native sandbox from two sides: strace outside it, and the host's kernel through bpftrace. The
 * mode of a mount is in every event; the same commands outside the watched cgroup, and in a mount
 * of another mode, leave no such event.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { Stage } from '../path/collector-process.ts';
import { closedEventsOf, type EventItem, eventsOf, untilAlerted } from '../path/events.ts';
import { isGiven, works } from '../path/requirement.ts';
import { System } from '../path/system.ts';
import { until } from '../path/until.ts';
import { hostSession } from './host-relay.ts';

/** bpftrace compiles its program at each start. */
const ATTACH_MS_MAX = 120_000;
const SEEN_MS_MAX = 20_000;
const AGENT = 'ln -s /etc/passwd esc; cat esc > /dev/null; : > old; rm old';

export async function observesNative(t: TestContext): Promise<void> {
  const given = works('bwrap', '--version') && works('strace', '-V');
  if (!isGiven(t, given, 'bubblewrap and strace are not here')) return;
  const system = await System.up(new Stage(t));
  await t.test('tells what was lost in a mount that is to keep it', () => tellsLosses(system));
  await t.test('is seen by the host, in its cgroup and nowhere else', (c) => byHost(c, system));
  await system.stop();
}

async function tellsLosses(system: System): Promise<void> {
  const losses = async (session: string, grant: string): Promise<unknown[]> => {
    const [workspace, kept] = [join(system.dir, `${session}-ws`), join(system.dir, session)];
    for (const path of [workspace, kept]) mkdirSync(path);
    writeFileSync(join(kept, 'old'), 'old');
    const script = `cd ${kept}; cat old > /dev/null; ${AGENT}`;
    await system.text(
      ...['run', '--session', session, '--workspace', workspace, grant, kept],
      ...['--', 'bash', '-c', script],
    );
    const rows = await closedEventsOf(system, session);
    return rows
      .map(({ record }) => (record.file ?? {}) as Record<string, unknown>)
      .filter(({ path, mount_mode }) => path === join(kept, 'old') && mount_mode === 'rw_no_delete')
      .map(({ op, delete_equivalent }) => delete_equivalent ?? op);
  };
  assert.deepEqual(await losses('kept', '--rw-no-delete'), ['openat', 'truncate', 'unlinkat']);
  assert.deepEqual(await losses('loose', '--rw'), [], 'a mount of another mode');
}

async function byHost(t: TestContext, system: System): Promise<void> {
  const cgroup = watchable(system);
  if (cgroup === undefined) {
    // No package helps: where everything is required that is said, and no failure.
    const without = 'this kernel, or this user, lets bpftrace watch no cgroup';
    if (process.env.VITRINE_REQUIRE === 'all') t.diagnostic(without);
    else t.skip(without);
    return;
  }
  const session = 'from-the-host';
  const [watched, unwatched] = ['watched', 'unwatched'].map((name) => join(system.dir, name)) as [
    string,
    string,
  ];
  for (const path of [watched, unwatched]) mkdirSync(path);
  const grants = [{ path: watched, mode: 'rw' }];
  const described = { runtime: 'native' as const, grants, expected: ['bpftrace'] };
  const { host, end } = await hostSession(system, session, described);
  const shim = system.start(
    ...['shim', 'bpftrace', '--cgroup', cgroup, '--intake', host, '--grant', `rw:${watched}`],
  );
  await until('bpftrace is attached', ATTACH_MS_MAX, () =>
    rowOf(system, session, 'telemetry.hello'),
  );
  sandboxed(watched, ['/bin/sh', '-c', 'echo $$ > "$0/cgroup.procs"; exec "$@"', cgroup]);
  sandboxed(unwatched, []);
  await until('its end is told', SEEN_MS_MAX, () => rowOf(system, session, 'file.delete'));
  shim.signal('SIGTERM');
  const { code, stderr } = await shim.ended;
  assert.equal(code, 0, stderr);
  await end();
  rmdirSync(cgroup);
  const rows = await closedEventsOf(system, session);
  const led = rows.find(({ record }) => {
    const { path, real_path } = (record.file ?? {}) as Record<string, unknown>;
    return path === join(watched, 'esc') && real_path === '/etc/passwd';
  });
  assert.equal(led?.vantage, 'host', 'where the link led');
  assert.ok(!JSON.stringify(rows).includes(unwatched), 'what is outside the cgroup');
  await untilAlerted(system, session, 'FS-001');
}

async function rowOf(
  system: System,
  session: string,
  kind: string,
): Promise<EventItem | undefined> {
  return (await eventsOf(system, session)).find((row) => {
    const { shim } = (row.record.source ?? {}) as { shim?: string };
    return row.kind === kind && shim === 'bpftrace';
  });
}

function sandboxed(workspace: string, before: string[]): void {
  const mounts = ['--ro-bind', '/', '/', '--dev', '/dev', '--bind', workspace, workspace];
  const apart = ['--unshare-all', '--cap-drop', 'ALL', '--chdir', workspace];
  const command = [...before, 'bwrap', ...mounts, ...apart, '/bin/bash', '-c', AGENT];
  const done = spawnSync(command[0]!, command.slice(1), { stdio: 'ignore' });
  assert.equal(done.status, 0);
}

/** A cgroup of its own, where bpftrace works. */
function watchable(system: System): string | undefined {
  const probe = spawnSync('bpftrace', ['-e', 'BEGIN { printf("attached"); exit(); }']);
  if (process.getuid?.() !== 0 || !String(probe.stdout).includes('attached')) return undefined;
  spawnSync('mount', ['-t', 'tracefs', 'none', '/sys/kernel/tracing'], { stdio: 'ignore' });
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const mount = mounts.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2')?.[1];
  try {
    const cgroup = join(mount!, basename(system.dir));
    mkdirSync(cgroup);
    return cgroup;
  } catch {
    return undefined;
  }
}
