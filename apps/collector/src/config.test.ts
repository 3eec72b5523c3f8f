import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { DEDUPE_WINDOW_MS, EDR_DEVICE_ID_CHARS_MAX, RETENTION_DAYS_MAX } from '@vitrine/schema';
import { backupKeepMs, configuredSandboxes, loadConfig, pullTls, storeConfig } from './config.ts';
import { withDashboardPort } from './dashboard-port.ts';
import { certificate } from './fixture/certificate.ts';

const VM = '{runtime: vm, host: {name: h}}';
const dir = mkdtempSync(join(tmpdir(), 'vitrine-config-'));
after(() => rmSync(dir, { recursive: true }));

function load(yaml: string): ReturnType<typeof loadConfig> {
  writeFileSync(join(dir, 'vitrine.yaml'), yaml);
  return loadConfig(dir, undefined);
}

describe('configuration', () => {
  it('has a default for everything', () => {
    const config = loadConfig(join(dir, 'fresh'), undefined);
    assert.partialDeepStrictEqual(config.listen, {
      host: '127.0.0.1',
      api: 4319,
      otlp_http: 4318,
      otlp_grpc: 4317,
    });
    assert.equal(config.public_url, 'http://127.0.0.1:3000');
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

  it('leads links to the dashboard, wherever that is', () => {
    assert.equal(load('listen: {dashboard: 3100}').public_url, 'http://127.0.0.1:3100');
    const given = load('public_url: https://vitrine.example/');
    assert.equal(given.public_url, 'https://vitrine.example');
  });

  it('picks a free port for the dashboard where it is asked to, and links there', async () => {
    const { listen, public_url } = await withDashboardPort(load('listen: {dashboard: 0}'));
    assert.ok(listen.dashboard > 0);
    assert.equal(public_url, `http://127.0.0.1:${listen.dashboard}`);
    const given = load('{listen: {dashboard: 0}, public_url: "https://vitrine.example"}');
    assert.equal((await withDashboardPort(given)).public_url, 'https://vitrine.example');
  });

  it('takes the EDR id of the host as a text, a file or a command', () => {
    const edr = (id: string) => load(`host: {edr: {vendor: crowdstrike, device_id: ${id}}}`);
    assert.equal(edr('0f3c').host.edr?.device_id, '0f3c');
    assert.deepEqual(edr('{file: /x}').host.edr?.device_id, { file: '/x' });
    assert.deepEqual(edr('{command: [mdatp, health]}').host.edr?.device_id, {
      command: ['mdatp', 'health'],
    });
    assert.equal(edr('x'.repeat(EDR_DEVICE_ID_CHARS_MAX)).host.edr?.vendor, 'crowdstrike');
    for (const wrong of [
      '"two words"',
      '{command: []}',
      '"x\\u202ey"',
      'x'.repeat(EDR_DEVICE_ID_CHARS_MAX + 1),
    ]) {
      assert.throws(() => edr(wrong), { code: 'CONFIG_INVALID' }, wrong);
    }
  });

  it('keeps parts for ever unless told otherwise, and none longer than all', () => {
    assert.deepEqual(load('').retention, { named: {} });
    const { retention } = load('retention: {parts: 30, named: {prompt: 7}}');
    assert.deepEqual(retention, { parts: 30, named: { prompt: 7 } });
    assert.deepEqual(load('retention: {named: {prompt: 7}}').retention, { named: { prompt: 7 } });
    assert.equal(load(`retention: {parts: ${RETENTION_DAYS_MAX}}`).retention.parts, 36_500);
    for (const wrong of [
      '{parts: 0}',
      `{parts: ${RETENTION_DAYS_MAX + 1}}`,
      '{parts: 7, named: {prompt: 8}}',
      '{named: {"*": 7}}',
      '{records: 7}',
    ]) {
      assert.throws(() => load(`retention: ${wrong}`), { code: 'CONFIG_INVALID' }, wrong);
    }
  });

  it('takes it that no backups are made, unless told how long they are kept', () => {
    assert.equal(backupKeepMs(load('')), 0);
    assert.equal(backupKeepMs(load('backup: {keep_days: 2}')), 172_800_000);
    assert.equal(load(`backup: {keep_days: ${RETENTION_DAYS_MAX}}`).backup.keep_days, 36_500);
    for (const wrong of ['{keep_days: 0}', `{keep_days: ${RETENTION_DAYS_MAX + 1}}`, '{dir: x}']) {
      assert.throws(() => load(`backup: ${wrong}`), { code: 'CONFIG_INVALID' }, wrong);
    }
  });

  it('keeps sealed input no longer than repeated requests are known', () => {
    assert.equal(load('').journal.keep_seconds, DEDUPE_WINDOW_MS / 1_000);
    assert.equal(load('journal: {keep_seconds: 1}').journal.keep_seconds, 1);
    for (const wrong of [0, DEDUPE_WINDOW_MS / 1_000 + 1]) {
      const yaml = `journal: {keep_seconds: ${wrong}}`;
      assert.throws(() => load(yaml), { code: 'CONFIG_INVALID' }, yaml);
    }
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

  it('reads the certificates for relays, and refuses a key that is of another one', () => {
    const [one, two] = [certificate('one'), certificate('two')];
    const tls = (key: string): string => {
      const files = { cert: one.cert, key, ca: two.cert };
      const lines = Object.entries(files).map(([name, text]) => {
        const file = join(dir, `${name}.pem`);
        writeFileSync(file, text);
        return `${name}: ${name === 'key' ? `{file: "${file}"}` : `"${file}"`}`;
      });
      return `pull: {tls: {${lines.join(', ')}}}`;
    };
    assert.equal(pullTls(load('')), undefined);
    assert.equal(pullTls(load(tls(one.key)))?.ca, two.cert.trim());
    const wrong = load(tls(two.key));
    assert.throws(() => pullTls(wrong), { code: 'CONFIG_INVALID', message: /pull\.tls/ });
  });

  it('takes sandboxes as the API does, their keys by reference', () => {
    writeFileSync(join(dir, 'mac'), `${'0f'.repeat(32)}\n`);
    const sandbox = (relay: string): string =>
      `pull: {sandboxes: [{session: a, description: ${VM}, relay: {${relay}}}]}`;
    const key = `mac_key: {file: "${join(dir, 'mac')}"}`;
    const [request] = configuredSandboxes(load(sandbox(`socket: /run/a, standing: guest, ${key}`)));
    assert.deepEqual(request!.relay, {
      socket: '/run/a',
      standing: 'guest',
      macKey: '0f'.repeat(32),
    });
    const plain = sandbox(`socket: /run/a, standing: guest, mac_key: ${'0f'.repeat(32)}`);
    assert.throws(() => load(plain), { code: 'CONFIG_INVALID', message: /mac_key/ });
    const wrong = load(sandbox(`socket: run/a, standing: guest, ${key}`));
    assert.throws(() => configuredSandboxes(wrong), {
      code: 'CONFIG_INVALID',
      message: /pull\.sandboxes\.0\.relay\.socket/,
    });
    assert.throws(() => load('pull: {directory: run}'), { message: /absolute path/ });
  });
});
