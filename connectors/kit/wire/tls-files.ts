/** The PEM files of a connector: read at start, and again when one of them has changed. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { DeliverySettings } from '../config.ts';
import { ConnectorError, systemCode } from '../error.ts';
import { stampOf } from '../secret.ts';

/** As `node:tls` takes it; what is left out is Node's own. */
export interface TlsMaterial {
  ca?: string;
  cert?: string;
  key?: string;
}

const FILES = { ca: 'ca_file', cert: 'cert_file', key: 'key_file' } as const;
type Part = keyof typeof FILES;

export class TlsFiles {
  readonly #settings: DeliverySettings;
  #stamps = '';
  #material: TlsMaterial | undefined;

  constructor(settings: DeliverySettings) {
    this.#settings = settings;
  }

  /** Whether a file is not what was read last. */
  changed(): boolean {
    return this.#stamps !== this.#look();
  }

  /** The same object until a file changes. Throws CONNECTOR_CONFIG_INVALID. */
  read(): TlsMaterial {
    const stamps = this.#look();
    if (this.#material !== undefined && stamps === this.#stamps) return this.#material;
    this.#stamps = stamps;
    this.#material = undefined;
    const parts = Object.keys(FILES) as Part[];
    const named = parts.filter((part) => this.#settings[FILES[part]] !== undefined);
    const material: TlsMaterial = Object.fromEntries(
      named.map((part) => [part, readPem(FILES[part], this.#settings[FILES[part]]!)]),
    );
    checkTogether(material);
    this.#material = material;
    return material;
  }

  #look(): string {
    const paths = Object.values(FILES).map((name) => this.#settings[name]);
    return paths.map((path) => (path === undefined ? '' : stampOf(path))).join('\n');
  }
}

function readPem(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const message = `${setting}: cannot read ${path} (${systemCode(cause) ?? 'unknown'})`;
    const hint = `name a PEM file that this process may read`;
    throw new ConnectorError('CONNECTOR_CONFIG_INVALID', message, hint, { cause });
  }
}

/** Says at once what a handshake would say much later: a key of another certificate, no PEM. */
function checkTogether(material: TlsMaterial): void {
  try {
    createSecureContext(material);
  } catch (cause) {
    const message = `ca_file, cert_file, key_file: ${systemCode(cause) ?? 'no PEM'}`;
    const hint = 'the key must belong to the certificate, and each file must be PEM';
    throw new ConnectorError('CONNECTOR_CONFIG_INVALID', message, hint, { cause });
  }
}
