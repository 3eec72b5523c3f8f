/**
 * Credentials in a request, as fingerprints. The one place that sees a secret; nothing but
 * `auth_fp = HMAC-SHA-256(key, secret)`, first 16 bytes, leaves it (DESIGN §3).
 */
import { createHmac } from 'node:crypto';
import { EGRESS_NAMES_MAX } from '@vitrine/schema';

/** Headers that carry a credential, in the order they are told of. */
const HEADERS = [
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'private-token',
  'x-auth-token',
  'proxy-authorization',
  'cookie',
];
const QUERY_KEYS = [
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
  find(headers: string[], query: string): Credential[] {
    const found: Credential[] = [];
    for (let i = 0; i + 1 < headers.length; i += 2) {
      const name = headers[i]!.toLowerCase();
      if (HEADERS.includes(name)) found.push(this.#header(name, headers[i + 1]!));
    }
    for (const [key, value] of new URLSearchParams(query)) {
      if (value === '' || !QUERY_KEYS.some((pattern) => pattern.test(key))) continue;
      found.push(this.#credential(`query:${key.toLowerCase()}`, 'query', value));
    }
    const order = (item: Credential): number => HEADERS.indexOf(item.where);
    return found.toSorted((a, b) => order(a) - order(b)).slice(0, EGRESS_NAMES_MAX);
  }

  #header(name: string, value: string): Credential {
    const [, scheme, secret] = /^([A-Za-z][A-Za-z0-9-]*) +(.+)$/s.exec(value.trim()) ?? [];
    if (!name.endsWith('authorization') || scheme === undefined || secret === undefined) {
      const kind = name.endsWith('authorization') ? 'raw' : name;
      return this.#credential(name, kind, value.trim());
    }
    const lower = scheme.toLowerCase();
    const isBasic = lower === 'basic';
    return this.#credential(name, lower, isBasic ? basicPassword(secret) : secret.trim());
  }

  #credential(where: string, scheme: string, secret: string): Credential {
    const fp = fingerprint(this.#key, secret);
    return { where, scheme, fp, provisioned: this.#provisioned.has(fp) };
  }
}

/**
 * The one a record's `http.auth_fp` names: a foreign one first, so that adding one's own does not
 * hide it.
 */
export function leadingCredential(found: Credential[]): Credential | undefined {
  return found.find(({ provisioned }) => !provisioned) ?? found[0];
}

/** The password of RFC 7617, which is where tokens are put; else the user; else the whole value. */
function basicPassword(value: string): string {
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return value;
  return text.slice(colon + 1) || text.slice(0, colon);
}
