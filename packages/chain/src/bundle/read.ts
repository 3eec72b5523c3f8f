/**
 * Reads a bundle from hostile bytes (LOG.md §4, §5 step 1). The expected shape drives the reading,
 * so that a member that does not belong ends it before its value takes any memory.
 */
import { BUNDLE_BYTES_MAX } from '@vitrine/schema';
import { ChainError } from '../error.ts';
import { JsonCursor } from '../json/cursor.ts';
import { eachItem, readArray, readMembers } from '../json/members.ts';
import { type CheckpointNote, readCheckpointNote } from '../note/checkpoint.ts';
import { decodeUtf8 } from '../record/parse.ts';
import { eachPart, readChain } from './chain.ts';
import { readClaim } from './claim.ts';
import {
  type AttachedLeaf,
  BUNDLE_FORMAT,
  type Bundle,
  type BundleChain,
  type BundlePart,
  type Located,
  type Neighbour,
} from './format.ts';
import { readAttachedLeaf, readHashes, readNeighbour } from './leaf.ts';

/** Throws BUNDLE_MALFORMED, BUNDLE_TOO_LARGE or NOTE_INVALID. */
export function readBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > BUNDLE_BYTES_MAX) {
    const message = `${bytes.length} bytes; a bundle has ${BUNDLE_BYTES_MAX} at most`;
    throw new ChainError('BUNDLE_TOO_LARGE', message);
  }
  const text = decodeUtf8(bytes, 'BUNDLE_MALFORMED');
  const c = new JsonCursor(text, 'BUNDLE_MALFORMED');
  const bundle: Partial<Bundle> = { text };
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
      bundle.chains = readChains(c);
    },
    attached: () => {
      bundle.attached = readArray(c, () => readAttachedLeaf(c));
    },
    neighbours: () => {
      bundle.neighbours = readArray(c, () => readNeighbour(c));
    },
    consistency: () => {
      bundle.consistency = readConsistency(c);
    },
  });
  c.end();
  return bundle as Bundle;
}

export function* eachRecord(bundle: Bundle, chain: BundleChain): Generator<string> {
  const c = cursorAt(bundle, chain.records);
  for (const _ of eachItem(c)) yield c.string();
}

export function* eachGivenPart(bundle: Bundle, at: number): Generator<BundlePart> {
  yield* eachPart(cursorAt(bundle, { at }));
}

export function* eachAttached(bundle: Bundle): Generator<AttachedLeaf> {
  const c = cursorAt(bundle, bundle.attached);
  for (const _ of eachItem(c)) yield readAttachedLeaf(c);
}

export function* eachNeighbour(bundle: Bundle, located: Located): Generator<Neighbour> {
  const c = cursorAt(bundle, located);
  for (const _ of eachItem(c)) yield readNeighbour(c);
}

function cursorAt({ text }: Bundle, { at }: { at: number }): JsonCursor {
  const c = new JsonCursor(text, 'BUNDLE_MALFORMED');
  c.at = at;
  return c;
}

function readNote(c: JsonCursor): CheckpointNote {
  return readCheckpointNote(c.wellFormedString());
}

function readChains(c: JsonCursor): BundleChain[] {
  const chains: BundleChain[] = [];
  for (const _ of eachItem(c)) {
    const chain = readChain(c);
    const before = chains.at(-1)?.chain ?? '';
    if (chain.chain <= before) throw c.malformed('chains that are not sorted');
    chains.push(chain);
  }
  return chains;
}

function readSeal(c: JsonCursor): Bundle['seal'] {
  const seal: Partial<Bundle['seal']> = {};
  readMembers(c, 'seal', [], {
    record: () => {
      seal.record = c.wellFormedString();
    },
    proof: () => {
      seal.proof = readHashes(c);
    },
  });
  return seal as Bundle['seal'];
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
