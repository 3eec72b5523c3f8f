/** Point 1, the ways out: whom a connector connects to, whom it believes, and through what. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Stage } from '../path/collector-process.ts';
import type { KitCase } from './kit-case.ts';

const REFUSED = /EGRESS_REFUSED/;
const METADATA = '169.254.169.254';

/** By number, by name and in the clothes of IPv6: paused, and nobody was called. */
export async function staysAway({ site, ends }: KitCase): Promise<void> {
  for (const name of ['shut-number', 'shut-name', 'shut-mapped']) {
    const { state, lastError } = await site.untilStatus(name, ({ state }) => state === 'paused');
    assert.match(`${state} ${lastError}`, REFUSED, name);
    assert.match(String(lastError), /allow: \[loopback\]/);
  }
  assert.equal(ends.shut.connections, 0, 'it was connected to');
  // The instrument: one that does connect is counted.
  await fetch(ends.shut.url('/'));
  assert.equal(ends.shut.connections, 1);
  ends.shut.connections = 0;
}

/** The same address, with the file and without. */
export async function trustsByFile(kit: KitCase): Promise<void> {
  const { safe } = kit.ends;
  await kit.allAt(safe, '/trusted');
  const strict = await kit.site.untilStatus('strict', ({ lastError }) => lastError !== null);
  assert.match(String(strict.lastError), /SELF_SIGNED.*ca_file/);
  assert.deepEqual(safe.at('/strict'), []);
  assert.equal(strict.delivered, 0);
}

/** Nothing is sent until it is renewed, and nothing has to be done here then. */
export async function waitsForARenewal(kit: KitCase): Promise<void> {
  const { stale } = kit.ends;
  const { state, lastError } = await kit.site.untilStatus('expired', (status) => {
    return status.lastError !== null;
  });
  assert.match(String(lastError), /CERT_HAS_EXPIRED/);
  assert.notEqual(state, 'paused');
  assert.deepEqual(stale.came, []);
  stale.use(kit.certificates.server);
  await kit.allAt(stale, '/expired');
}

/** Who wants a certificate gets ours, and who has none to show does not get in. */
export async function showsItsCertificate(kit: KitCase): Promise<void> {
  const { mutual } = kit.ends;
  await kit.allAt(mutual, '/mutual');
  const bare = await kit.site.untilStatus('bare', ({ lastError }) => lastError !== null);
  assert.equal(bare.delivered, 0);
  assert.deepEqual(mutual.at('/bare'), []);
}

/** With its password, end to end in TLS; a proxy that only the environment names is not asked. */
export async function goesThroughTheProxy(kit: KitCase): Promise<void> {
  const { proxy, safe, shut } = kit.ends;
  await kit.allAt(safe, '/tunnel');
  assert.deepEqual([...new Set(proxy.tunnels)], [`127.0.0.1:${safe.port}`]);
  assert.equal(proxy.refused, 0);
  assert.equal(shut.connections, 0, "the environment's proxy was asked");
}

/**
 * After the last alert, so that nothing would go there even without the guard: the self-test says
 * why it was not tried, and settings that would allow it are no settings.
 */
export async function neverReachesMetadata(kit: KitCase, t: TestContext): Promise<void> {
  const { site } = kit;
  await site.stop();
  const meta = kit.section('/', 'now', { url: `http://${METADATA}/latest/meta-data` });
  await kit.restart({ meta, strange: { ...meta, allow: ['private'] } });
  for (const name of ['meta', 'strange']) {
    const { code, stdout } = await site.cli('connectors', 'test', name, '--json');
    const { ok, steps } = JSON.parse(stdout) as {
      ok: boolean;
      steps: { step: string; ok: boolean; detail: string }[];
    };
    const last = steps.at(-1)!;
    assert.deepEqual([code, ok, last.step, last.ok], [1, false, 'connect', false], stdout);
    assert.match(last.detail, REFUSED);
    assert.match(last.detail, /never connected to/);
  }
  const stage = new Stage(t);
  const settings = { meta: { ...meta, allow: ['169.254.0.0/16'] } };
  writeFileSync(join(stage.data, 'vitrine.yaml'), JSON.stringify({ connectors: settings }));
  const refused = stage.launch();
  assert.notEqual((await refused.exited).code, 0);
  assert.match(refused.said, /connectors\.meta.*never allowed/s);
  assert.match(readFileSync(join(site.data, 'vitrine.yaml'), 'utf8'), /"meta"/);
}
