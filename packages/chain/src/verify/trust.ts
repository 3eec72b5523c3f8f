/**
 * The auditor's own trust file: C2SP tlog-policy, and comment lines `#vitrine interval <key id>
 * <from> <to or ->` that limit a key to a half-open interval of tree sizes (LOG.md §5).
 */
import { TRUST_BYTES_MAX } from '@vitrine/schema/record';
import { ChainError } from '../error.ts';
import type { Sha256 } from './bytes.ts';
import { isCount } from './form.ts';
import { C2SP_COSIGNATURE_ED25519, C2SP_ED25519, parseVkey } from './note.ts';
import type { Policy, Quorum, Trust, TrustedKey } from './types.ts';

const CONTROL_CHARACTER = /[\x00-\x08\x0b-\x1f\x7f]/;
const NOBODY = 'none';

/** The forms of a line, its words separated by one space, and what is done with some of them. */
const LINES: [RegExp, (policy: Policy, a: string, b: string, c: string) => void][] = [
  [/^$|^#(?!vitrine( |$))/, () => {}],
  [/^log ([^ ]+)(?: [^ ]+)?$/, (p, vkey) => addKey(p, p.trust.logs, C2SP_ED25519, vkey, '')],
  [/^witness ([^ ]+) ([^ ]+)(?: [^ ]+)?$/, addWitness],
  [/^group ([^ ]+) (any|all|[1-9][0-9]{0,3}) (.+)$/, addGroup],
  [/^quorum ([^ ]+)$/, setQuorum],
  [/^#vitrine interval ([0-9a-f]{8}) (0|[1-9][0-9]*) (-|0|[1-9][0-9]*)$/, addInterval],
];

/** Throws TRUST_INVALID with the number of the line. */
export function readTrust(sha256: Sha256, text: string): Trust {
  if (text.length > TRUST_BYTES_MAX) throw refuse('the file is too large');
  const trust: Trust = { logs: [], witnesses: [], quorum: null };
  const [named, grouped] = [new Map<string, Quorum>(), new Set<string>()];
  const policy: Policy = { sha256, trust, named, grouped, intervals: [], quorums: 0 };
  for (const [i, line] of text.split('\n').entries()) {
    try {
      readLine(policy, line);
    } catch (cause) {
      if (!(cause instanceof ChainError)) throw cause;
      throw refuse(`line ${i + 1} of the trust file: ${cause.message}`, cause.hint);
    }
  }
  if (policy.quorums === 0) {
    const hint = 'add "quorum none" if no witness is asked for';
    throw refuse('no quorum line', hint);
  }
  for (const { keyId, ...interval } of policy.intervals) {
    const keys = trust.logs.filter((key) => key.keyId === keyId);
    if (keys.length === 0) throw refuse(`an interval of ${keyId}, which is no key`);
    for (const key of keys) key.intervals.push(interval);
  }
  return trust;
}

function readLine(policy: Policy, text: string): void {
  if (CONTROL_CHARACTER.test(text)) throw refuse('a control character');
  const words = text.split(/[ \t]+/).filter(Boolean);
  const line = words.join(' ');
  const [form, read] = LINES.find(([known]) => known.test(line)) ?? [];
  if (!form || !read) throw refuse('no log, witness, group, quorum or #vitrine interval');
  const [, a, b, c] = form.exec(line) as unknown as [string, string, string, string];
  read(policy, a, b, c);
}

function addKey(p: Policy, keys: TrustedKey[], type: number, vkey: string, label: string): void {
  const key = parseVkey(p.sha256, vkey);
  if (key.type !== type) throw refuse('a key of another type');
  const same = keys.some((other) => `${other.publicKey}` === `${key.publicKey}`);
  if (same) throw refuse('the same public key twice');
  keys.push({ ...key, label, intervals: [] });
}

function addWitness(p: Policy, name: string, vkey: string): void {
  addKey(p, p.trust.witnesses, C2SP_COSIGNATURE_ED25519, vkey, name);
  define(p, name, { witness: name });
}

function addGroup(p: Policy, name: string, word: string, labels: string): void {
  const members = labels.split(' ').map((label) => {
    if (p.grouped.has(label)) throw refuse(`${label} is in a group already`);
    p.grouped.add(label);
    return find(p, label);
  });
  const need = { any: 1, all: members.length }[word] ?? Number(word);
  if (need > members.length) throw refuse(`${need} of ${members.length} members`);
  define(p, name, { need, members });
}

function setQuorum(p: Policy, name: string): void {
  if (p.quorums++ > 0) throw refuse('a second quorum line');
  p.trust.quorum = name === NOBODY ? null : find(p, name);
}

function addInterval(p: Policy, keyId: string, start: string, end: string): void {
  const [from, to] = [Number(start), end === '-' ? Infinity : Number(end)];
  const known = isCount(from) && (end === '-' || isCount(to)) && from < to;
  if (!known) throw refuse('an interval that holds no size');
  p.intervals.push({ keyId, from, to });
}

function define(p: Policy, name: string, quorum: Quorum): void {
  if (name === NOBODY || p.named.has(name)) throw refuse(`${name} is taken`);
  p.named.set(name, quorum);
}

function find(p: Policy, name: string): Quorum {
  const quorum = p.named.get(name);
  if (!quorum) throw refuse(`${name} is not defined above`);
  return quorum;
}

function refuse(message: string, hint = ''): ChainError {
  return new ChainError('TRUST_INVALID', message, hint);
}

export function holdsSize({ intervals }: TrustedKey, size: number): boolean {
  return intervals.length === 0 || intervals.some(({ from, to }) => size >= from && size < to);
}

/** `cosigned` holds the labels of the witnesses whose cosignature counts. */
export function isQuorum(
  quorum: Quorum | null,
  cosigned: { has(label: string): boolean },
): boolean {
  if (quorum === null) return true;
  if ('witness' in quorum) return cosigned.has(quorum.witness);
  return quorum.members.filter((member) => isQuorum(member, cosigned)).length >= quorum.need;
}
