import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { CONNECTOR_SECRET_BYTES_MAX } from '@vitrine/schema';
import { oneLine } from './classify.ts';
import {
  resolveSecrets,
  Secret,
  SecretReader,
  SecretReference,
  secretReference,
} from './secret.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-secret-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const CANARY = 'canary-0123456789';

describe('Secret', () => {
  it('shows itself nowhere', () => {
    const secret = new Secret(CANARY);
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 9, showHidden: true }),
      inspect(secret),
      Object.values(secret).join(),
      new Error(`with ${secret}`).message,
    ];
    assert.ok(!shown.join().includes(CANARY), shown.join());
    assert.equal(secret.reveal(), CANARY);
  });
});

describe('secretReference', () => {
  it('accepts the two places, each alone', () => {
    const schema = secretReference();
    assert.ok(schema.parse({ env: 'X' }) instanceof SecretReference);
    assert.ok(schema.parse({ file: '/x' }) instanceof SecretReference);
    for (const raw of [{ env: '' }, { env: 'X', file: 'y' }, {}, null, 7]) {
      assert.equal(schema.safeParse(raw).success, false);
    }
  });

  it('does not repeat a secret that was written where a reference belongs', () => {
    const { error } = secretReference().safeParse(CANARY);
    assert.match(String(error?.message), /never the value itself/);
    assert.ok(!String(error?.message).includes(CANARY));
  });
});

describe('SecretReader', () => {
  const file = (): SecretReference => new SecretReference({ file: join(dir, 'secret') });
  const env = (name: string): SecretReference => new SecretReference({ env: name });

  it('reads the environment', () => {
    const reader = new SecretReader({ A: ` ${CANARY}\n`, EMPTY: ' ' });
    assert.equal(reader.read(env('A')).reveal(), CANARY);
    assert.throws(() => reader.read(env('B')), { code: 'SECRET_MISSING' });
    assert.throws(() => reader.read(env('EMPTY')), { code: 'SECRET_INVALID' });
  });

  it('reads a file again when it was changed or replaced', () => {
    const reader = new SecretReader({});
    writeFileSync(join(dir, 'secret'), 'first\n');
    assert.equal(reader.read(file()).reveal(), 'first');
    assert.equal(reader.changed(), false);
    writeFileSync(join(dir, 'new'), 'other\n');
    renameSync(join(dir, 'new'), join(dir, 'secret'));
    assert.equal(reader.changed(), true);
    assert.equal(reader.read(file()).reveal(), 'other');
    assert.equal(reader.changed(), false);
  });

  it('notices a file that comes late or goes away', () => {
    const reader = new SecretReader({});
    assert.throws(() => reader.read(file()), { code: 'SECRET_MISSING' });
    assert.equal(reader.changed(), false);
    writeFileSync(join(dir, 'secret'), CANARY);
    assert.equal(reader.changed(), true);
    assert.equal(reader.read(file()).reveal(), CANARY);
    unlinkSync(join(dir, 'secret'));
    assert.equal(reader.changed(), true);
    assert.throws(() => reader.read(file()), { code: 'SECRET_MISSING' });
  });

  it('refuses a file that is too large for a secret', () => {
    const reader = new SecretReader({});
    writeFileSync(join(dir, 'secret'), 'x'.repeat(CONNECTOR_SECRET_BYTES_MAX));
    assert.equal(reader.read(file()).reveal().length, CONNECTOR_SECRET_BYTES_MAX);
    writeFileSync(join(dir, 'secret'), 'x'.repeat(CONNECTOR_SECRET_BYTES_MAX + 1));
    assert.throws(() => reader.read(file()), { code: 'SECRET_INVALID' });
  });

  it('takes out of a text whatever was read, the replaced as well', () => {
    const reader = new SecretReader({ A: CANARY, B: `${CANARY}-longer` });
    reader.read(env('A'));
    reader.read(env('B'));
    assert.equal(reader.scrub(`a ${CANARY}-longer b ${CANARY} c`), 'a [redacted] b [redacted] c');
    writeFileSync(join(dir, 'secret'), 'first-secret');
    reader.read(file());
    writeFileSync(join(dir, 'secret'), 'second-secret');
    reader.read(file());
    assert.equal(reader.scrub('first-secret second-secret'), '[redacted] [redacted]');
  });

  it('takes out the telling parts of a secret address', () => {
    const reader = new SecretReader({
      URL: 'https://soc.example/hook/T0K3N-PATH?key=T0K3N%20QUERY',
    });
    reader.read(env('URL'));
    const echoed = 'Cannot POST /hook/T0K3N-PATH?key=T0K3N%20QUERY (key T0K3N QUERY)';
    assert.ok(!reader.scrub(echoed).includes('T0K3N'), reader.scrub(echoed));
  });

  it('takes out a part of a secret address that is echoed as it was meant', () => {
    const reader = new SecretReader({ URL: 'https://soc.example/hook/T0K3N%2FPATH' });
    reader.read(env('URL'));
    assert.ok(!reader.scrub('no hook T0K3N/PATH').includes('T0K3N'));
  });

  it('reads a secret that looks like an address with a broken escape', () => {
    const reader = new SecretReader({ PROXY: 'http://me:100%zz-sure@proxy.example:3128' });
    assert.match(reader.read(env('PROXY')).reveal(), /100%zz-sure/);
    assert.equal(reader.scrub('bad password 100%zz-sure'), 'bad password [redacted]');
  });

  it('takes out what was brought onto one line', () => {
    const value = 'canary  with\ttwo\nlines';
    const reader = new SecretReader({ A: value });
    reader.read(env('A'));
    assert.equal(reader.scrub(oneLine(`seen ${value} here`)), 'seen [redacted] here');
    assert.equal(reader.scrub(`seen ${value} here`), 'seen [redacted] here');
  });

  it('takes out a token as it is escaped in a body or a form', () => {
    const reader = new SecretReader({});
    reader.hide('t0k+n/"=');
    // As a hostile issuer may say it in JSON.
    reader.hide('\ud800');
    const forms = ['t0k+n/"=', 't0k%2Bn%2F%22%3D', JSON.stringify('t0k+n/"=')].join(' ');
    assert.ok(!/t0k/.test(reader.scrub(forms)), reader.scrub(forms));
  });
});

describe('resolveSecrets', () => {
  it('replaces references at any depth and leaves the rest', () => {
    const reference = new SecretReference({ env: 'A' });
    const settings = { url: 'x', deep: [{ secret: reference }], none: undefined };
    const resolved = resolveSecrets(settings, new SecretReader({ A: CANARY }));
    assert.equal(resolved.deep[0]!.secret.reveal(), CANARY);
    assert.equal(resolved.url, 'x');
    assert.equal(resolved.none, undefined);
  });
});
