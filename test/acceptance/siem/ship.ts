/**
 * Point 8: what deploy/ has does what it says. Linters of the registries read it; the image's
 * command runs here as its user on a read-only root, in bubblewrap, for there is no container
 * engine to be had; the units are read by systemd itself.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RunFile } from '../path/collector-process.ts';
import { isGiven, works } from '../path/requirement.ts';
import { until } from '../path/until.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const DEPLOY = join(ROOT, 'deploy');
const DOCKERFILE = readFileSync(join(DEPLOY, 'Dockerfile'), 'utf8');
const CACHE = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const LINTERS = join(CACHE, 'vitrine', 'linters-2.15.1-3.1.0');
/** Of ten; systemd calls what is below 2.0 "OK", a unit without any of it is at 9.6. */
const EXPOSURE_MAX = 2;
const START_MS_MAX = 120_000;
const END_MS_MAX = 60_000;

/** Hadolint, and dclint, which knows the schema of compose files. */
export function isLinted(t: TestContext): void {
  const [hadolint, dclint] = ['bin/hadolint', 'node_modules/.bin/dclint'].map((name) =>
    join(LINTERS, name),
  );
  if (!isGiven(t, works(hadolint!, '--version'), 'needs .ci/linters (hadolint, dclint)')) return;
  const lint = (command: string, file: string): string => {
    const { status, stdout, stderr } = spawnSync(command, [file], { encoding: 'utf8' });
    return status === 0 ? '' : stdout + stderr;
  };
  assert.equal(lint(hadolint!, join(DEPLOY, 'Dockerfile')), '');
  const compose = ['compose.yaml', 'compose.server.yaml'].map((name) => join(DEPLOY, name));
  for (const file of compose) assert.equal(lint(dclint!, file), '');
  // What they find: a user that is root at the end, a key that no compose file has.
  const dir = scratch(t);
  const rooted = join(dir, 'Dockerfile');
  writeFileSync(rooted, DOCKERFILE.replace(/^USER .*$/m, 'USER root'));
  assert.match(lint(hadolint!, rooted), /DL3002/);
  const odd = join(dir, 'compose.yaml');
  writeFileSync(odd, readFileSync(compose[0]!, 'utf8').replace('read_only:', 'readonly:'));
  assert.match(lint(dclint!, odd), /invalid-schema/);
}

/** `systemd-analyze` knows every directive, and counts what a service could still do. */
export function hasHardenedUnits(t: TestContext): void {
  const given = works('systemd-analyze', '--version');
  if (!isGiven(t, given, 'needs systemd-analyze: apt-get install -y systemd')) return;
  for (const [name, instance] of [
    ['vitrine.service', 'vitrine.service'],
    ['vitrine-relay@.service', 'vitrine-relay@one.service'],
  ] as const) {
    const unit = readFileSync(join(DEPLOY, 'systemd', name), 'utf8');
    const sound = analysed(t, name, instance, unit);
    assert.equal(sound.said, '', name);
    assert.ok(sound.exposure <= EXPOSURE_MAX, `${name}: ${sound.exposure}`);
    const soft = unit.replace(/^(No|Protect|Restrict|Private|SystemCall|Capab).*$/gm, '');
    assert.ok(analysed(t, name, instance, soft).exposure > EXPOSURE_MAX, 'it counts nothing');
    const wrong = unit.replace('ProtectSystem', 'ProtectSytem');
    assert.match(analysed(t, name, instance, wrong).said, /ProtectSytem/);
  }
}

