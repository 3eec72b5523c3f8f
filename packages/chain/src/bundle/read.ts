/**
 * Reads a bundle from hostile bytes (LOG.md §4, §5 step 1). The expected shape drives the reading,
 * so that a member that does not belong ends it before its value takes any memory.
 */
import { BUNDLE_BYTES_MAX, PROOF_HASHES_MAX, RECORD_INTEGER_MAX } from '@vitrine/schema';
import { isBase64Text, isHashText } from '../base64.ts';
import { ChainError } from '../error.ts';
import { JsonCursor } from '../json/cursor.ts';
import { readCount, readMembers } from '../json/members.ts';
import { type CheckpointNote, readCheckpointNote } from '../note/checkpoint.ts';
import { isChainName, isPartName } from '../record/form.ts';
import { decodeUtf8 } from '../record/parse.ts';
import { readClaim } from './claim.ts';
import {
  type AttachedLeaf,
  BUNDLE_FORMAT,
  type Bundle,
  type BundleChain,
  type BundlePart,
  type LeafProof,
  type Neighbour,
} from './format.ts';

const SEQ = /^(?:0|[1-9][0-9]{0,15})$/;
/** Base64 of the 16 bytes of a salt. */
const SALT_CHARS = 24;
const NO_HASHES: string[] = [];

/** Throws BUNDLE_MALFORMED, BUNDLE_TOO_LARGE or NOTE_INVALID. */
export function readBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > BUNDLE_BYTES_MAX) {
    const message = `${bytes.length} bytes; a bundle has ${BUNDLE_BYTES_MAX} at most`;
    throw new ChainError('BUNDLE_TOO_LARGE', message);
  }
  const c = new JsonCursor(decodeUtf8(bytes, 'BUNDLE_MALFORMED'), 'BUNDLE_MALFORMED');
  const bundle: Partial<Bundle> = {};
  const optional = ['neighbours', 'consistency'];
  readMembers(c, 'bundle', optional, {
    format: () => {
      if (c.wellFormedString() !== BUNDLE_FORMAT) throw c.malformed('another format of bundle');
    },
    claim: () => {
      bundle.claim = readClaim(c);
    },
    checkpoint: () => {
      bundle.checkpoint = readNote(c);
    },
    seal: () => {
      bundle.seal = readSeal(c);
    },
    chains: () => {
      bundle.chains = readItems(c, () => readChain(c));
      refuseUnsorted(c, bundle.chains);
    },
    attached: () => {
      bundle.attached = readItems(c, () => readLeaf(c, 'record') as unknown as AttachedLeaf);
    },
    neighbours: () => {
      bundle.neighbours = readItems(c, () => readLeaf(c, 'leaf') as unknown as Neighbour);
    },
    consistency: () => {
      bundle.consistency = readConsistency(c);
    },
  });
  c.end();
  return bundle as Bundle;
}

function readItems<T>(c: JsonCursor, readItem: () => T): T[] {
  c.expect('[');
  const items: T[] = [];
  if (c.take(']')) return items;
  do items.push(readItem());
  while (c.take(','));
  c.expect(']');
  return items;
}

function readNote(c: JsonCursor): CheckpointNote {
  return readCheckpointNote(c.wellFormedString());
}

function readText(c: JsonCursor): string {
  const text = c.wellFormedString();
  if (text === '') throw c.malformed('an empty text');
  return text;
}

function readHashes(c: JsonCursor): string[] {
  c.expect('[');
  if (c.take(']')) return NO_HASHES;
  const hashes: string[] = [];
  do {
    const hash = c.string();
    if (!isHashText(hash)) throw c.malformed('not the base64 of 32 bytes');
    if (hashes.length === PROOF_HASHES_MAX) throw c.malformed('too many hashes in a proof');
    hashes.push(hash);
  } while (c.take(','));
  c.expect(']');
  return hashes;
}

function readSeal(c: JsonCursor): Bundle['seal'] {
  const seal = { record: '', proof: NO_HASHES };
  readMembers(c, 'seal', [], {
    record: () => {
      seal.record = readText(c);
    },
    proof: () => {
      seal.proof = readHashes(c);
    },
  });
  return seal;
}

