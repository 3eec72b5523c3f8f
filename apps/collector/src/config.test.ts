import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { loadConfig, storeConfig } from './config.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-config-'));
after(() => rmSync(dir, { recursive: true }));

function load(yaml: string): ReturnType<typeof loadConfig> {
  writeFileSync(join(dir, 'vitrine.yaml'), yaml);
  return loadConfig(dir, undefined);
}

describe('configuration', () => {
  it('has a default for everything', () => {
    const config = loadConfig(join(dir, 'fresh'), undefined);
    assert.deepEqual(config.listen, { host: '127.0.0.1', api: 4319, otlp_http: 4318 });
    assert.deepEqual(storeConfig(config), { mode: 'embedded', dir: join(dir, 'fresh', 'store') });
    assert.equal(config.journal.fsync, true);
  });

  it('refuses an unknown key with the nearest name', () => {
    assert.throws(() => load('listen: {otlp_htp: 1}'), {
      code: 'CONFIG_INVALID',
      hint: /otlp_http/,
    });
    assert.throws(() => load('jurnal: {}'), { hint: /journal/ });
  });

  it('names the setting that has a wrong value, and the file that is no YAML', () => {
    assert.throws(() => load('listen: {api: 70000}'), { message: /listen\.api/ });
    assert.throws(() => load('a: [1'), { code: 'CONFIG_INVALID' });
    assert.throws(() => loadConfig(dir, join(dir, 'none.yaml')), { message: /no such file/ });
  });

  it('takes secrets by reference only', () => {
    const server = 'store: {mode: server, url: "http://127.0.0.1:1", user: u, password: ';
    assert.throws(() => load(`${server}plain}`), { code: 'CONFIG_INVALID' });
    writeFileSync(join(dir, 'secret'), 'from a file\n');
    const config = load(`${server}{file: "${join(dir, 'secret')}"}}`);
    const store = storeConfig(config);
    assert.equal(store.mode === 'server' && store.password, 'from a file');
    assert.equal('reader' in store, false);
    assert.throws(() => storeConfig(load(`${server}{env: VITRINE_NOT_SET}}`)), {
      message: /VITRINE_NOT_SET/,
    });
  });
});
