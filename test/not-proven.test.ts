/**
 * What no bundle proves, shown on real bytes: the verdict says it, and where nothing could notice,
 * the forgery is proven like the truth.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Verdict, verifyBundle } from '@vitrine/chain';
import { RIG_TRUST, RigLog } from '../packages/chain/src/verify/rig.ts';
import { BUNDLE_ROWS } from './attacks/table.ts';

const GOLDEN = new URL('vectors/golden/', import.meta.url);
const TRUST = readFileSync(new URL('trust.txt', GOLDEN), 'utf8');
const NOW = 1_764_090_000_000_000_000n;

function verdictOn(name: string, trust = TRUST): Verdict {
  const bytes = readFileSync(new URL(`${name}.vitrine.json`, GOLDEN));
  const verdict = verifyBundle(bytes, trust, { now: NOW });
  assert.equal(verdict.code, 0, verdict.failure?.found);
  return verdict;
}

function saysOf(name: string, sentence: RegExp, trust = TRUST): void {
  const { not_proven: said } = verdictOn(name, trust);
  assert.ok(
    said.some((one) => sentence.test(one)),
    said.join('\n'),
  );
}

test('a session says nothing of a later life', () => {
  saysOf('session-closed', /later life of the same sandbox \(s1:2 and so on\)/);
});

test('a range says nothing of what stands before and after it', () => {
  saysOf('range', /^What \S+ has before record 1 and after record 3\.$/);
});

test('an event says nothing of the leaves beside it', () => {
  saysOf('event', /^That no other leaf says more about the same matter\.$/);
});

test('an absent session may have been closed before, or opened later', () => {
  saysOf('absent-closed', /^That s1 never was: it may have been closed before, or opened later\.$/);
});

test('an inactive day says nothing of other days', () => {
  saysOf('inactive', /^Anything about \S+ on other days\.$/);
});

test('no chain proves that every event was captured, or when it happened', () => {
  saysOf('session-closed', /^That every event was captured/);
  saysOf('session-closed', /^When the events happened/);
});

test('without a witness the time is the word of the log alone', () => {
  const alone = TRUST.replace(/^witness .*\n/m, '').replace('quorum w1', 'quorum none');
  saysOf('session-closed', /^When the log was sealed, .*no witness spoke/, alone);
  const { warnings, witnessed_at: witnessed } = verdictOn('session-closed', alone);
  assert.equal(witnessed, null);
  assert.match(warnings.join(), /its time is the word of the log alone/);
});

test('without a pin nothing is compared with an earlier look', () => {
  saysOf('session-closed', /^That the log has not changed since an earlier look/);
});

test('contents that were left out are named as not checked', () => {
  saysOf('session-no-parts', /^The content of parts: the bundle was made without those of /);
});

test('a history that an insider signed anew is proven where nobody kept a checkpoint', () => {
  const row = BUNDLE_ROWS.find(({ id }) => id === '33-pin')!;
  const { bundle, args } = row.make().attacked;
  const options = { now: BigInt(args.now) };
  assert.notEqual(verifyBundle(bundle, args.trust, { ...options, pin: args.pin }).code, 0);
  const members = JSON.parse(bundle.toString()) as Record<string, unknown>;
  delete members.consistency;
  const alone = Buffer.from(JSON.stringify(members));
  assert.equal(verifyBundle(alone, args.trust, options).code, 0);
});

test('what a source said falsely is proven to have been said', () => {
  const log = new RigLog();
  log.add('s1/sup', 'open');
  log.add('s1/b1', 'file.read', { file: { path: '/never/read' } });
  log.join('s1/b1');
  log.end('s1/b1');
  log.close('s1');
  log.seal();
  const { code, not_proven: said } = verifyBundle(log.session('s1'), RIG_TRUST);
  assert.equal(code, 0);
  assert.ok(said.some((one) => /^That what the sources said is true/.test(one)));
});
