/**
 * The auditor's own trust file: C2SP tlog-policy, and comment lines `#vitrine interval <key id>
 * <from> <to or ->` that limit a key to a half-open interval of tree sizes (LOG.md §5). Needs
 * nothing of Node.
 */
import { TRUST_BYTES_MAX } from '@vitrine/schema/record';
import { ChainError } from '../error.ts';
import type { Sha256 } from '../hash/rfc6962.ts';
import { isCount } from '../record/form.ts';
import { C2SP_COSIGNATURE_ED25519, C2SP_ED25519, parseVkey, type VerifierKey } from './vkey.ts';

export interface TrustedLogKey extends VerifierKey {
  /** Half-open intervals of tree sizes; `null` is no end. Empty: every size. */
  intervals: { from: number; to: number | null }[];
}

export interface TrustedWitness extends VerifierKey {
  /** Its name in the trust file. */
  label: string;
}

/** `need` of `members` must have cosigned. */
export type Quorum = { witness: string } | { need: number; members: Quorum[] };

export interface Trust {
  logs: TrustedLogKey[];
  witnesses: TrustedWitness[];
  /** `null`: no cosignature is asked for. */
  quorum: Quorum | null;
}

const CONTROL_CHARACTER = /[\x00-\x08\x0b-\x1f\x7f]/;
const INTERVAL = /^#vitrine interval ([0-9a-f]{8}) (0|[1-9][0-9]*) (-|0|[1-9][0-9]*)$/;
const THRESHOLD = /^[1-9][0-9]{0,3}$/;
const RESERVED_NAME = 'none';

/** Throws TRUST_INVALID with the number of the line. */
export function readTrust(sha256: Sha256, text: string): Trust {
  if (text.length > TRUST_BYTES_MAX) throw new ChainError('TRUST_INVALID', 'the file is too large');
  const reader = new TrustReader(sha256);
  for (const [i, line] of text.split('\n').entries()) {
    try {
      reader.line(line);
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      const message = `line ${i + 1} of the trust file: ${error.message}`;
      throw new ChainError('TRUST_INVALID', message, error.hint, { cause: error });
    }
  }
  return reader.finish();
}

export function holdsSize(key: TrustedLogKey, size: number): boolean {
  if (key.intervals.length === 0) return true;
  return key.intervals.some(({ from, to }) => size >= from && (to === null || size < to));
}

/** `cosigned` holds the labels of the witnesses whose cosignature counts. */
export function isQuorum(quorum: Quorum | null, cosigned: ReadonlySet<string>): boolean {
  if (quorum === null) return true;
  if ('witness' in quorum) return cosigned.has(quorum.witness);
  return quorum.members.filter((member) => isQuorum(member, cosigned)).length >= quorum.need;
}

class TrustReader {
  readonly #sha256: Sha256;
  readonly #logs: TrustedLogKey[] = [];
  readonly #witnesses: TrustedWitness[] = [];
  readonly #intervals: { keyId: string; from: number; to: number | null }[] = [];
  /** Witnesses and groups by name; `members` are those that stand in a group already. */
  readonly #named = new Map<string, Quorum>();
  readonly #members = new Set<string>();
  #quorum: Quorum | null | undefined;

  constructor(sha256: Sha256) {
    this.#sha256 = sha256;
  }

  line(line: string): void {
    if (CONTROL_CHARACTER.test(line)) throw refuse('a control character');
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    const [keyword, ...rest] = words;
    if (keyword === undefined) return;
    if (keyword === '#vitrine') this.#interval(words.join(' '));
    if (keyword.startsWith('#')) return;
    if (keyword === 'log') this.#log(rest);
    else if (keyword === 'witness') this.#witness(rest);
    else if (keyword === 'group') this.#group(rest);
    else if (keyword === 'quorum') this.#setQuorum(rest);
    else throw refuse(`${keyword} is none of log, witness, group, quorum`);
  }

