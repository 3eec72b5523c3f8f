import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig } from '../config.ts';
import { edrLink } from './edr-link.ts';

const identity = (vendor: unknown, device_id: unknown) =>
  ({ name: 'h', edr: { vendor, device_id } }) as never;

describe('the link to an EDR’s console', () => {
  it('is the template of its vendor, or the one for all, with the id in it', () => {
    const falcon = { crowdstrike: 'https://falcon.example/hosts/{device_id}?v={vendor}' };
    assert.equal(
      edrLink(falcon, identity('crowdstrike', 'ab12')),
      'https://falcon.example/hosts/ab12?v=crowdstrike',
    );
    assert.equal(edrLink(falcon, identity('defender', 'ab12')), null);
    assert.equal(edrLink('https://e/{device_id}', identity('any', 'x')), 'https://e/x');
  });

  it('takes an id for no more than one step of a path', () => {
    const link = edrLink(
      'https://e.example/h/{device_id}/live',
      identity('v', '../../?a=b#{vendor}'),
    );
    assert.equal(link, 'https://e.example/h/..%2F..%2F%3Fa%3Db%23%7Bvendor%7D/live');
  });

  it('is none without an identity, or with one of another form', () => {
    assert.equal(edrLink('https://e/{device_id}', null), null);
    assert.equal(edrLink('https://e/{device_id}', identity('v', 7)), null);
    assert.equal(edrLink({}, identity('constructor', 'x')), null);
    assert.equal(edrLink({}, { name: 'h' } as never), null);
  });

  it('is configured as an address of the web with a place for the id, or refused', (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'vitrine-links-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const load = (yaml: string) => {
      writeFileSync(join(dir, 'vitrine.yaml'), yaml);
      return loadConfig(dir, undefined).links.edr;
    };
    assert.deepEqual(load(''), {});
    assert.equal(load('links: {edr: "https://e/{device_id}"}'), 'https://e/{device_id}');
    const each = 'links: {edr: {crowdstrike: "https://e/{device_id}"}}';
    assert.deepEqual(load(each), { crowdstrike: 'https://e/{device_id}' });
    for (const bad of [
      'javascript:alert(1)//{device_id}',
      'https://e/',
      'https://e/ {device_id}',
    ]) {
      assert.throws(() => load(`links: {edr: "${bad}"}`), { code: 'CONFIG_INVALID' }, bad);
    }
  });
});
