/** Certificates of one authority, made by openssl: what a receiver and a sender show each other. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  cert: string;
  key: string;
}

export class Authority {
  readonly #dir: string;
  readonly #name: string;
  readonly cert: string;
  readonly #key: string;

  /** Writes into `dir`; `name` tells authorities apart. */
  constructor(dir: string, name: string) {
    this.#dir = dir;
    this.#name = name;
    this.cert = join(dir, `${name}.ca.pem`);
    this.#key = join(dir, `${name}.ca.key`);
    const made = ['-x509', '-days', '30', '-subj', `/CN=${name} authority`];
    openssl('req', ...NEW_KEY, ...made, '-keyout', this.#key, '-out', this.cert);
  }

  /** For both ends; `host` is a DNS name, 127.0.0.1 is always there beside it. */
  issue(file: string, host: string, { expired = false } = {}): Certificate {
    const at = (ending: string): string => join(this.#dir, `${this.#name}.${file}.${ending}`);
    const [cert, key] = [at('pem'), at('key')];
    const extensions = [
      `subjectAltName=DNS:${host},IP:127.0.0.1`,
      'extendedKeyUsage=serverAuth,clientAuth',
      'basicConstraints=CA:FALSE',
    ];
    writeFileSync(at('ext'), extensions.join('\n'));
    openssl('req', ...NEW_KEY, '-subj', `/CN=${host}`, '-keyout', key, '-out', at('csr'));
    const from = ['-in', at('csr'), '-CA', this.cert, '-CAkey', this.#key, '-extfile', at('ext')];
    // Ended a day before it began: every check of its end fails.
    openssl('x509', '-req', ...from, '-days', expired ? '-1' : '30', '-out', cert);
    return { cert, key };
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
