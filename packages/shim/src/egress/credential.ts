/**
 * Credentials in a request, as fingerprints. The one place that sees a secret; nothing but
 * `auth_fp = HMAC-SHA-256(key, secret)`, first 16 bytes, leaves it.
 */
import { createHmac } from 'node:crypto';
import { EGRESS_NAMES_MAX, Scrubber } from '@vitrine/schema';

/** Headers that carry a credential, in the order they are told of. */
export const CREDENTIAL_HEADERS = [
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'private-token',
  'x-auth-token',
  'proxy-authorization',
  'cookie',
];
export const CREDENTIAL_QUERY_KEYS = [
  /^(key|api[-_]?key|token|access[-_]?token|auth|secret|sig|signature)$/i,
  /^x-amz-(signature|security-token)$/i,
];

export interface Credential {
  /** Header name, or `query:<key>`. */
  where: string;
  scheme: string;
  /** 32 hex digits. */
  fp: string;
  /** The session was given this one: a hint, for detection compares with `open` itself. */
  provisioned: boolean;
}

export interface FoundCredentials {
  /** The first is the one to tell of if only one is. */
  credentials: Credential[];
  /** Different ones beside those: there were more than an event has room for. */
  omitted: number;
}

/** Knows the well-known forms of tokens. */
const shapes = new Scrubber([]);

/** 32 hex digits; `key` is the tenant's fingerprint key. */
export function fingerprint(key: Buffer, secret: string): string {
  return createHmac('sha256', key).update(secret).digest('hex').slice(0, 32);
}

export class CredentialReader {
  readonly #key: Buffer;
  readonly #provisioned: ReadonlySet<string>;

  constructor(key: Buffer, provisioned: string[]) {
    this.#key = key;
    this.#provisioned = new Set(provisioned);
  }

  /** `headers`: names and values in turn, as Node's `rawHeaders`. `query`: without the `?`. */
  find(headers: string[], query: string): FoundCredentials {
    const found: Credential[] = [];
    for (let i = 0; i + 1 < headers.length; i += 2) {
      const name = headers[i]!.toLowerCase();
      if (CREDENTIAL_HEADERS.includes(name)) found.push(...this.#header(name, headers[i + 1]!));
    }
    for (const [key, value] of new URLSearchParams(query)) {
      if (value === '' || !CREDENTIAL_QUERY_KEYS.some((pattern) => pattern.test(key))) continue;
      found.push(this.#credential(`query:${key.toLowerCase()}`, 'query', value));
    }
    return ranked(found);
  }

  #header(name: string, value: string): Credential[] {
    const [, scheme, secret] = /^([A-Za-z][A-Za-z0-9-]*) +(.+)$/s.exec(value.trim()) ?? [];
    if (!name.endsWith('authorization') || scheme === undefined || secret === undefined) {
      const kind = name.endsWith('authorization') ? 'raw' : name;
      return [this.#credential(name, kind, value.trim())];
    }
    const lower = scheme.toLowerCase();
    const secrets = lower === 'basic' ? basicSecrets(secret) : [secret.trim()];
    return secrets.map((each) => this.#credential(name, lower, each));
  }

  #credential(where: string, scheme: string, secret: string): Credential {
    const fp = fingerprint(this.#key, secret);
    return { where, scheme, fp, provisioned: this.#provisioned.has(fp) };
  }
}

/** Foreign ones first, each secret once, so that neither order nor number can hide one. */
export function ranked(found: Credential[]): FoundCredentials {
  const sorted = found.toSorted((a, b) => rank(a) - rank(b));
  const distinct = [...Map.groupBy(sorted, ({ fp }) => fp).values()].map(([first]) => first!);
  const credentials = distinct.slice(0, EGRESS_NAMES_MAX);
  return { credentials, omitted: distinct.length - credentials.length };
}

/** Foreign before own; then headers in the order of `CREDENTIAL_HEADERS`, then the query. */
function rank({ where, provisioned }: Credential): number {
  const place = CREDENTIAL_HEADERS.indexOf(where);
  return (
    (provisioned ? CREDENTIAL_HEADERS.length + 1 : 0) +
    (place < 0 ? CREDENTIAL_HEADERS.length : place)
  );
}

/**
 * What may be the secret of RFC 7617: the password, or the user when there is none, or the whole
 * value when it has no form. A user that looks like a token is one beside any password.
 */
function basicSecrets(value: string): string[] {
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return [value];
  const [user, password] = [text.slice(0, colon), text.slice(colon + 1)];
  if (password === '') return [user];
  return shapes.text(user) === user ? [password] : [password, user];
}
