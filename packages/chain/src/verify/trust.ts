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
/** The forms of a line; words are separated by one space. */
const COMMENT = /^$|^#(?!vitrine( |$))/;
const LOG = /^log ([^ ]+)(?: [^ ]+)?$/;
const WITNESS = /^witness ([^ ]+) ([^ ]+)(?: [^ ]+)?$/;
const GROUP = /^group ([^ ]+) (any|all|[1-9][0-9]{0,3}) (.+)$/;
const QUORUM = /^quorum ([^ ]+)$/;
const INTERVAL = /^#vitrine interval ([0-9a-f]{8}) (0|[1-9][0-9]*) (-|0|[1-9][0-9]*)$/;
const FORMS =
  'log <vkey>, witness <name> <vkey>, group <name> <k> <name>…, quorum <name>, #vitrine …';
const NOBODY = 'none';

/** Throws TRUST_INVALID with the number of the line. */
export function readTrust(sha256: Sha256, text: string): Trust {
  if (text.length > TRUST_BYTES_MAX) throw refuse('the file is too large');
  const file = new TrustFile(sha256);
  for (const [i, line] of text.split('\n').entries()) {
    try {
      file.line(line);
    } catch (cause) {
      if (!(cause instanceof ChainError)) throw cause;
      throw refuse(`line ${i + 1} of the trust file: ${cause.message}`, cause.hint);
    }
  }
  return file.finish();
}

class TrustFile {
  readonly #sha256: Sha256;
  readonly #trust: Trust = { logs: [], witnesses: [], quorum: null };
  /** Witnesses and groups by name. */
  readonly #named = new Map<string, Quorum | null>();
  /** Names that stand in a group already. */
  readonly #members = new Set<string>();
  readonly #intervals: { keyId: string; from: number; to: number }[] = [];
  #quorums = 0;

  constructor(sha256: Sha256) {
    this.#sha256 = sha256;
  }

  line(text: string): void {
    if (CONTROL_CHARACTER.test(text)) throw refuse('a control character');
    const line = text
      .split(/[ \t]+/)
      .filter(Boolean)
      .join(' ');
    const [log, witness, group] = [LOG, WITNESS, GROUP].map((form) => form.exec(line));
    const [quorum, interval] = [QUORUM, INTERVAL].map((form) => form.exec(line));
    if (log) this.#addKey(this.#trust.logs, C2SP_ED25519, log[1]!);
    else if (witness) {
      const [, name, vkey] = witness as unknown as string[];
      this.#addKey(this.#trust.witnesses, C2SP_COSIGNATURE_ED25519, vkey!, name);
      this.#define(name!, { witness: name! });
    } else if (group) this.#addGroup(group as unknown as string[]);
    else if (quorum) {
      if (this.#quorums++ > 0) throw refuse('a second quorum line');
      this.#trust.quorum = quorum[1] === NOBODY ? null : this.#find(quorum[1]!);
    } else if (interval) {
      const [, keyId, from, end] = interval as unknown as string[];
      const to = end === '-' ? Number.POSITIVE_INFINITY : Number(end);
      const known = isCount(Number(from)) && (end === '-' || isCount(to)) && Number(from) < to;
      if (!known) throw refuse('an interval that holds no size');
      this.#intervals.push({ keyId: keyId!, from: Number(from), to });
    } else if (!COMMENT.test(line)) throw refuse(`${FORMS} are the forms`);
  }

  finish(): Trust {
    if (this.#quorums === 0) {
      const hint = 'add "quorum none" if no witness is asked for';
      throw refuse('the trust file has no quorum line', hint);
    }
    for (const { keyId, ...interval } of this.#intervals) {
      const keys = this.#trust.logs.filter((key) => key.keyId === keyId);
      if (keys.length === 0) throw refuse(`an interval is given for ${keyId}, which is no key`);
      for (const key of keys) key.intervals.push(interval);
    }
    return this.#trust;
  }

  #addKey(keys: TrustedKey[], type: number, vkey: string, label = ''): void {
    const key = parseVkey(this.#sha256, vkey);
    if (key.type !== type) throw refuse('a key of another type than this line has');
    const same = keys.some((other) => `${other.publicKey}` === `${key.publicKey}`);
    if (same) throw refuse('the same public key twice');
    keys.push({ ...key, label, intervals: [] });
  }

  #addGroup([, name, word, rest]: string[]): void {
    const labels = rest!.split(' ');
    const need = { any: 1, all: labels.length }[word!] ?? Number(word);
    if (need > labels.length) throw refuse(`${need} of ${labels.length} members`);
    const members = labels.map((label) => {
      if (this.#members.has(label)) throw refuse(`${label} is a member of a group already`);
      this.#members.add(label);
      return this.#find(label);
    });
    this.#define(name!, { need, members });
  }

  #define(name: string, quorum: Quorum): void {
    if (name === NOBODY || this.#named.has(name)) throw refuse(`${name} is taken`);
    this.#named.set(name, quorum);
  }

  #find(name: string): Quorum {
    const quorum = this.#named.get(name);
    if (!quorum) throw refuse(`${name} is not defined above`);
    return quorum;
  }
}

function refuse(message: string, hint = ''): ChainError {
  return new ChainError('TRUST_INVALID', message, hint);
}

export function holdsSize({ intervals }: TrustedKey, size: number): boolean {
  return intervals.length === 0 || intervals.some(({ from, to }) => size >= from && size < to);
}

/** `cosigned` holds the labels of the witnesses whose cosignature counts. */
export function isQuorum(quorum: Quorum | null, cosigned: ReadonlySet<string>): boolean {
  if (quorum === null) return true;
  if ('witness' in quorum) return cosigned.has(quorum.witness);
  return quorum.members.filter((member) => isQuorum(member, cosigned)).length >= quorum.need;
}
