/** Reads indices, audit paths and texts of leaves in a bundle. */
import { PROOF_HASHES_MAX } from '@vitrine/schema';
import { isHashText } from '../base64.ts';
import type { JsonCursor } from '../json/cursor.ts';
import { eachItem, readCount, readMembers } from '../json/members.ts';
import type { AttachedLeaf, LeafProof, Neighbour } from './format.ts';

/** Most proofs of hostile files are empty: they share one list. */
const NO_HASHES: string[] = [];

export function readHashes(c: JsonCursor): string[] {
  let hashes = NO_HASHES;
  for (const _ of eachItem(c)) {
    const hash = c.string();
    if (!isHashText(hash)) throw c.malformed('not the base64 of 32 bytes');
    if (hashes === NO_HASHES) hashes = [];
    if (hashes.length === PROOF_HASHES_MAX) throw c.malformed('too many hashes in a proof');
    hashes.push(hash);
  }
  return hashes;
}

export function readProof(c: JsonCursor): LeafProof {
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

export function readAttachedLeaf(c: JsonCursor): AttachedLeaf {
  const leaf: AttachedLeaf = { index: 0, record: '', proof: NO_HASHES };
  readMembers(c, 'leaf', [], {
    index: () => {
      leaf.index = readCount(c);
    },
    record: () => {
      leaf.record = c.wellFormedString();
    },
    proof: () => {
      leaf.proof = readHashes(c);
    },
  });
  return leaf;
}

export function readNeighbour(c: JsonCursor): Neighbour {
  const leaf: Neighbour = { index: 0, leaf: '', proof: NO_HASHES };
  readMembers(c, 'leaf', [], {
    index: () => {
      leaf.index = readCount(c);
    },
    leaf: () => {
      leaf.leaf = c.wellFormedString();
    },
    proof: () => {
      leaf.proof = readHashes(c);
    },
  });
  return leaf;
}
