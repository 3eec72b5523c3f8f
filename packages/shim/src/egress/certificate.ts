/**
 * The certificates of one run: an authority that is made at the start and forgotten at the end, and
 * one certificate for each host. Its key never leaves the memory of this process.
 */
import './reflect.ts';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR_MS = 3_600_000;
/** Clocks of a sandbox and its host are the same; this is for those who check to the second. */
const BACKDATE_MS = HOUR_MS;
/** Longer than any run; the key is gone long before. */
const LIFE_MS = 30 * 24 * HOUR_MS;

export class RunAuthority {
  /** PEM, for the sandbox to trust. */
  readonly certificate: string;
  readonly #authority: X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #now: number;
  readonly #contexts = new Map<string, Promise<SecureContext>>();

  private constructor(authority: X509Certificate, keys: webcrypto.CryptoKeyPair, now: number) {
    this.#authority = authority;
    this.#keys = keys;
    this.#now = now;
    this.certificate = authority.toString('pem');
  }

  /** `now`: unix milliseconds. */
  static async create(now: number): Promise<RunAuthority> {
    const keys = await generateKeys();
    const authority = await X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: [{ CN: ['Vitrine egress of one run'] }],
      ...validity(now),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new RunAuthority(authority, keys, now);
  }

  /** What a TLS server for `host` needs; made once for each host. */
  contextFor(host: string): Promise<SecureContext> {
    const known = this.#contexts.get(host) ?? this.#issue(host);
    this.#contexts.set(host, known);
    return known;
  }

  async #issue(host: string): Promise<SecureContext> {
    const keys = await generateKeys();
    const leaf = await X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      // A name longer than a common name may be stands in the extension only (RFC 6125, 6.4.4).
      subject: [{ CN: [host.slice(0, COMMON_NAME_CHARS_MAX)] }],
      issuer: this.#authority.subject,
      ...validity(this.#now),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension([{ type: isIP(host) ? 'ip' : 'dns', value: host }]),
        await AuthorityKeyIdentifierExtension.create(this.#keys.publicKey),
      ],
    });
    const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return createSecureContext({
      cert: leaf.toString('pem'),
      key: pem('PRIVATE KEY', Buffer.from(key)),
      minVersion: 'TLSv1.2',
    });
  }
}

/** RFC 5280, A.1: `ub-common-name`. */
const COMMON_NAME_CHARS_MAX = 64;

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, [
    'sign',
    'verify',
  ]) as Promise<webcrypto.CryptoKeyPair>;
}

function validity(now: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - BACKDATE_MS), notAfter: new Date(now + LIFE_MS) };
}

/** RFC 5280, 4.1.2.2: positive, at most 20 octets. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
