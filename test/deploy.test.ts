/** The settings that deploy/ mounts are ones that the collector and its connectors take. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../apps/collector/src/config.ts';
import { configureConnector } from '../connectors/registry.ts';

const DEPLOY = fileURLToPath(new URL('../deploy/', import.meta.url));

for (const [name, store, connectors] of [
  ['vitrine.yaml', 'embedded', []],
  ['vitrine.server.yaml', 'server', ['kafka']],
] as const) {
  it(`deploy/${name}`, (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-deploy-'));
    t.after(() => rmSync(dataDir, { recursive: true, force: true }));
    const config = loadConfig(dataDir, join(DEPLOY, name));
    assert.equal(config.store.mode, store);
    assert.equal(config.listen.host, '127.0.0.1');
    const types = Object.entries(config.connectors).map(
      ([connector, raw]) => configureConnector(connector, raw).type,
    );
    assert.deepEqual(types, connectors);
  });
}
