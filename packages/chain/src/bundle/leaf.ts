/** Reads indices, audit paths and texts of leaves in a bundle. */
import { PROOF_HASHES_MAX } from '@vitrine/schema/record';
import { isHashText } from '../base64.ts';
import type { JsonCursor } from '../json/cursor.ts';
import { eachItem, readCount, readMembers, shapeOf } from '../json/members.ts';
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

const PROOF_MEMBERS = {
  index: (c: JsonCursor, leaf: LeafProof) => {
    leaf.index = readCount(c);
  },
  proof: (c: JsonCursor, leaf: LeafProof) => {
    leaf.proof = readHashes(c);
  },
};
const PROOF = shapeOf<LeafProof>('proof', PROOF_MEMBERS);
const ATTACHED = shapeOf<AttachedLeaf>('leaf', {
  ...PROOF_MEMBERS,
  record: (c, leaf) => {
    leaf.record = c.wellFormedString();
  },
});
const NEIGHBOUR = shapeOf<Neighbour>('leaf', {
  ...PROOF_MEMBERS,
  leaf: (c, leaf) => {
    leaf.leaf = c.wellFormedString();
  },
});

export function readProof(c: JsonCursor): LeafProof {
  return readMembers(c, PROOF, { index: 0, proof: NO_HASHES });
}

export function readAttachedLeaf(c: JsonCursor): AttachedLeaf {
  return readMembers(c, ATTACHED, { index: 0, proof: NO_HASHES, record: '' });
}

export function readNeighbour(c: JsonCursor): Neighbour {
  return readMembers(c, NEIGHBOUR, { index: 0, proof: NO_HASHES, leaf: '' });
}
