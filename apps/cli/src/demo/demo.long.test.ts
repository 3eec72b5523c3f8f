/**
 * The demonstration as its user runs it, in a data directory of its own: the alert fires, the twin
 * stays silent, and what is left behind can be exported, verified and checked.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../bin/vitrine.mjs', import.meta.url));
const DEMO_MS_MAX = 120_000;

let dir = '';
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-demo-test-'));
  // Other tests may want the usual ports.
  writeFileSync(join(dir, 'vitrine.yaml'), '{listen: {api: 0, otlp_http: 0, otlp_grpc: 0}}');
});
after(() => rmSync(dir, { recursive: true, force: true }));

function vitrine(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const options = { timeout: DEMO_MS_MAX, cwd: dir };
    const given = [CLI, ...args, '--data', dir];
    execFile(process.execPath, given, options, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, out, err });
    });
  });
}

/** The system of the directory, up until the test ends. */
async function up(t: TestContext): Promise<void> {
  const child = spawn(process.execPath, [CLI, 'up', '--no-dashboard', '--data', dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    child.kill('SIGTERM');
    const [code] = await once(child, 'close');
    assert.equal(code, 0, 'up ends in order');
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('ready')) return;
  }
  assert.fail('the system did not come up');
}

describe('vitrine demo --exit', { timeout: 3 * DEMO_MS_MAX }, () => {
  let session = '';

  it('shows the alert of the incident and the silence of its twin', async () => {
    const { code, out, err } = await vitrine('demo', '--exit', '--no-dashboard');
    assert.equal(code, 0, out + err);
    assert.match(out, /\nALERT {2}critical {2}Foreign credential on an allowed provider host\n/);
    assert.match(out, /\n {2}seen by +boundary: /);
    assert.match(out, /\n {2}shown +\d+ ms after the first upload\n/);
    assert.match(out, /\n {3}no alert: detection has read all \d+ leaves of the log/);
    assert.match(out.trimEnd().split('\n').at(-1)!, /npx --no vitrine run .*-- bash$/);
    session = /events --session (foreign-key-\S+)/.exec(out)?.[1] ?? '';
    assert.notEqual(session, '');
  });

  it('leaves a store behind in which nothing differs', async () => {
    const { code, out, err } = await vitrine('fsck');
    assert.equal(code, 0, out + err);
    assert.match(out, /^ok: \d+ records/);
  });

  it('leaves evidence that verifies, and that does not when a record was changed', async (t) => {
    await up(t);
    const bundle = join(dir, 'b.vitrine.json');
    const made = await vitrine('export', '--session', session, '-o', bundle);
    assert.equal(made.code, 0, made.err);
    const strict = ['--require-closed', '--require-lossless', '--require-parts'];
    const proven = await vitrine('verify', bundle, ...strict);
    assert.equal(proven.code, 0, proven.out + proven.err);
    const text = readFileSync(bundle, 'utf8');
    writeFileSync(
      bundle,
      text.replace('\\"auth_provisioned\\":false', '\\"auth_provisioned\\":true'),
    );
    assert.notEqual(readFileSync(bundle, 'utf8'), text);
    assert.equal((await vitrine('verify', bundle)).code, 1);
    const alerts = await vitrine('alerts', '--session', session, '--json');
    const rules = (JSON.parse(alerts.out) as { record: { rule: string } }[]).map(
      ({ record }) => record.rule,
    );
    assert.deepEqual(rules, ['EGR-001']);
    const events = await vitrine('events', '/v1/files', '--session', session);
    assert.match(events.out, /egress\.request\tPOST api\.provider\.example \/v1\/files → 200/);
  });
});
