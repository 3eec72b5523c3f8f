/** Content outside the records (LOG.md §5, step 8). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import type { BundleChainInput } from '../index.ts';
import { verifyBundle } from './node.ts';
import { type Answer, answerTo, PROVEN, RIG_TRUST, RigLog } from './rig.ts';

const MISSING: Answer = [3, 'parts'];
const WRONG: Answer = [1, 'parts'];
const A = Buffer.from('argv');

/** Records 0 to 3 of `s1/b1`; 1 and 2 have parts `a` and `b`. */
function logWithParts(): RigLog {
  const log = new RigLog();
  log.add('s1/sup', 'open');
  for (let i = 0; i < 4; i++) log.add('s1/b1', 'x', {}, i === 1 || i === 2 ? { a: A, b: A } : {});
  log.join('s1/b1');
  return log;
}

function audit(log: RigLog, kind: string, target: JsonObject, chain = 'log/audit'): number {
  return log.add(chain, kind, { target }).index;
}

type Part = NonNullable<BundleChainInput['parts']>[number];

/** The session with parts changed, and leaves attached. */
function bundled(
  log: RigLog,
  change: (parts: Part[]) => Part[] | null,
  attached: number[] = [],
): Buffer {
  log.seal();
  const chain = log.chain('s1/b1');
  const chains = [{ ...chain, parts: change(chain.parts!) }, log.chain('s1/sup')];
  return log.session('s1', { chains, attached: attached.map((i) => log.leaf(i)) });
}

const without = (seq: number, name: string) => (parts: Part[]) =>
  parts.filter((part) => part.seq !== seq || part.name !== name);

test('a given part is the one that was committed to', () => {
  const changed = (change: Partial<Part>) => (parts: Part[]) => [
    { ...parts[0]!, ...change },
    ...parts.slice(1),
  ];
  const answer = (change: (parts: Part[]) => Part[] | null) =>
    answerTo(bundled(logWithParts(), change));
  assert.deepEqual(
    answer((parts) => parts),
    PROVEN,
  );
  assert.deepEqual(answer(changed({ data: Buffer.from('argw') })), WRONG);
  assert.deepEqual(answer(changed({ salt: Buffer.alloc(16) })), WRONG);
  assert.deepEqual(answer(changed({ name: 'c' })), WRONG);
  assert.deepEqual(answer(changed({ seq: 3 })), WRONG);
  assert.deepEqual(answer(changed({ seq: 9 })), WRONG);
  assert.deepEqual(
    answer((parts) => [...parts, { ...parts[0]!, seq: 0 }]),
    WRONG,
  );
  assert.deepEqual(answer(without(1, 'a')), MISSING);
});

test('a bundle without parts says so, and fails where they are required', () => {
  const bundle = bundled(logWithParts(), () => null);
  const verdict = verifyBundle(bundle, RIG_TRUST, {});
  assert.equal(verdict.code, 0);
  assert.ok(verdict.not_proven.some((sentence) => sentence.includes('s1/b1')));
  assert.deepEqual(answerTo(bundle, { requireParts: true }), MISSING);
  const whole = bundled(logWithParts(), (parts) => parts);
  assert.deepEqual(answerTo(whole, { requireParts: true }), PROVEN);
});

test('a redaction excuses exactly its part', () => {
  const target = { chain: 's1/b1', seq: 1, part: 'a' };
  const answer = (change: JsonObject, kind = 'redact', chain = 'log/audit'): Answer => {
    const log = logWithParts();
    const index = audit(log, kind, { ...target, ...change }, chain);
    return answerTo(bundled(log, without(1, 'a'), [index]));
  };
  assert.deepEqual(answer({}), PROVEN);
  assert.deepEqual(answer({ seq: 2 }), MISSING);
  assert.deepEqual(answer({ part: 'b' }), MISSING);
  assert.deepEqual(answer({ chain: 's1/b2' }), MISSING);
  assert.deepEqual(answer({ part: '*' }), MISSING);
  assert.deepEqual(answer({}, 'redacted'), MISSING);
  assert.deepEqual(answer({}, 'redact', 'log/alert'), MISSING);
  assert.deepEqual(answer({ chain: 's1/b1 1', seq: 'a' as never }), MISSING);
});

test('what a relay calls a redaction is none', () => {
  const log = logWithParts();
  const { index } = log.add('s1/b1', 'redact', { target: { chain: 's1/b1', seq: 1, part: 'a' } });
  assert.deepEqual(answerTo(bundled(log, without(1, 'a'), [index])), MISSING);
});

test('an expiry excuses what is below its index, as far as that is shown', () => {
  // The four records are leaves 1 to 4; the tip is leaf 4.
  const answer = (below: number, part: string, seq: number, shown: number[] = []): Answer => {
    const log = logWithParts();
    const index = audit(log, 'expire', { below, part });
    return answerTo(bundled(log, without(seq, 'a'), [index, ...shown]));
  };
  assert.deepEqual(answer(5, 'a', 1), PROVEN);
  assert.deepEqual(answer(5, '*', 1), PROVEN);
  assert.deepEqual(answer(5, 'b', 1), MISSING);
  assert.deepEqual(answer(4, 'a', 1), MISSING, 'the tip only shows that it is not above 4');
  assert.deepEqual(answer(4, 'a', 1, [3]), PROVEN, 'record 2, leaf 3, shows that 1 is below 4');
  assert.deepEqual(answer(3, 'a', 1, [3]), MISSING);
  assert.deepEqual(answer(3, 'a', 1, [2]), PROVEN, 'the record itself is leaf 2');
  assert.deepEqual(answer(3, 'a', 2, [2]), MISSING, 'an earlier record shows nothing');
});

test('redactions are listed with the leaf that says so', () => {
  const log = logWithParts();
  const redact = audit(log, 'redact', { chain: 's1/b1', seq: 1, part: 'a' });
  const expire = audit(log, 'expire', { below: 5, part: 'b' });
  const gone = (parts: Part[]) => without(1, 'a')(without(2, 'b')(parts));
  const { code, redacted } = verifyBundle(bundled(log, gone, [redact, expire]), RIG_TRUST, {});
  assert.equal(code, 0);
  assert.deepEqual(redacted, [
    { chain: 's1/b1', seq: 1, part: 'a', by: 'redact', index: redact },
    { chain: 's1/b1', seq: 2, part: 'b', by: 'expire', index: expire },
  ]);
});
