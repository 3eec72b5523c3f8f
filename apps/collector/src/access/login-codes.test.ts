import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  LOGIN_CODE_MS_MAX,
  LOGIN_CODES_MAX,
  LOGIN_WRONG_MS,
  LOGIN_WRONG_TRIES_MAX,
} from '@vitrine/schema';
import { LoginCodes } from './login-codes.ts';
import type { Principal } from './may.ts';

const ADMIN: Principal = { id: '00000001', role: 'admin', tenant: 'default' };
const START = new Date('2026-01-01T00:00:00Z');
const after = (ms: number): Date => new Date(START.getTime() + ms);
const refused = (code: string) => ({ name: 'ApiError', code });

describe('login codes', () => {
  it('are taken once, and the second taker hears that they were', () => {
    const codes = new LoginCodes();
    const { code, expires } = codes.create(ADMIN, START);
    assert.equal(code.length, 43);
    assert.equal(expires.getTime() - START.getTime(), LOGIN_CODE_MS_MAX);
    assert.deepEqual(codes.take(code, START).issuer, ADMIN);
    assert.throws(() => codes.take(code, START), refused('LOGIN_CODE_USED'));
  });

  it('are for whom their maker says, else for the maker’s own role', () => {
    const codes = new LoginCodes();
    const { code } = codes.create(ADMIN, START, { role: 'analyst', name: 'Ada' });
    assert.deepEqual(codes.take(code, START), { issuer: ADMIN, role: 'analyst', name: 'Ada' });
    const own = codes.create(ADMIN, START).code;
    assert.deepEqual(codes.take(own, START), { issuer: ADMIN, role: 'admin', name: '' });
  });

  it('end when their time is over, not a millisecond before', () => {
    const codes = new LoginCodes();
    const late = codes.create(ADMIN, START).code;
    const timely = codes.create(ADMIN, START).code;
    assert.throws(() => codes.take(late, after(LOGIN_CODE_MS_MAX)), refused('LOGIN_CODE_EXPIRED'));
    assert.deepEqual(codes.take(timely, after(LOGIN_CODE_MS_MAX - 1)).issuer, ADMIN);
  });

  it('are refused with one character changed, cut, or empty', () => {
    const codes = new LoginCodes();
    const { code } = codes.create(ADMIN, START);
    const other = (code.startsWith('A') ? 'B' : 'A') + code.slice(1);
    for (const wrong of [other, code.slice(0, -1), `${code}A`, '']) {
      assert.throws(() => codes.take(wrong, START), refused('LOGIN_CODE_UNKNOWN'));
    }
    assert.deepEqual(codes.take(code, START).issuer, ADMIN);
  });

  it('are kept up to a bound: the oldest one gives way', () => {
    const codes = new LoginCodes();
    const first = codes.create(ADMIN, START).code;
    const rest = Array.from({ length: LOGIN_CODES_MAX }, () => codes.create(ADMIN, START).code);
    assert.throws(() => codes.take(first, START), refused('LOGIN_CODE_UNKNOWN'));
    assert.deepEqual(codes.take(rest[0]!, START).issuer, ADMIN);
  });

  it('limit wrong tries, and lock nobody out by that', () => {
    const codes = new LoginCodes();
    const { code } = codes.create(ADMIN, START);
    for (let i = 0; i < LOGIN_WRONG_TRIES_MAX; i++) {
      assert.throws(() => codes.take(`guess ${i}`, START), refused('LOGIN_CODE_UNKNOWN'));
    }
    assert.throws(() => codes.take('one more', START), refused('LOGIN_LIMITED'));
    assert.deepEqual(codes.take(code, START).issuer, ADMIN);
    assert.throws(() => codes.take('later', after(LOGIN_WRONG_MS)), refused('LOGIN_CODE_UNKNOWN'));
  });
});
