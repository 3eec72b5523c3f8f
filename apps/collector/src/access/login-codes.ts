/**
 * One-time codes of login links. Kept hashed and in memory only: a restart ends every link. A code
 * stands for whoever had it made and is taken once; the same code again is told apart from an
 * unknown one, for its owner should hear that somebody else was faster.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  LOGIN_CODE_MS_MAX,
  LOGIN_CODES_MAX,
  LOGIN_WRONG_MS,
  LOGIN_WRONG_TRIES_MAX,
} from '@vitrine/schema';
import type { Role } from '@vitrine/schema/api';
import { ApiError } from '../api/errors.ts';
import type { Principal } from './may.ts';

/** Who comes in by a code: a person of the maker's choice. */
export interface Visitor {
  role: Role;
  /** Stands in the records of what they do; may be empty. */
  name: string;
}

interface StoredCode extends Visitor {
  /** SHA-256 of the code. */
  hash: Buffer;
  issuer: Principal;
  expires: Date;
  used: boolean;
}

const CODE_BYTES = 32;

export class LoginCodes {
  /** Oldest first. */
  #codes: StoredCode[] = [];
  /** Times of wrong tries inside the window, in ms. */
  #wrong: number[] = [];

  /** A new code; beyond the bound the oldest one is void. */
  create(
    issuer: Principal,
    now: Date,
    { role = issuer.role, name = '' }: Partial<Visitor> = {},
  ): { code: string; expires: Date } {
    const code = randomBytes(CODE_BYTES).toString('base64url');
    const expires = new Date(now.getTime() + LOGIN_CODE_MS_MAX);
    this.#codes.push({ hash: hashOf(code), issuer, role, name, expires, used: false });
    this.#codes = this.#codes.slice(-LOGIN_CODES_MAX);
    return { code, expires };
  }

  /**
   * Takes a code and answers who had it made, and for whom. Throws ApiError LOGIN_CODE_UNKNOWN,
   * _USED, _EXPIRED, or LOGIN_LIMITED after too many wrong tries; a right code is taken even then,
   * so that nobody can lock others out by guessing.
   */
  take(code: string, now: Date): Visitor & { issuer: Principal } {
    const given = hashOf(code);
    let found: StoredCode | undefined;
    // Every stored code is compared: how long it takes says nothing about which one is near.
    for (const stored of this.#codes) if (timingSafeEqual(stored.hash, given)) found = stored;
    if (found === undefined) throw this.#refusal('LOGIN_CODE_UNKNOWN', 'no such login code', now);
    if (found.used) throw this.#refusal('LOGIN_CODE_USED', 'this login link was used before', now);
    if (found.expires <= now) {
      throw this.#refusal('LOGIN_CODE_EXPIRED', 'this login link has expired', now);
    }
    found.used = true;
    const { issuer, role, name } = found;
    return { issuer, role, name };
  }

  #refusal(
    code: 'LOGIN_CODE_UNKNOWN' | 'LOGIN_CODE_USED' | 'LOGIN_CODE_EXPIRED',
    message: string,
    now: Date,
  ): ApiError {
    const since = now.getTime() - LOGIN_WRONG_MS;
    this.#wrong = this.#wrong.filter((at) => at > since);
    if (this.#wrong.length >= LOGIN_WRONG_TRIES_MAX) {
      return new ApiError('LOGIN_LIMITED', 'too many login codes were wrong');
    }
    this.#wrong.push(now.getTime());
    return new ApiError(code, message);
  }
}

function hashOf(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
