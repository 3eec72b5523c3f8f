/** The claim of a whole session (LOG.md §4), on logs that are made here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateLogKey, sha256, ZERO_HASH } from '../index.ts';
import { isOfShard } from './case.ts';
import { verifyBundle } from './node.ts';
import { type Answer, answerTo, PROVEN, RIG_TRUST, RigLog, rigSession } from './rig.ts';

test('a closed session is proven without heads, an open one with them', () => {
  assert.deepEqual(answerTo(rigSession(5, true).session('s1')), PROVEN);
  assert.deepEqual(answerTo(rigSession(5, false).session('s1')), PROVEN);
  const log = rigSession(5, false);
  log.seal({ heads: null });
  const chains = ['s1/b1', 's1/sup'].map((name) => ({ ...log.chain(name), head: undefined }));
  assert.deepEqual(answerTo(log.session('s1', { chains })), [3, 'claim']);
  assert.deepEqual(answerTo(log.session('s1')), [3, 'chains'], 'a head without heads');
});

test('an open session needs the head of each chain without an end', () => {
  const log = rigSession(5, false);
  for (const left of ['s1/b1', 's1/sup']) {
    const chains = ['s1/b1', 's1/sup'].map((name) => {
      return name === left ? { ...log.chain(name), head: undefined } : log.chain(name);
    });
    assert.deepEqual(answerTo(log.session('s1', { chains })), [3, 'claim']);
  }
  log.end('s1/b1');
  log.seal();
  const chains = [{ ...log.chain('s1/b1'), head: undefined }, log.chain('s1/sup')];
  assert.deepEqual(answerTo(log.session('s1', { chains })), PROVEN);
});

test('all chains start at 0', () => {
  const log = rigSession(5, true);
  const chains = [log.chain('s1/b1', 2), log.chain('s1/sup')];
  assert.deepEqual(answerTo(log.session('s1', { chains })), [3, 'claim']);
  const late = [log.chain('s1/b1'), log.chain('s1/sup', 1)];
  assert.deepEqual(answerTo(log.session('s1', { chains: late })), [3, 'claim']);
});

/** What `sup` may not say. */
const SUPERVISORS: Record<string, { make(log: RigLog): void; answer: Answer }> = {
  'no open': {
    make: (log) => log.add('s1/sup', 'join'),
    answer: [3, 'claim'],
  },
  'a second open': {
    make: (log) => ['open', 'open'].map((kind) => log.add('s1/sup', kind)),
    answer: [1, 'claim'],
  },
  'a chain without a join': {
    make: (log) => ['s1/sup', 's1/b1'].map((chain) => log.add(chain, 'open')),
    answer: [1, 'claim'],
  },
  'a second join': {
    make: (log) => {
      ['s1/sup', 's1/b1'].map((chain) => log.add(chain, 'open'));
      log.join('s1/b1');
      log.join('s1/b1');
    },
    answer: [1, 'claim'],
  },
  'a join with another first record': {
    make: (log) => {
      ['s1/sup', 's1/b1', 's1/b1'].map((chain) => log.add(chain, 'open'));
      const first = ZERO_HASH.toString('base64');
      log.add('s1/sup', 'join', { target: { chain: 's1/b1', first } });
    },
    answer: [1, 'claim'],
  },
  'a join of a chain of another session': {
    make: (log) => {
      log.add('s1/sup', 'open');
      const first = ZERO_HASH.toString('base64');
      log.add('s1/sup', 'join', { target: { chain: 's2/b1', first } });
    },
    answer: [1, 'claim'],
  },
  'an end of a chain that was not joined': {
    make: (log) => {
      ['s1/sup', 's1/b1'].map((chain) => log.add(chain, 'open'));
      log.end('s1/b1');
    },
    answer: [1, 'claim'],
  },
  'an end before the last record': {
    make: (log) => {
      ['s1/sup', 's1/b1'].map((chain) => log.add(chain, 'open'));
      log.join('s1/b1');
      log.end('s1/b1');
      log.add('s1/b1', 'file.read');
    },
    answer: [1, 'claim'],
  },
  'a close before an end': {
    make: (log) => {
      ['s1/sup', 's1/b1'].map((chain) => log.add(chain, 'open'));
      log.join('s1/b1');
      log.close('s1');
    },
    answer: [1, 'claim'],
  },
  'a record after close': {
    make: (log) => {
      log.add('s1/sup', 'open');
      log.close('s1');
      log.add('s1/sup', 'gap');
      log.open.clear();
    },
    answer: [1, 'claim'],
  },
  'kinds of sup in a chain of a relay': {
    make: (log) => {
      log.add('s1/sup', 'open');
      for (const kind of ['open', 'close', 'join', 'gap', 'broken']) log.add('s1/b1', kind);
      log.join('s1/b1');
    },
    answer: PROVEN,
  },
};

