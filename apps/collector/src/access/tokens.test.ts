import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { bearerOf, Tokens } from './tokens.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-tokens-'));
after(() => rmSync(dir, { recursive: true }));

const start = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-02T00:00:00Z');

describe('tokens', () => {
  it('outlive a restart, and their secrets are kept nowhere', () => {
    const token = new Tokens(dir).create('analyst', 'default', 'n', start, null);
    const path = join(dir, 'tokens.json');
    // Not by its underscores: the secret may have some, too.
    const secret = token.slice('vt_01234567_'.length);
    assert.ok(secret.length > 40 && !readFileSync(path, 'utf8').includes(secret));
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const principal = new Tokens(dir).authenticate(token, later);
    assert.equal(principal?.role, 'analyst');
  });

  it('end when they expire, are revoked, or differ by one character', () => {
    const tokens = new Tokens(dir);
    const token = tokens.create('reader', 'default', '', start, later);
    assert.notEqual(tokens.authenticate(token, start), null);
    assert.equal(tokens.authenticate(token, later), null);
    const other = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
    assert.equal(tokens.authenticate(other, start), null);
    assert.equal(tokens.authenticate('', start), null);
    assert.equal(tokens.revoke(token.split('_')[1]!), true);
    assert.equal(tokens.authenticate(token, start), null);
    assert.equal(tokens.revoke('00000000'), false);
  });

  it('leave the file once they have expired and another is made', () => {
    const tokens = new Tokens(dir);
    const token = tokens.create('reader', 'default', 'short', start, later);
    const id = token.split('_')[1]!;
    assert.equal(tokens.isValid(id, start), true);
    assert.equal(tokens.isValid(id, later), false);
    tokens.create('reader', 'default', 'next', start, null);
    assert.equal(
      tokens.list().some((listed) => listed.id === id),
      true,
    );
    tokens.create('reader', 'default', 'next', later, null);
    assert.equal(
      tokens.list().some((listed) => listed.id === id),
      false,
    );
    assert.equal(tokens.isValid(id, start), false);
  });

  it('are read from the header in any case', () => {
    assert.equal(bearerOf('bearer abc '), 'abc');
    assert.equal(bearerOf('Bearer%20abc'), 'abc', 'as Claude Code sends it');
    assert.equal(bearerOf('Bearerabc'), '');
    assert.equal(bearerOf('Basic abc'), '');
    assert.equal(bearerOf(undefined), '');
  });
});
