import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { z } from 'zod';
import { type Clock, systemClock } from '../clock.ts';
import { httpSettings } from '../config.ts';
import type { Outcome } from '../contract.ts';
import { defineConnector } from '../define.ts';
import { SecretReader } from '../secret.ts';
import { type CertificateName, identity, makeCertificates } from './certificates.fixture.ts';
import { openWire } from './open.ts';
import type { Wire } from './wire.ts';

const plain = defineConnector({
  type: 'plain',
  config: z.strictObject({ ...httpSettings, url: z.string() }),
  encode: ({ id }) => Buffer.from(id),
  request: ({ items }, { url }) => ({ method: 'POST', url, headers: {}, body: items[0]!.bytes }),
});

const dir = mkdtempSync(join(tmpdir(), 'vitrine-tls-'));
before(() => makeCertificates(dir));
after(() => rmSync(dir, { recursive: true }));

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Says whose certificate it was shown. */
async function serve(name: CertificateName, asksForOurs = false): Promise<string> {
  const ours = { requestCert: asksForOurs, rejectUnauthorized: asksForOurs };
  const ca = readFileSync(join(dir, 'ca.pem'), 'utf8');
  const server = createServer({ ...identity(dir, name), ...ours, ca }, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    response.setHeader('x-seen', String(subject?.CN));
    response.end();
    seen.push(String(subject?.CN));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://localhost:${(server.address() as AddressInfo).port}/`;
}

let seen: string[] = [];
let nowMs = 0;
const clock: Clock = { ...systemClock, monotonic: () => nowMs };

function wireTo(url: string, settings: object): Wire {
  const raw = { url, allow: ['loopback'], ca_file: join(dir, 'ca.pem'), ...settings };
  const connector = plain.configure('soc', raw);
  const limits = { connectMs: 2_000, attemptMs: 2_000 };
  const wire = openWire({ connector, secrets: new SecretReader({}), clock, ...limits });
  closing.push(() => wire.close());
  return wire;
}

function send(wire: Wire): Promise<Outcome> {
  const item = { id: 'alr_1', bytes: Buffer.from('{}') };
  return wire.send([item], 1, new AbortController().signal);
}

const reasonOf = (outcome: Outcome): string => ('reason' in outcome ? outcome.reason : 'none');
const pair = (name: string) => ({
  cert_file: join(dir, `${name}.pem`),
  key_file: join(dir, `${name}.key`),
});

describe('a certificate of the destination', () => {
  it('that has expired is waited for, with a hint, and kills no alert', async () => {
    const outcome = await send(wireTo(await serve('expired'), {}));
    assert.equal(outcome.kind, 'retry');
    assert.match(reasonOf(outcome), /^CERT_HAS_EXPIRED: .*must be renewed there$/);
  });

  it('for another name is waited for, with a hint', async () => {
    const url = (await serve('server')).replace('localhost', '127.0.0.1');
    const outcome = await send(wireTo(url, {}));
    assert.equal(outcome.kind, 'retry');
    assert.match(reasonOf(outcome), /^ERR_TLS_CERT_ALTNAME_INVALID: /);
  });

  it('is never taken unseen: no setting turns the check off', () => {
    for (const name of ['insecure', 'verify', 'rejectUnauthorized', 'tls_verify']) {
      assert.throws(() => wireTo('https://localhost/', { [name]: false }), {
        code: 'CONNECTOR_CONFIG_INVALID',
      });
    }
  });

  it('is checked where the environment tells Node.js not to', async (t) => {
    // As `NODE_TLS_REJECT_UNAUTHORIZED=0` does, which an operator sets for another program's sake.
    const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env;
    t.after(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    });
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    assert.equal((await send(wireTo(await serve('expired'), {}))).kind, 'retry');
  });
});

describe('a name that the resolver does not know', () => {
  it('is waited for, with a hint', async () => {
    const outcome = await send(wireTo('https://nowhere.invalid/', {}));
    assert.equal(outcome.kind, 'retry');
    assert.match(reasonOf(outcome), /^(ENOTFOUND|EAI_AGAIN): .*check .*DNS of this machine$/);
  });
});

describe('our own certificate', () => {
  it('is shown, and read again when it changes', async () => {
    seen = [];
    const url = await serve('server', true);
    const at = (ending: string): string => join(dir, `ours.${ending}`);
    const use = (name: string): void => {
      for (const ending of ['pem', 'key']) copyFileSync(join(dir, `${name}.${ending}`), at(ending));
    };
    use('client');
    const wire = wireTo(url, { cert_file: at('pem'), key_file: at('key') });
    assert.equal((await send(wire)).kind, 'ok');
    assert.equal(wire.secretsChanged(), false);
    use('other');
    assert.equal(wire.secretsChanged(), true);
    nowMs += 1_100;
    assert.equal((await send(wire)).kind, 'ok');
    assert.deepEqual(seen, ['client', 'other']);
    assert.equal(wire.secretsChanged(), false);
  });

  it('that is half replaced pauses until the other half is there', async () => {
    const at = (ending: string): string => join(dir, `half.${ending}`);
    for (const ending of ['pem', 'key']) copyFileSync(join(dir, `client.${ending}`), at(ending));
    const files = { cert_file: at('pem'), key_file: at('key') };
    const wire = wireTo(await serve('server', true), files);
    copyFileSync(join(dir, 'other.pem'), at('pem'));
    nowMs += 1_100;
    const outcome = await send(wire);
    assert.equal(outcome.kind, 'pause');
    assert.match(reasonOf(outcome), /^CONNECTOR_CONFIG_INVALID: .*must belong to the certificate/);
    copyFileSync(join(dir, 'other.key'), at('key'));
    assert.equal(wire.secretsChanged(), true);
    assert.equal((await send(wire)).kind, 'ok');
  });

  it('that is asked for and missing kills no alert', async () => {
    // The refusal comes after the handshake (TLS 1.3), so the end may be all that is seen of it.
    const { kind } = await send(wireTo(await serve('server', true), {}));
    assert.ok(kind === 'pause' || kind === 'retry', kind);
  });

  it('needs its key, and files that are PEM', () => {
    const url = 'https://localhost/';
    const code = 'CONNECTOR_CONFIG_INVALID';
    const { cert_file, key_file } = pair('client');
    assert.throws(() => wireTo(url, { cert_file }), { code });
    assert.throws(() => wireTo(url, { key_file }), { code });
    assert.throws(() => wireTo(url, { cert_file, key_file: join(dir, 'other.key') }), { code });
    writeFileSync(join(dir, 'no.pem'), 'no PEM');
    assert.throws(() => wireTo(url, { cert_file: join(dir, 'no.pem'), key_file }), { code });
    assert.throws(() => wireTo(url, pair('missing')), { code, message: /cert_file: cannot read/ });
  });
});