function analysed(
  t: TestContext,
  name: string,
  instance: string,
  unit: string,
): { said: string; exposure: number } {
  const dir = scratch(t);
  // The program's place is the host's: any that is there.
  writeFileSync(join(dir, name), unit.replaceAll('/usr/bin/node', process.execPath));
  const run = (...args: string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  const verified = run('verify', '--man=no', join(dir, instance));
  const scored = run('security', '--offline=true', join(dir, name));
  const found = /exposure level for \S+: ([\d.]+)/.exec(scored.stdout);
  assert.ok(found, scored.stdout + scored.stderr);
  return { said: verified.stdout + verified.stderr, exposure: Number(found[1]) };
}

/** The image's user, command and volume, on a root of which nothing else can be written. */
export async function runsReadOnly(t: TestContext): Promise<void> {
  if (!isGiven(t, works('bwrap', '--version'), 'needs bubblewrap')) return;
  const built = spawnSync(process.execPath, [join(ROOT, 'apps/cli/bin/build-dashboard.mjs')]);
  assert.equal(built.status, 0, String(built.stderr));
  const dir = scratch(t);
  const data = join(dir, 'data');
  mkdirSync(data, { mode: 0o700 });
  const system = inImage(t, dir, ['--bind', data, '/var/lib/vitrine']);
  const run = await until('the system', START_MS_MAX, async () => {
    assert.equal(system.exitCode, null, system.said());
    if (!existsSync(join(data, 'dashboard.json'))) return undefined;
    return JSON.parse(readFileSync(join(data, 'run.json'), 'utf8')) as RunFile;
  });
  assert.equal((await fetch(`${run.api}/readyz`)).status, 200);
  const dashboard = JSON.parse(readFileSync(join(data, 'dashboard.json'), 'utf8'));
  assert.equal((await fetch(`${dashboard.url}/login`)).status, 200);
  assert.equal(await system.end(), 0, system.said());
  // Without the volume there is no place to write: it says so, and does not start.
  const without = inImage(t, dir, ['--dir', '/var/lib/vitrine']);
  const code = await until('its end', START_MS_MAX, async () => without.exitCode ?? undefined);
  assert.notEqual(code, 0);
  assert.match(without.said(), /^error STORE_UNWRITABLE: .*\/var\/lib\/vitrine/m);
}

interface Running {
  readonly exitCode: number | null;
  said(): string;
  end(): Promise<number | null>;
}

/** What the Dockerfile's last stage has: its user, its environment, its command. */
function inImage(t: TestContext, dir: string, volume: string[]): Running {
  const [, uid, gid] = /^USER (\d+):(\d+)$/m.exec(DOCKERFILE) ?? [];
  const listed = (word: string): string[] => {
    const [, json] = new RegExp(`^${word} (\\[.*\\])$`, 'm').exec(DOCKERFILE) ?? [];
    return JSON.parse(json ?? '[]') as string[];
  };
  const [program, ...command] = [...listed('ENTRYPOINT'), ...listed('CMD')];
  assert.ok(uid !== undefined && Number(uid) > 0 && program === 'node', 'the Dockerfile');
  const settings = join(dir, 'vitrine.yaml');
  writeFileSync(settings, 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0, dashboard: 3118}\n');
  const mounts = ['/bin', '/lib', '/lib64'].flatMap((path) =>
    existsSync(path) ? ['--symlink', `usr${path}`, path] : [],
  );
  const child = spawn('bwrap', [
    ...['--ro-bind', '/usr', '/usr', ...mounts, '--proc', '/proc', '--dev', '/dev'],
    ...['--ro-bind', process.execPath, '/node'],
    ...['--ro-bind', ROOT, '/opt/vitrine', '--tmpfs', '/tmp', ...volume],
    ...['--ro-bind', settings, '/etc/vitrine/vitrine.yaml', '--remount-ro', '/'],
    ...['--unshare-user', '--unshare-pid', '--uid', uid, '--gid', gid!, '--cap-drop', 'ALL'],
    ...['--die-with-parent', '--chdir', '/opt/vitrine', '--clearenv', '--setenv', 'NODE_ENV'],
    ...['production', '--setenv', 'VITRINE_DATA', '/var/lib/vitrine'],
    ...['--', '/node', ...command],
  ]);
  const out: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (some) => out.push(some));
  t.after(() => child.kill('SIGKILL'));
  return {
    get exitCode() {
      return child.exitCode;
    },
    said: () => out.join(''),
    end: () => ended(child),
  };
}

/** SIGTERM to the command itself, as a container engine sends it. */
async function ended(child: ChildProcess): Promise<number | null> {
  const inner = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  for (const pid of descendants(inner)) {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    if (words[0] === '/node' && words.includes('up')) process.kill(Number(pid), 'SIGTERM');
  }
  await until('its end', END_MS_MAX, async () => (child.exitCode === null ? undefined : true));
  return child.exitCode;
}

function descendants(pids: string): string[] {
  return pids
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((pid) => {
      const path = `/proc/${pid}/task/${pid}/children`;
      return [pid, ...(existsSync(path) ? descendants(readFileSync(path, 'utf8')) : [])];
    });
}

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-ship-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
