/** Certificates for tests of the wire, made anew by openssl: one of them has expired on purpose. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const DAYS = { server: '2', client: '2', other: '2', expired: '-1' };

export type CertificateName = keyof typeof DAYS;

/** In `dir`: `ca.pem`, and for each name `<name>.pem` and `<name>.key`, all for localhost. */
export function makeCertificates(dir: string): void {
  const file = (name: string): string => join(dir, name);
  const authority = ['-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '2'];
  openssl('req', '-x509', ...EC_KEY, '-subj', '/CN=Test authority', ...authority);
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost\n');
  for (const [name, days] of Object.entries(DAYS)) {
    const request = ['-keyout', file(`${name}.key`), '-out', file(`${name}.csr`)];
    openssl('req', ...EC_KEY, '-subj', `/CN=${name}`, ...request);
    const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'];
    const out = ['-out', file(`${name}.pem`), '-days', days, '-extfile', file('names')];
    openssl('x509', '-req', '-in', file(`${name}.csr`), ...signed, ...out);
  }
}

/** As a TLS server takes them. */
export function identity(dir: string, name: CertificateName): { cert: string; key: string } {
  const read = (ending: string): string => readFileSync(join(dir, `${name}.${ending}`), 'utf8');
  return { cert: read('pem'), key: read('key') };
}

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
