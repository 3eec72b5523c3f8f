/**
 * gVisor: a real `runsc` whose kernel tells our shim what its programs do. A name that is no UTF-8
 * makes that kernel silent; its log, read beside it, is what the session has then. Without the log
 * the same file is in no record.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Stage } from '../path/collector-process.ts';
import { closedEventsOf, type EventItem, untilAlerted } from '../path/events.ts';
import { isGiven, works } from '../path/requirement.ts';
import { System } from '../path/system.ts';
import { until } from '../path/until.ts';
import { hostSession } from './host-relay.ts';

const READY_MS_MAX = 20_000;
const SANDBOX_MS_MAX = 60_000;
/** A link that leads out, a delete, and a file made where the working directory is no UTF-8. */
const AGENT = `ln -s /etc/passwd esc; cat esc >/dev/null; echo x > kept; : > kept; rm kept
mkdir $'d\\xff'; cd $'d\\xff'; : > hidden; exit 7`;

export async function observesGvisor(t: TestContext): Promise<void> {
  const given = works('runsc', '--version') && process.getuid?.() === 0;
  if (!isGiven(t, given, 'needs root and runsc: sudo apt-get install -y runsc')) return;
  const system = await System.up(new Stage(t));
  await t.test('tells of everything, by its kernel and its log', async () => {
    const rows = await sandboxed(system, 'with-log', true);
    const ws = join(system.dir, 'with-log.ws');
    assertSeen(rows, ws);
    assert.ok(
      filesOf(rows).some(({ path }) => path?.endsWith('/hidden')),
      'the hidden file',
    );
    await untilAlerted(system, 'with-log', 'FS-001');
    await untilAlerted(system, 'with-log', 'TEL-003');
  });
  await t.test('is blind to such a name without its log', async () => {
    const rows = await sandboxed(system, 'without-log', false);
    assert.ok(!JSON.stringify(rows).includes('/hidden'), 'who saw the hidden file?');
    const deletes = rows.filter(({ kind }) => kind === 'file.delete');
    assert.ok(deletes.length > 0, 'a delete is told all the same');
    assert.deepEqual(new Set(filesOf(deletes).map(({ path }) => path)), new Set([undefined]));
  });
  await system.stop();
}

function assertSeen(rows: EventItem[], ws: string): void {
  const files = filesOf(rows);
  const has = (wanted: File): void => {
    const found = files.some((file) => {
      return Object.entries(wanted).every(([name, value]) => file[name as keyof File] === value);
    });
    assert.ok(
      found,
      `${JSON.stringify(wanted)} among\n${files.map((f) => JSON.stringify(f)).join('\n')}`,
    );
  };
  has({ path: join(ws, 'esc'), target_path: '/etc/passwd' });
  has({ path: join(ws, 'esc'), real_path: '/etc/passwd' });
  has({ path: join(ws, 'kept'), mount_mode: 'rw_no_delete', delete_equivalent: 'truncate' });
  has({ path: join(ws, 'kept'), op: 'unlinkat', mount_mode: 'rw_no_delete' });
  const seen = rows.filter(({ kind }) => /^(file|process|net)\./.test(kind));
  assert.deepEqual(new Set(seen.map(({ vantage }) => vantage)), new Set(['boundary']));
}

interface File {
  op?: string;
  path?: string;
  real_path?: string;
  target_path?: string;
  mount_mode?: string;
  delete_equivalent?: string;
}

function filesOf(rows: EventItem[]): File[] {
  return rows.flatMap(({ record }) => (record.file as File | undefined) ?? []);
}

/** The agent in a sandbox, watched; resolves with what its session holds in the end. */
async function sandboxed(system: System, session: string, log: boolean): Promise<EventItem[]> {
  const at = (name: string): string => join(system.dir, `${session}.${name}`);
  mkdirSync(at('ws'));
  const grants = [{ path: at('ws'), mode: 'rw_no_delete' }];
  const { boundary, end } = await hostSession(system, session, {
    runtime: 'gvisor',
    grants,
    expected: ['gvisor'],
  });
  const endpoint = ['--endpoint', at('sink.sock')];
  const pipe = join(system.dir, `${session}-boot.log`);
  const logged = log ? ['--log', pipe] : [];
  const shim = system.start(
    ...['shim', 'gvisor', ...endpoint, ...logged, '--intake', boundary],
    ...['--grant', `rw_no_delete:${at('ws')}`],
  );
  await until('the sink listens', READY_MS_MAX, () => existsSync(at('sink.sock')) || undefined);
  writeFileSync(
    at('pod.json'),
    await system.text('shim', 'gvisor', ...endpoint, '--print-session'),
  );
  const flags = log
    ? (JSON.parse(await system.text('shim', 'gvisor', ...logged, '--print-flags')) as string[])
    : [];
  const code = runsc(at, [`--pod-init-config=${at('pod.json')}`, ...flags]);
  assert.equal(code, 7, 'the agent’s own exit code');
  shim.signal('SIGTERM');
  const { code: shimCode, stderr } = await shim.ended;
  assert.equal(shimCode, 0, stderr);
  await end();
  return closedEventsOf(system, session);
}

function runsc(at: (name: string) => string, flags: string[]): number | null {
  mkdirSync(at('bundle'));
  const bind = { type: 'bind', source: at('ws'), options: ['bind', 'rw'] };
  const config = {
    ociVersion: '1.0.0',
    process: {
      user: { uid: 0, gid: 0 },
      args: ['/bin/bash', '-c', AGENT],
      env: ['PATH=/usr/bin:/bin'],
      cwd: at('ws'),
    },
    root: { path: '/', readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs' },
      { destination: at('ws'), ...bind },
    ],
    linux: { namespaces: ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => ({ type })) },
  };
  writeFileSync(join(at('bundle'), 'config.json'), JSON.stringify(config));
  const own = [`--root=${at('root')}`, '--ignore-cgroups', '--network=none'];
  const args = [...own, ...flags, 'run', '--bundle', at('bundle'), 'one'];
  return spawnSync('runsc', args, { stdio: 'ignore', timeout: SANDBOX_MS_MAX }).status;
}