function readConsistency(c: JsonCursor): NonNullable<Bundle['consistency']> {
  const consistency: Partial<NonNullable<Bundle['consistency']>> = {};
  readMembers(c, 'consistency', [], {
    from: () => {
      consistency.from = readNote(c);
    },
    proof: () => {
      consistency.proof = readHashes(c);
    },
  });
  return consistency as NonNullable<Bundle['consistency']>;
}

function readProof(c: JsonCursor): LeafProof {
  const proof: LeafProof = { index: 0, proof: NO_HASHES };
  readMembers(c, 'proof', [], {
    index: () => {
      proof.index = readCount(c);
    },
    proof: () => {
      proof.proof = readHashes(c);
    },
  });
  return proof;
}

function readLeaf(c: JsonCursor, text: 'record' | 'leaf'): LeafProof & Record<string, unknown> {
  const leaf: LeafProof & Record<string, unknown> = { index: 0, proof: NO_HASHES, [text]: '' };
  readMembers(c, 'leaf', [], {
    index: () => {
      leaf.index = readCount(c);
    },
    [text]: () => {
      leaf[text] = readText(c);
    },
    proof: () => {
      leaf.proof = readHashes(c);
    },
  });
  return leaf;
}

function readChain(c: JsonCursor): BundleChain {
  const chain: Partial<BundleChain> = {};
  readMembers(c, 'chain', ['head'], {
    chain: () => {
      chain.chain = c.string();
      if (!isChainName(chain.chain)) throw c.malformed('not the name of a chain');
    },
    first: () => {
      chain.first = readCount(c);
    },
    records: () => {
      chain.records = readItems(c, () => readText(c));
      if (chain.records.length === 0) throw c.malformed('a chain without records');
    },
    parts: () => {
      chain.parts = readParts(c);
    },
    tip: () => {
      chain.tip = readProof(c);
    },
    head: () => {
      chain.head = readProof(c);
    },
  });
  const last = chain.first! + chain.records!.length - 1;
  if (last > RECORD_INTEGER_MAX) throw c.malformed('a number out of range');
  return chain as BundleChain;
}

function refuseUnsorted(c: JsonCursor, chains: BundleChain[]): void {
  for (let i = 1; i < chains.length; i++) {
    if (chains[i - 1]!.chain >= chains[i]!.chain) throw c.malformed('chains that are not sorted');
  }
}

function readParts(c: JsonCursor): BundleChain['parts'] {
  if (c.peek() === 'n'.charCodeAt(0)) {
    c.word('null');
    return null;
  }
  return readMap(c, 'seq', (text) => {
    if (!SEQ.test(text) || Number(text) > RECORD_INTEGER_MAX) throw c.malformed('not a seq');
    return [
      Number(text),
      readMap(c, 'part', (name) => {
        if (!isPartName(name)) throw c.malformed('not the name of a part');
        return [name, readPart(c)];
      }),
    ];
  });
}

function readMap<K, V>(c: JsonCursor, what: string, read: (key: string) => [K, V]): Map<K, V> {
  const map = new Map<K, V>();
  c.expect('{');
  if (c.take('}')) return map;
  do {
    const text = c.string();
    c.expect(':');
    const [key, value] = read(text);
    if (map.has(key)) throw c.malformed(`a ${what} that is there twice`);
    map.set(key, value);
  } while (c.take(','));
  c.expect('}');
  return map;
}

function readPart(c: JsonCursor): BundlePart {
  const part: BundlePart = { salt: '', data: '' };
  readMembers(c, 'part', [], {
    salt: () => {
      part.salt = readBase64(c);
      const { salt } = part;
      if (salt.length !== SALT_CHARS || !salt.endsWith('==')) throw c.malformed('not a salt');
    },
    data: () => {
      part.data = readBase64(c);
    },
  });
  return part;
}

function readBase64(c: JsonCursor): string {
  const text = c.string();
  if (!isBase64Text(text)) throw c.malformed('not strict base64');
  return text;
}
