/** Certificates of a test's broker and its client, made anew by openssl: none has expired. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DAYS = '2';
const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/**
 * Writes to `dir`: `ca.pem`; `broker.pem` with key and certificate for localhost; `client.pem` and
 * `client.key`.
 */
export function makeCertificates(dir: string): void {
  const file = (name: string): string => join(dir, name);
  const subject = (name: string): string[] => ['-subj', `/CN=${name}`];
  const authority = ['-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', DAYS];
  openssl('req', '-x509', ...EC_KEY, ...subject('Test authority'), ...authority);
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  for (const name of ['broker', 'client']) {
    const request = ['-keyout', file(`${name}.key`), '-out', file(`${name}.csr`)];
    openssl('req', ...EC_KEY, ...subject(name), ...request);
    const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'];
    const out = ['-out', file(`${name}.pem`), '-days', DAYS, '-extfile', file('names')];
    openssl('x509', '-req', '-in', file(`${name}.csr`), ...signed, ...out);
  }
  // Kafka reads key and certificates from one file.
  appendFileSync(file('broker.pem'), readFileSync(file('broker.key')));
}

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
