/** RFC 6962 trees and C2SP notes, as an auditor without any of our code would check them. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

const RFC6962_LEAF_PREFIX = 0;
const RFC6962_NODE_PREFIX = 1;

export function leafHash(record: string): Buffer {
  return hash(RFC6962_LEAF_PREFIX, Buffer.from(record, 'utf8'));
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return hash(RFC6962_NODE_PREFIX, left, right);
}

function hash(prefix: number, ...rest: Buffer[]): Buffer {
  const sum = createHash('sha256').update(Buffer.of(prefix));
  for (const bytes of rest) sum.update(bytes);
  return sum.digest();
}

/** The tree of a growing list of leaves: complete subtrees by height, the highest first. */
export class GrowingTree {
  size = 0;
  readonly #subtrees: { height: number; hash: Buffer }[] = [];

  append(leaf: Buffer): void {
    let added = { height: 0, hash: leaf };
    for (let last = this.#subtrees.at(-1); last?.height === added.height; ) {
      added = { height: added.height + 1, hash: nodeHash(last.hash, added.hash) };
      this.#subtrees.pop();
      last = this.#subtrees.at(-1);
    }
    this.#subtrees.push(added);
    this.size++;
  }

  root(): Buffer {
    const [last, ...others] = this.#subtrees.toReversed();
    if (last === undefined) return createHash('sha256').digest();
    return others.reduce((right, { hash: left }) => nodeHash(left, right), last.hash);
  }
}

/** RFC 9162, 2.1.3.2. */
export function includes(
  leaf: Buffer,
  index: number,
  size: number,
  path: Buffer[],
  root: Buffer,
): boolean {
  if (index >= size) return false;
  let fn = index;
  let sn = size - 1;
  let at = leaf;
  for (const step of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      at = nodeHash(step, at);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      at = nodeHash(at, step);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && at.equals(root);
}

/** The statement of a checkpoint (C2SP tlog-checkpoint). */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Buffer;
}

const KEY_ID_BYTES = 4;
/** C2SP signed-note: the type byte of an Ed25519 key, and the DER head of one (RFC 8410). */
const ED25519_TYPE = 1;
const ED25519_SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** One `log` line of a trust file. */
export class TrustedLog {
  readonly origin: string;
  readonly #keyId: Buffer;
  readonly #key: KeyObject;

  constructor(trust: string) {
    const [, origin, keyId, key] = /^log (\S+?)\+([0-9a-f]{8})\+(\S+)$/m.exec(trust) ?? [];
    const bytes = Buffer.from(key ?? '', 'base64');
    if (origin === undefined || bytes[0] !== ED25519_TYPE) throw new Error(`no key: ${trust}`);
    this.origin = origin;
    this.#keyId = Buffer.from(keyId ?? '', 'hex');
    const der = Buffer.concat([ED25519_SPKI_HEAD, bytes.subarray(1)]);
    this.#key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  }

  /** Reads a note; throws when its signature is not that of the key. */
  open(note: string): Checkpoint {
    const split = note.lastIndexOf('\n\n');
    const text = note.slice(0, split + 1);
    const [origin, size, root] = text.split('\n');
    const line = note
      .slice(split + 2)
      .split('\n')
      .find((signature) => signature.startsWith(`— ${this.origin} `));
    const signed = Buffer.from(line?.split(' ')[2] ?? '', 'base64');
    const keyId = signed.subarray(0, KEY_ID_BYTES);
    const signature = signed.subarray(KEY_ID_BYTES);
    const good = keyId.equals(this.#keyId) && verify(null, Buffer.from(text), this.#key, signature);
    if (!good || origin !== this.origin) throw new Error(`not signed by the log: ${note}`);
    return { origin, size: Number(size), root: Buffer.from(root ?? '', 'base64') };
  }
}

/** C2SP tlog-proof: a head line, `index`, one hash a line, an empty line, the note. */
export function readProof(text: string): { index: number; path: Buffer[]; note: string } {
  const split = text.indexOf('\n\n');
  const [head, index, ...hashes] = text.slice(0, split).split('\n');
  if (head !== 'c2sp.org/tlog-proof@v1') throw new Error(`no proof: ${text}`);
  return {
    index: Number(index?.replace(/^index /, '')),
    path: hashes.map((hash) => Buffer.from(hash, 'base64')),
    note: text.slice(split + 2),
  };
}
