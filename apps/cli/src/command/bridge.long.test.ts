/**
 * The question of an EDR analyst, answered by a real system: what is this opaque process on that
 * host? Sessions are found by host, process and the EDR's own id, whoever said the id.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { SessionItem } from '@vitrine/schema/api';

const CLI = fileURLToPath(new URL('../../bin/vitrine.mjs', import.meta.url));
const COMMAND_MS_MAX = 60_000;
const run = promisify(execFile);

let dir = '';
let endSystem: () => Promise<void>;
/** The host process of each run, by session: what an EDR sees of it. */
const pids: Record<string, number> = {};

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-bridge-'));
  mkdirSync(join(dir, 'work'));
  mkdirSync(join(dir, 'data'));
  writeFileSync(join(dir, 'edr-id'), 'cfg-0f3c9a\n');
  const listen = { api: 0, otlp_http: 0, otlp_grpc: 0 };
  const edr = { vendor: 'crowdstrike', device_id: { file: join(dir, 'edr-id') } };
  writeFileSync(join(dir, 'data', 'vitrine.yaml'), JSON.stringify({ listen, host: { edr } }));
  const up = spawn(process.execPath, [CLI, 'up', '--no-dashboard', ...data()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endSystem = async () => {
    up.kill('SIGTERM');
    await once(up, 'close');
  };
  for await (const line of createInterface({ input: up.stdout })) {
    if (line.startsWith('ready')) break;
  }
  await play('from-settings');
  await play('from-runtime', '--edr', 'defender:rt-77');
});
after(async () => {
  await endSystem();
  rmSync(dir, { recursive: true, force: true });
});

function data(): string[] {
  return ['--data', join(dir, 'data')];
}

async function play(session: string, ...more: string[]): Promise<void> {
  const workspace = join(dir, 'work');
  const options = ['--workspace', workspace, '--session', session, '--allow-unsandboxed', ...more];
  const child = spawn(process.execPath, [CLI, 'run', ...data(), ...options, '--', 'true'], {
    stdio: 'ignore',
  });
  pids[session] = child.pid!;
  const [code] = await once(child, 'close');
  assert.equal(code, 0, `${session} ended with ${code}`);
}

async function found(...query: string[]): Promise<SessionItem[]> {
  const args = [CLI, 'sessions', '--json', ...data(), ...query];
  const { stdout } = await run(process.execPath, args, { timeout: COMMAND_MS_MAX });
  return JSON.parse(stdout) as SessionItem[];
}

function names(items: SessionItem[]): string[] {
  return items.map(({ session }) => session);
}

describe('what is this process?', { timeout: 3 * COMMAND_MS_MAX }, () => {
  it('is answered by host and pid', async () => {
    const pid = String(pids['from-settings']);
    assert.deepEqual(names(await found('--host', hostname(), '--pid', pid)), ['from-settings']);
    assert.deepEqual(names(await found('--host', 'elsewhere', '--pid', pid)), []);
    assert.deepEqual(names(await found('--host', hostname(), '--pid', '1')), []);
  });

  it("is answered by the EDR's id of the host, from the settings or from the runtime", async () => {
    const [session, ...others] = await found('--edr-device', 'CFG-0f3c9a');
    assert.equal(session?.session, 'from-settings');
    assert.deepEqual(others, []);
    assert.deepEqual(session.host?.edr, { vendor: 'crowdstrike', device_id: 'cfg-0f3c9a' });
    assert.deepEqual(names(await found('--edr-device', 'rt-77')), ['from-runtime']);
  });

  it('names the host, its address and the process with its start', async () => {
    const [session] = await found('--edr-device', 'rt-77');
    const { host } = session!;
    assert.equal(host?.name, hostname());
    assert.equal(host?.process?.pid, pids['from-runtime']);
    assert.match(host?.process?.start ?? '', /^\d+$/);
    assert.equal(host?.process?.exe, process.execPath);
  });
});
