import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CONNECTOR_ALLOW_MAX } from '@vitrine/schema';
import { listSource, sampleAlerts } from './kit/conformance/sample-log.ts';
import { configureConnector, connectorTypes, createDelivery, testConnector } from './registry.ts';

const SECRET = { env: 'SOC_SECRET' };
const GOOD = { type: 'webhook', url: 'https://soc.example/hook', secret: SECRET };

describe('the registry', () => {
  it('has each connector under its own name, with its folder and its page', () => {
    for (const [name, { type, schema }] of Object.entries(connectorTypes)) {
      assert.equal(type, name);
      const page = readFileSync(new URL(`${name}/README.md`, import.meta.url), 'utf8');
      for (const setting of Object.keys(schema.shape))
        assert.ok(page.includes(`| \`${setting}\` `), setting);
      assert.ok(existsSync(new URL(`${name}/golden/sample.json`, import.meta.url)));
    }
  });
});

describe('the page of a connector', () => {
  const PARTS = [
    'Set it up',
    'What arrives',
    'See it arrive',
    'What an answer means',
    'Blind spots',
  ];
  for (const name of Object.keys(connectorTypes)) {
    it(`has the same parts in the same order: ${name}`, () => {
      const page = readFileSync(new URL(`${name}/README.md`, import.meta.url), 'utf8');
      const headings = page.split('\n').flatMap((line) => /^## (.*)$/.exec(line)?.[1] ?? []);
      assert.deepEqual(
        headings.filter((heading) => PARTS.includes(heading)),
        PARTS,
      );
    });
  }
});

describe('a section of the configuration', () => {
  const refusal = (name: string, raw: unknown) => {
    try {
      configureConnector(name, raw);
    } catch (error) {
      return error as Error & { code: string; hint: string };
    }
    throw new Error('it was accepted');
  };

  it('has a start and an allow-list of its own', () => {
    assert.deepEqual(configureConnector('soc', GOOD).settings.allow, []);
    assert.equal(configureConnector('soc', GOOD).settings.start, 'now');
    const raw = { ...GOOD, allow: ['loopback', '10.0.0.0/8'], start: 'beginning' };
    assert.equal(configureConnector('soc', raw).settings.start, 'beginning');
  });

  it('of an unknown type names those there are', () => {
    const { code, message, hint } = refusal('soc', { ...GOOD, type: 'webhok' });
    assert.equal(code, 'CONNECTOR_UNKNOWN');
    assert.equal(message, 'connectors.soc.type: "webhok" is no connector');
    assert.match(hint, /webhook/);
    for (const type of [undefined, 7, 'toString', '__proto__']) {
      assert.equal(refusal('soc', { ...GOOD, type }).code, 'CONNECTOR_UNKNOWN');
    }
  });

  it('with a mistake says where it is and what there could be', () => {
    const mistakes: [object, RegExp][] = [
      [{ ulr: 'x' }, /connectors\.soc: Unrecognized key: "ulr"/],
      [{ url: 'soc.example' }, /connectors\.soc\.url: must be an http or https URL/],
      [{ url: 'ftp://soc.example' }, /connectors\.soc\.url/],
      [{ url: 'https://me:pw@soc.example' }, /connectors\.soc\.url/],
      [{ secret: undefined }, /connectors\.soc\.secret/],
      [{ allow: ['169.254.0.0/16'] }, /connectors\.soc\.allow\.0: link-local/],
      [{ allow: 'loopback' }, /connectors\.soc\.allow/],
      [{ start: 'yesterday' }, /connectors\.soc\.start/],
    ];
    for (const [mistake, expected] of mistakes) {
      const { code, message, hint } = refusal('soc', { ...GOOD, ...mistake });
      assert.equal(code, 'CONNECTOR_CONFIG_INVALID');
      assert.match(message, expected);
      assert.match(
        hint,
        /^the settings are: type, allow, start, ca_file, cert_file, key_file, rate, proxy, url, /,
      );
    }
  });

  it('with files of TLS is refused where nothing would be encrypted', () => {
    const plain = { ...GOOD, url: 'http://127.0.0.1:9/hook' };
    const files = { ca_file: '/ca.pem', cert_file: '/cert.pem', key_file: '/key.pem' };
    const { message, hint } = refusal('soc', { ...plain, ...files });
    assert.match(message, /connectors\.soc: ca_file, cert_file and key_file are of TLS/);
    assert.match(hint, /https:/);
    assert.match(refusal('soc', { ...plain, ca_file: '/ca.pem' }).message, /are of TLS/);
    // A proxy may be spoken to over TLS all the same.
    const proxied = { ...plain, ca_file: '/ca.pem', proxy: 'https://proxy.example' };
    for (const given of [proxied, { ...GOOD, ca_file: '/ca.pem' }, plain])
      assert.equal(configureConnector('soc', given).settings.start, 'now');
  });

  it('with a secret in plain sight is refused without repeating it', () => {
    const secret = `whsec_${Buffer.alloc(32, 'k').toString('base64')}`;
    const { message, hint } = refusal('soc', { ...GOOD, secret });
    assert.match(message, /connectors\.soc\.secret: a secret is \{env: NAME\} or \{file: PATH\}/);
    const bad = refusal('soc', { ...GOOD, url: `https://me:${secret}@soc.example` });
    assert.ok(!`${message}${hint}${bad.message}${bad.hint}`.includes(secret));
  });

  it('allows so many ranges and no more', () => {
    const allow = (count: number) => Array.from({ length: count }, (_, i) => `10.0.${i}.0/24`);
    assert.ok(configureConnector('soc', { ...GOOD, allow: allow(CONNECTOR_ALLOW_MAX) }));
    assert.equal(
      refusal('soc', { ...GOOD, allow: allow(CONNECTOR_ALLOW_MAX + 1) }).code,
      'CONNECTOR_CONFIG_INVALID',
    );
  });

  it('needs a name that is safe as a directory', () => {
    assert.ok(configureConnector('a'.repeat(63), GOOD));
    for (const name of ['', '..', 'a/b', 'A', '-a', 'a'.repeat(64), 'é']) {
      assert.equal(refusal(name, GOOD).code, 'CONNECTOR_CONFIG_INVALID', name);
    }
  });

  it('that is no object is refused', () => {
    for (const raw of [null, undefined, 7, 'webhook', [GOOD]]) {
      assert.equal(refusal('soc', raw).code, 'CONNECTOR_CONFIG_INVALID');
    }
  });
});

describe('createDelivery', () => {
  it('starts without the secret, pauses, and says what is missing', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'vitrine-registry-'));
    const delivery = await createDelivery(
      'soc',
      { ...GOOD, start: 'beginning' },
      {
        dir,
        source: listSource(sampleAlerts([{}])),
        receipt: async () => {},
        log: () => {},
        environment: {},
      },
    );
    const deadline = performance.now() + 5_000;
    while (delivery.status().state !== 'paused' && performance.now() < deadline) {
      await new Promise((done) => setTimeout(done, 5));
    }
    const { state, lastError, type } = delivery.status();
    await delivery.stop();
    assert.deepEqual({ state, type }, { state: 'paused', type: 'webhook' });
    assert.match(String(lastError), /^SECRET_MISSING: the environment has no SOC_SECRET/);
    assert.ok(existsSync(join(dir, 'soc', 'position.json')));
    rmSync(dir, { recursive: true });
  });
});

describe('testConnector', () => {
  it('refuses bad settings as the start would', async () => {
    await assert.rejects(testConnector('soc', { type: 'none' }), { code: 'CONNECTOR_UNKNOWN' });
  });
});
