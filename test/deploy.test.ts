/**
 * The settings that deploy/ mounts are ones that the collector and its connectors take, and the
 * image is built of nothing that its build is not given.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../apps/collector/src/config.ts';
import { configureConnector } from '../connectors/registry.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DEPLOY = join(ROOT, 'deploy');

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

it('deploy/Dockerfile', () => {
  const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
  const given = [...read('deploy/Dockerfile.dockerignore').matchAll(/^!(.+)$/gm)];
  const isGiven = (path: string): boolean => {
    return (
      existsSync(join(ROOT, path)) && given.some(([, root]) => `${path}/`.startsWith(`${root}/`))
    );
  };
  const image = read('deploy/Dockerfile').replaceAll(/^#.*$/gm, '');
  const programs = image.match(/[\w./-]+\.mjs/g) ?? [];
  assert.ok(programs.length > 0);
  // What the root's build compiles, for an image that runs it.
  const { references } = JSON.parse(read('tsconfig.json')) as { references: { path: string }[] };
  const compiled = /npm run build|tsc/.test(image) ? references.map(({ path }) => path) : [];
  assert.deepEqual(
    [...programs, ...compiled].filter((path) => !isGiven(path)),
    [],
  );
});