  finish(): Trust {
    if (this.#quorum === undefined) {
      const hint = 'add "quorum none" if no witness is asked for';
      throw new ChainError('TRUST_INVALID', 'the trust file has no quorum line', hint);
    }
    for (const { keyId, from, to } of this.#intervals) {
      const keys = this.#logs.filter((key) => key.keyId === keyId);
      if (keys.length === 0) {
        throw new ChainError('TRUST_INVALID', `an interval is given for ${keyId}, which is no key`);
      }
      for (const key of keys) key.intervals.push({ from, to });
    }
    return { logs: this.#logs, witnesses: this.#witnesses, quorum: this.#quorum };
  }

  #log([vkey, , ...more]: string[]): void {
    if (vkey === undefined || more.length > 0) throw refuse('log <vkey> [<url>] is the form');
    const key = parseVkey(this.#sha256, vkey);
    if (key.type !== C2SP_ED25519) throw refuse('not the key of a log');
    refuseRepeated(key, this.#logs);
    this.#logs.push({ ...key, intervals: [] });
  }

  #witness([label, vkey, , ...more]: string[]): void {
    if (label === undefined || vkey === undefined || more.length > 0) {
      throw refuse('witness <name> <vkey> [<url>] is the form');
    }
    const key = parseVkey(this.#sha256, vkey);
    if (key.type !== C2SP_COSIGNATURE_ED25519) throw refuse('not the key of a witness');
    refuseRepeated(key, this.#witnesses);
    this.#define(label, { witness: label });
    this.#witnesses.push({ ...key, label });
  }

  #group([name, threshold, ...labels]: string[]): void {
    if (name === undefined || threshold === undefined || labels.length === 0) {
      throw refuse('group <name> <k|any|all> <member>... is the form');
    }
    const members = labels.map((label) => {
      if (this.#members.has(label)) throw refuse(`${label} is a member of a group already`);
      this.#members.add(label);
      return this.#find(label);
    });
    const need = thresholdOf(threshold, labels.length);
    this.#define(name, { need, members });
  }

  #setQuorum([name, ...more]: string[]): void {
    if (name === undefined || more.length > 0) throw refuse('quorum <name> is the form');
    if (this.#quorum !== undefined) throw refuse('a second quorum line');
    this.#quorum = name === RESERVED_NAME ? null : this.#find(name);
  }

  #interval(line: string): void {
    const [, keyId, from, to] = INTERVAL.exec(line) ?? [];
    if (keyId === undefined) {
      throw refuse('#vitrine interval <key id, 8 hex> <from> <to or -> is the form');
    }
    const interval = { keyId, from: Number(from), to: to === '-' ? null : Number(to) };
    const { from: first, to: end } = interval;
    if (!isCount(first) || (end !== null && (!isCount(end) || end <= first))) {
      throw refuse('an interval that holds no size');
    }
    this.#intervals.push(interval);
  }

  #define(name: string, quorum: Quorum): void {
    if (name === RESERVED_NAME || this.#named.has(name)) throw refuse(`${name} is taken`);
    this.#named.set(name, quorum);
  }

  #find(name: string): Quorum {
    const quorum = this.#named.get(name);
    if (quorum === undefined) throw refuse(`${name} is not defined above`);
    return quorum;
  }
}

function thresholdOf(text: string, members: number): number {
  if (text === 'all') return members;
  if (text === 'any') return 1;
  const need = THRESHOLD.test(text) ? Number(text) : 0;
  if (need < 1 || need > members) throw refuse(`${text} of ${members} members`);
  return need;
}

function refuseRepeated(key: VerifierKey, known: VerifierKey[]): void {
  const same = known.some((other) => other.publicKey.join() === key.publicKey.join());
  if (same) throw refuse('the same public key twice');
}

function refuse(message: string): ChainError {
  return new ChainError('TRUST_INVALID', message);
}
