/**
 * Bearer tokens: `vt_<id>_<secret>`. Only the SHA-256 of the secret is kept, in one file of mode
 * 0600 that this module owns. The admin token of the data directory is made at the first start.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PullStream, Role, TokenItem } from '@vitrine/schema/api';
import { replaceFile } from '../files.ts';
import { isRole, type Principal } from './may.ts';

interface StoredToken extends TokenItem {
  /** SHA-256 of the secret, hex. */
  secret: string;
}

const TOKEN_FORM = /^vt_([a-z0-9]{8})_([A-Za-z0-9_-]{43})$/;
const ID_BYTES = 4;
const SECRET_BYTES = 32;

export class Tokens {
  readonly #path: string;
  readonly #tokens = new Map<string, StoredToken>();

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'tokens.json');
    if (existsSync(this.#path)) {
      for (const token of JSON.parse(readFileSync(this.#path, 'utf8')) as StoredToken[]) {
        if (isRole(token.role)) this.#tokens.set(token.id, token);
      }
    }
  }

  /** `pull`: only these streams of the consumer API, whatever else the role may. */
  create(
    role: Role,
    tenant: string,
    note: string,
    now: Date,
    expires: Date | null,
    pull?: readonly PullStream[],
  ): string {
    // Every login makes one: those that have ended must not fill the file.
    for (const [old, token] of this.#tokens) if (hasExpired(token, now)) this.#tokens.delete(old);
    const id = randomBytes(ID_BYTES).toString('hex');
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    this.#tokens.set(id, {
      id,
      role,
      tenant,
      ...(pull === undefined ? {} : { pull }),
      note,
      created: now.toISOString(),
      expires: expires === null ? null : expires.toISOString(),
      secret: hashOf(secret),
    });
    this.#save();
    return `vt_${id}_${secret}`;
  }

  /** The principal of a bearer token, or `null` for a token that is unknown, wrong or expired. */
  authenticate(token: string, now: Date): Principal | null {
    const match = TOKEN_FORM.exec(token);
    const stored = match === null ? undefined : this.#tokens.get(match[1]!);
    const given = Buffer.from(hashOf(match?.[2] ?? ''), 'hex');
    // An unknown id costs the same time as a known one.
    const kept = Buffer.from(stored?.secret ?? hashOf('none'), 'hex');
    if (!timingSafeEqual(given, kept) || stored === undefined) return null;
    if (hasExpired(stored, now)) return null;
    const { id, role, tenant, pull } = stored;
    return { id, role, tenant, ...(pull === undefined ? {} : { pull }) };
  }

  /** Whether the token of this id could still be used. */
  isValid(id: string, now: Date): boolean {
    const stored = this.#tokens.get(id);
    return stored !== undefined && !hasExpired(stored, now);
  }

  revoke(id: string): boolean {
    const known = this.#tokens.delete(id);
    if (known) this.#save();
    return known;
  }

  list(): TokenItem[] {
    return [...this.#tokens.values()].map(({ secret: _secret, ...listing }) => listing);
  }

  #save(): void {
    replaceFile(this.#path, JSON.stringify([...this.#tokens.values()], null, 1));
  }
}

function hasExpired({ expires }: StoredToken, now: Date): boolean {
  return expires !== null && new Date(expires) <= now;
}

/**
 * The token in `Authorization: Bearer …`, or an empty string. Claude Code hands on what stands in
 * OTEL_EXPORTER_OTLP_HEADERS as it is, so the space may be `%20`.
 */
export function bearerOf(header: string | undefined): string {
  return /^Bearer(?: |%20)+(\S+) *$/i.exec(header ?? '')?.[1] ?? '';
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
