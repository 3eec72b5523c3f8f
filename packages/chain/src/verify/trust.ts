/**
 * The auditor's own trust file: C2SP tlog-policy, and comment lines `#vitrine interval <key id>
 * <from> <to or ->` that limit a key to a half-open interval of tree sizes (LOG.md §5).
 */
import { TRUST_BYTES_MAX } from '@vitrine/schema/record';
import { ChainError } from '../error.ts';
import type { Sha256 } from './bytes.ts';
import { C2SP_COSIGNATURE_ED25519, C2SP_ED25519, parseVkey } from './note.ts';
import { isCount } from './record.ts';
import type { Quorum, Trust, TrustedKey } from './types.ts';

const CONTROL_CHARACTER = /[\x00-\x08\x0b-\x1f\x7f]/;
const INTERVAL = /^#vitrine interval ([0-9a-f]{8}) (0|[1-9][0-9]*) (-|0|[1-9][0-9]*)$/;
const THRESHOLD = /^[1-9][0-9]{0,3}$/;
const NOBODY = 'none';
/** Least and greatest number of words behind the keyword. */
const WORDS: Record<string, [least: number, most: number, form: string]> = {
  log: [1, 2, 'log <vkey> [<url>]'],
  witness: [2, 3, 'witness <name> <vkey> [<url>]'],
  group: [3, Number.POSITIVE_INFINITY, 'group <name> <k|any|all> <member>...'],
  quorum: [1, 1, 'quorum <name>'],
};

interface Lines {
  logs: TrustedKey[];
  witnesses: TrustedKey[];
  /** Witnesses and groups by name; `members` stand in a group already. */
  named: Map<string, Quorum>;
  members: Set<string>;
  intervals: { keyId: string; from: number; to: number }[];
  quorum?: Quorum | null;
}

/** Throws TRUST_INVALID with the number of the line. */
export function readTrust(sha256: Sha256, text: string): Trust {
  if (text.length > TRUST_BYTES_MAX) throw refuse('the file is too large');
  const lines: Lines = {
    logs: [],
    witnesses: [],
    named: new Map(),
    members: new Set(),
    intervals: [],
  };
  for (const [i, line] of text.split('\n').entries()) {
    try {
      readLine(sha256, lines, line);
    } catch (cause) {
      if (!(cause instanceof ChainError)) throw cause;
      const message = `line ${i + 1} of the trust file: ${cause.message}`;
      throw new ChainError('TRUST_INVALID', message, cause.hint, { cause });
    }
  }
  const { logs, witnesses, quorum, intervals } = lines;
  if (quorum === undefined) {
    throw refuse(
      'the trust file has no quorum line',
      'add "quorum none" if no witness is asked for',
    );
  }
  for (const { keyId, ...interval } of intervals) {
    const keys = logs.filter((key) => key.keyId === keyId);
    if (keys.length === 0) throw refuse(`an interval is given for ${keyId}, which is no key`);
    for (const key of keys) key.intervals.push(interval);
  }
  return { logs, witnesses, quorum };
}

function readLine(sha256: Sha256, lines: Lines, line: string): void {
  if (CONTROL_CHARACTER.test(line)) throw refuse('a control character');
  const words = line.split(/[ \t]+/).filter((word) => word !== '');
  const [keyword = '#', name = '', second = '', ...labels] = words;
  if (keyword === '#vitrine') lines.intervals.push(intervalOf(words.join(' ')));
  if (keyword.startsWith('#')) return;
  const [least, most, form] = Object.hasOwn(WORDS, keyword) ? WORDS[keyword]! : [];
  if (form === undefined) throw refuse(`${keyword} is none of log, witness, group, quorum`);
  const fits = words.length > least! && words.length - 1 <= most!;
  if (!fits) throw refuse(`${form} is the form`);
  if (keyword === 'log') addKey(sha256, lines.logs, C2SP_ED25519, name, '');
  if (keyword === 'witness') {
    addKey(sha256, lines.witnesses, C2SP_COSIGNATURE_ED25519, second, name);
    define(lines, name, { witness: name });
  }
  if (keyword === 'group') {
    const repeated = labels.find(
      (label, i) => lines.members.has(label) || labels.indexOf(label) < i,
    );
    if (repeated !== undefined) throw refuse(`${repeated} is a member of a group already`);
    const members = labels.map((label) => find(lines, label));
    for (const label of labels) lines.members.add(label);
    define(lines, name, { need: thresholdOf(second, labels.length), members });
  }
  if (keyword === 'quorum') {
    if (lines.quorum !== undefined) throw refuse('a second quorum line');
    lines.quorum = name === NOBODY ? null : find(lines, name);
  }
}

function addKey(
  sha256: Sha256,
  keys: TrustedKey[],
  type: number,
  vkey: string,
  label: string,
): void {
  const key = parseVkey(sha256, vkey);
  if (key.type !== type) throw refuse('a key of another type than this line has');
  const same = keys.some((other) => other.publicKey.join() === key.publicKey.join());
  if (same) throw refuse('the same public key twice');
  keys.push({ ...key, label, intervals: [] });
}

function intervalOf(line: string): Lines['intervals'][number] {
  const [, keyId = '', first, end] = INTERVAL.exec(line) ?? [];
  const from = Number(first);
  const to = end === '-' ? Number.POSITIVE_INFINITY : Number(end);
  const known = isCount(from) && (end === '-' || isCount(to)) && from < to;
  if (!known) throw refuse('#vitrine interval <key id, 8 hex> <from> <to or -> is the form');
  return { keyId, from, to };
}

function define({ named }: Lines, name: string, quorum: Quorum): void {
  if (name === NOBODY || named.has(name)) throw refuse(`${name} is taken`);
  named.set(name, quorum);
}

function find({ named }: Lines, name: string): Quorum {
  const quorum = named.get(name);
  if (quorum === undefined) throw refuse(`${name} is not defined above`);
  return quorum;
}

function thresholdOf(text: string, members: number): number {
  const need = { all: members, any: 1 }[text] ?? (THRESHOLD.test(text) ? Number(text) : 0);
  if (need < 1 || need > members) throw refuse(`${text} of ${members} members`);
  return need;
}

function refuse(message: string, hint = ''): ChainError {
  return new ChainError('TRUST_INVALID', message, hint);
}

export function holdsSize(key: TrustedKey, size: number): boolean {
  const { intervals } = key;
  return intervals.length === 0 || intervals.some(({ from, to }) => size >= from && size < to);
}

/** `cosigned` holds the labels of the witnesses whose cosignature counts. */
export function isQuorum(quorum: Quorum | null, cosigned: ReadonlySet<string>): boolean {
  if (quorum === null) return true;
  if ('witness' in quorum) return cosigned.has(quorum.witness);
  return quorum.members.filter((member) => isQuorum(member, cosigned)).length >= quorum.need;
}
