/**
 * Flips bits of a bundle that verifies and judges what is still accepted: each acceptance needs a
 * reason that is checked here, without the verifier that is under test.
 */
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { type Primitives, sha256, type Verdict, verifyBundle, verifyWith } from '@vitrine/chain';
import type { Sound } from './bundles.ts';
import { isAbsent, isInactive } from './truth.ts';

/** Why a flipped bundle may be proven all the same. */
export type Reason = 'signature of a stranger' | 'another true claim' | 'cosignature beside a pin';

export interface Flips {
  flips: number;
  refused: Record<1 | 2 | 3 | 4 | 5, number>;
  accepted: Record<Reason, number>;
}

interface Parsed {
  claim: Verdict['claim'];
  checkpoint: string;
  attached: { index: number; record: string }[];
  consistency?: { from: string; proof: string[] };
}

/** RFC 8410 §4: everything of a SubjectPublicKeyInfo before its key. */
const RFC8410_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Node's, asked once about each signature: most flips leave them as they are. */
function rememberingPrimitives(): Primitives {
  const answers = new Map<string, boolean>();
  const ask = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
    const der = Buffer.concat([RFC8410_PREFIX, key]);
    return verify(
      null,
      message,
      createPublicKey({ key: der, format: 'der', type: 'spki' }),
      signature,
    );
  };
  const verifyEd25519: Primitives['verifyEd25519'] = (...question) => {
    const id = question.map((bytes) => Buffer.from(bytes).toString('latin1')).join('|');
    const answer = answers.get(id) ?? ask(...question);
    answers.set(id, answer);
    return answer;
  };
  return { sha256, verifyEd25519 };
}

/** Flips every `step`-th bit, the first one at `start`; fails at the first one without a reason. */
export function flipBits(sound: Sound, start = 0, step = 1): Flips {
  const { bytes, trust, options, name } = sound;
  const whole = verifyBundle(bytes, trust, options);
  assert.equal(whole.code, 0, name);
  const flipped = Buffer.from(bytes);
  const refused = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 };
  const accepted = {
    'signature of a stranger': 0,
    'another true claim': 0,
    'cosignature beside a pin': 0,
  };
  const primitives = rememberingPrimitives();
  let flips = 0;
  for (let at = start; at < bytes.length * 8; at += step) {
    const byte = Math.floor(at / 8);
    flipped[byte]! ^= 1 << (at % 8);
    const verdict = verifyWith(primitives, flipped, trust, options);
    if (verdict.code !== 0) refused[verdict.code]++;
    else accepted[reasonFor(sound, whole, flipped, verdict, `${name}, bit ${at}`)]++;
    flipped[byte] = bytes[byte]!;
    flips++;
  }
  return { flips, refused, accepted };
}

export function sumOf(all: Flips[]): Flips {
  const add = <T extends Record<string, number>>(records: T[]): T =>
    records.reduce((sum, record) => {
      const keys = Object.keys(record);
      return Object.fromEntries(keys.map((key) => [key, sum[key]! + record[key]!])) as T;
    });
  return {
    flips: all.reduce((sum, { flips }) => sum + flips, 0),
    refused: add(all.map(({ refused }) => refused)),
    accepted: add(all.map(({ accepted }) => accepted)),
  };
}

function reasonFor(
  { bytes, trust, options, log }: Sound,
  whole: Verdict,
  flipped: Buffer,
  verdict: Verdict,
  where: string,
): Reason {
  assert.deepEqual(verifyBundle(flipped, trust, options), verdict, where);
  const [before, after] = [parse(bytes), parse(flipped)];
  const changed = Object.keys(before).filter((key) => !same(before, after, key as keyof Parsed));
  assert.deepEqual(Object.keys(after), Object.keys(before), where);
  assert.equal(changed.length, 1, `${where}: ${changed.join(', ')} changed, still proven`);
  if (changed[0] === 'checkpoint') {
    assert.deepEqual(verdict, whole, where);
    assert.ok(isStrangers(before.checkpoint, after.checkpoint, trust), where);
    return 'signature of a stranger';
  }
  if (changed[0] === 'consistency') {
    assert.deepEqual(verdict, whole, where);
    assert.ok(isBesidePin(before, after, trust), where);
    return 'cosignature beside a pin';
  }
  assert.equal(changed[0], 'claim', where);
  assert.deepEqual(verdict.claim, after.claim, `${where}: the verdict is about another claim`);
  assert.ok(isTrue(after, whole.size!, log), `${where}: ${JSON.stringify(after.claim)} is proven`);
  return 'another true claim';
}

function parse(bytes: Buffer): Parsed {
  return JSON.parse(bytes.toString()) as Parsed;
}

function same(before: Parsed, after: Parsed, key: keyof Parsed): boolean {
  return JSON.stringify(before[key]) === JSON.stringify(after[key]);
}

/** One signature line differs, and neither before nor after is its key one of the trust file. */
function isStrangers(before: string, after: string, trust: string): boolean {
  const keys = keysOfChange(before, after);
  return keys?.every((key) => !trust.includes(`${key}+`)) ?? false;
}

/** Of the older note, which asks for no witness, one line is a stranger's now, not the log's. */
function isBesidePin(before: Parsed, after: Parsed, trust: string): boolean {
  const [old, young] = [before.consistency!, after.consistency!];
  const [was, is] = keysOfChange(old.from, young.from) ?? [];
  if (was === undefined || old.proof.join() !== young.proof.join()) return false;
  return !trust.includes(`log ${was}+`) && !trust.includes(`${is}+`);
}

/** The two keys of the one signature line that differs; `undefined` if more than that does. */
function keysOfChange(before: string, after: string): [was: string, is: string] | undefined {
  const [old, young] = [before.split('\n'), after.split('\n')];
  const differing = old.flatMap((line, i) => (line === young[i] ? [] : [i]));
  const [line] = differing;
  if (old.length !== young.length || differing.length !== 1 || line! <= old.indexOf('')) return;
  return [keyOf(old[line!]!), keyOf(young[line!]!)];
}

/** `name+key id`, as a vkey begins. */
function keyOf(line: string): string {
  const [, name, signature] = line.split(' ') as [string, string, string];
  return `${name}+${Buffer.from(signature, 'base64').subarray(0, 4).toString('hex')}`;
}

function isTrue({ claim, attached }: Parsed, size: number, log: Sound['log']): boolean {
  if (claim?.type === 'event') {
    const { index } = claim;
    const leaf = attached.find((element) => element.index === index);
    return index < size && leaf?.record === log.log[index];
  }
  if (claim?.type === 'absent') return isAbsent(log, size, claim.session);
  return claim?.type === 'inactive' && isInactive(log, size, claim);
}