for (const [what, { make, answer: expected }] of Object.entries(SUPERVISORS)) {
  test(`${what}: ${expected[0]}`, () => {
    const log = new RigLog();
    make(log);
    log.seal();
    assert.deepEqual(answerTo(log.session('s1')), expected);
  });
}

test('the shard of the origin must be that of the session', () => {
  for (const session of ['s1', 's2', 'a:2', 'x-0']) {
    const number = sha256(Buffer.from(session)).readUInt32BE(0);
    for (const shards of [1, 2, 3, 7, 64]) {
      const origin = (i: number): string => `a.b/00112233/default.${i}.${shards}`;
      assert.ok(isOfShard(sha256, session, origin(number % shards)));
      if (shards > 1) assert.ok(!isOfShard(sha256, session, origin((number + 1) % shards)));
    }
  }
  assert.ok(!isOfShard(sha256, 's1', 'a.b/default'));
});

test('a session of another shard is refused', () => {
  for (const shard of [0, 1]) {
    const origin = `vitrine.test/00112233/default.${shard}.2`;
    const key = generateLogKey(origin, Buffer.alloc(32, 7));
    const bundle = rigSession(2, true, key).session('s1');
    const answer = answerTo(bundle, {}, `log ${key.vkey}\nquorum none\n`);
    assert.deepEqual(answer, isOfShard(sha256, 's1', origin) ? PROVEN : [1, 'claim']);
  }
});

test('losses are listed, and fail only when none is allowed', () => {
  const losses: [string, (log: RigLog) => void][] = [
    ['telemetry.drop', (log) => log.add('s1/b1', 'telemetry.drop')],
    ['telemetry.gap', (log) => log.add('s1/b1', 'telemetry.gap')],
    ['other', (log) => log.add('s1/b1', 'other', { broken: true })],
    ['gap', (log) => log.add('s1/sup', 'gap', { target: { chain: 's1/b1' } })],
    ['conflict', (log) => log.add('s1/sup', 'conflict')],
    ['broken', (log) => log.add('s1/sup', 'broken')],
    ['end', (log) => log.end('s1/b1', 'lost')],
  ];
  for (const [kind, lose] of losses) {
    const log = rigSession(2, false);
    lose(log);
    log.seal();
    const bundle = log.session('s1');
    const verdict = verifyBundle(bundle, RIG_TRUST, {});
    assert.deepEqual([verdict.code, verdict.losses.map((loss) => loss.kind)], [0, [kind]]);
    assert.deepEqual(answerTo(bundle, { requireLossless: true }), [3, 'claim'], kind);
  }
  const whole = rigSession(2, true).session('s1');
  assert.deepEqual(answerTo(whole, { requireLossless: true, requireClosed: true }), PROVEN);
});

test('a relay that restarted says what it had', () => {
  const cases: [string, (head: string) => { seq: number; head: string }, number][] = [
    ['the same', (head) => ({ seq: 2, head }), 0],
    ['more than is here', (head) => ({ seq: 3, head }), 1],
    ['another record', () => ({ seq: 2, head: ZERO_HASH.toString('base64') }), 1],
  ];
  for (const [what, previous, losses] of cases) {
    const log = rigSession(3, false);
    const head = log.chains.get('s1/b1')!.at(-1)!.leaf.toString('base64');
    log.add('s1/b2', 'telemetry.hello', { previous: { chain: 's1/b1', ...previous(head) } });
    log.join('s1/b2');
    log.seal();
    assert.equal(verifyBundle(log.session('s1'), RIG_TRUST, {}).losses.length, losses, what);
  }
});

test('require-closed asks for a close that somebody said, and for no lost chain', () => {
  const closed = (reason: string, state: string): Buffer => {
    const log = rigSession(2, false);
    log.end('s1/b1', state);
    log.close('s1', reason);
    log.seal();
    return log.session('s1');
  };
  const options = { requireClosed: true };
  assert.deepEqual(answerTo(closed('runtime', 'closed'), options), PROVEN);
  assert.deepEqual(answerTo(closed('idle', 'closed'), options), [3, 'claim']);
  assert.deepEqual(answerTo(closed('runtime', 'lost'), options), [3, 'claim']);
  assert.deepEqual(answerTo(rigSession(2, false).session('s1'), options), [3, 'claim']);
});
