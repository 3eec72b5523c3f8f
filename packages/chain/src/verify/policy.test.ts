import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TRUST_BYTES_MAX } from '@vitrine/schema';
import { sha256 } from '../hash/node.ts';
import { formatVkey } from '../note/checkpoint.ts';
import { generateLogKey } from '../note/key.ts';
import { parseTrust } from './node.ts';
import { C2SP_COSIGNATURE_ED25519, keyIdOf, parseVkey } from './note.ts';
import { holdsSize, isQuorum } from './trust.ts';

const LOG = generateLogKey('log.test/00112233/default.0.1', Buffer.alloc(32, 1));

function witness(n: number): string {
  const { publicKey } = parseVkey(sha256, generateLogKey('w', Buffer.alloc(32, 50 + n)).vkey);
  const type = C2SP_COSIGNATURE_ED25519;
  const name = `witness.test/w${n}`;
  return formatVkey({ name, keyId: keyIdOf(sha256, name, type, publicKey), type, publicKey });
}

const WITNESSES = [1, 2, 3, 4].map((n) => `witness w${n} ${witness(n)}\n`).join('');

function refused(text: string, message?: RegExp): void {
  const check = { code: 'TRUST_INVALID', ...(message === undefined ? {} : { message }) };
  assert.throws(() => parseTrust(text), check, text);
}

test('comments, blanks, tabs and URLs are allowed', () => {
  const trust = parseTrust(
    `# a comment\n\n \t # another\nlog\t${LOG.vkey}  https://log.test/\n` +
      `witness w1 ${witness(1)} https://w1.test/\nquorum w1`,
  );
  assert.equal(trust.logs.length, 1);
  assert.equal(trust.logs[0]?.name, LOG.origin);
  assert.deepEqual(trust.quorum, { witness: 'w1' });
  assert.equal(parseTrust('quorum none\n').quorum, null);
});

test('groups nest, with thresholds', () => {
  const { quorum } = parseTrust(
    `${WITNESSES}group two 2 w1 w2 w3\ngroup both all two w4\nquorum both\n`,
  );
  const met = (...labels: string[]): boolean => isQuorum(quorum, new Set(labels));
  assert.ok(met('w1', 'w3', 'w4'));
  assert.ok(met('w1', 'w2', 'w3', 'w4'));
  assert.ok(!met('w1', 'w2', 'w3'));
  assert.ok(!met('w1', 'w4'));
  assert.ok(!met());
  const any = parseTrust(`${WITNESSES}group g any w1 w2\nquorum g\n`).quorum;
  assert.ok(isQuorum(any, new Set(['w2'])));
  assert.ok(!isQuorum(any, new Set(['w3'])));
  assert.ok(isQuorum(null, new Set()));
});

test('an interval limits a key to tree sizes, half-open', () => {
  const text = `log ${LOG.vkey}\n#vitrine interval ${LOG.keyId} 10 20\nquorum none\n`;
  const key = parseTrust(text).logs[0]!;
  assert.deepEqual(
    [9, 10, 19, 20].map((size) => holdsSize(key, size)),
    [false, true, true, false],
  );
  const two = parseTrust(`${text}#vitrine interval ${LOG.keyId} 30 -\n`).logs[0]!;
  assert.deepEqual(
    [20, 29, 30, 1e15].map((s) => holdsSize(two, s)),
    [false, false, true, true],
  );
  const free = parseTrust(`log ${LOG.vkey}\nquorum none\n`).logs[0]!;
  assert.ok(holdsSize(free, 0));
});

test('an interval that cannot be meant is refused, not ignored', () => {
  const log = `log ${LOG.vkey}\nquorum none\n`;
  refused(`${log}#vitrine interval 00000000 1 2\n`);
  refused(`${log}#vitrine interval ${LOG.keyId} 2 2\n`);
  refused(`${log}#vitrine interval ${LOG.keyId} 01 2\n`);
  refused(`${log}#vitrine interval ${LOG.keyId} 1\n`);
  refused(`${log}#vitrine until ${LOG.keyId} 1 2\n`);
});

test('what the policy format does not allow is refused with its line', () => {
  refused('', /no quorum/);
  refused('quorum none\nquorum none\n', /line 2/);
  refused('quorum w1\n', /line 1/);
  refused(`quorum w1\n${WITNESSES}`, /line 1/);
  refused(`log ${LOG.vkey} url more\nquorum none\n`);
  refused(`log\nquorum none\n`);
  refused(`log ${LOG.vkey}\nlog ${LOG.vkey}\nquorum none\n`, /line 2.*twice/);
  refused(`log ${witness(1)}\nquorum none\n`);
  refused(`witness w ${LOG.vkey}\nquorum none\n`);
  refused(`${WITNESSES}witness w5 ${witness(1)}\nquorum none\n`, /twice/);
  refused(`${WITNESSES}witness w1 ${witness(5)}\nquorum none\n`, /taken/);
  refused(`witness none ${witness(5)}\nquorum none\n`);
  refused(`${WITNESSES}group g 0 w1\nquorum g\n`);
  refused(`${WITNESSES}group g 2 w1\nquorum g\n`);
  refused(`${WITNESSES}group g 01 w1\nquorum g\n`);
  refused(`${WITNESSES}group g any\nquorum g\n`);
  refused(`${WITNESSES}group g any none\nquorum g\n`);
  refused(`${WITNESSES}group g any w1 w1\nquorum g\n`, /already/);
  refused(`${WITNESSES}group g any w1\ngroup h any w1\nquorum g\n`, /already/);
  refused('mirror x\nquorum none\n');
  refused('quorum none\r\n');
});

test('a trust file ends at TRUST_BYTES_MAX', () => {
  const filled = (bytes: number): string => `quorum none\n#${'x'.repeat(bytes - 13)}`;
  assert.equal(parseTrust(filled(TRUST_BYTES_MAX)).quorum, null);
  refused(filled(TRUST_BYTES_MAX + 1));
});
