/**
 * Reads a bundle from hostile bytes (LOG.md §4, §5 step 1). The expected shape drives the reading,
 * so that a member that does not belong ends it before its value takes any memory.
 */
import { BUNDLE_BYTES_MAX, BUNDLE_CHAINS_MAX } from '@vitrine/schema/record';
import { ChainError } from '../error.ts';
import { JsonCursor } from '../json/cursor.ts';
import { eachItem, readArray, readMembers, shapeOf } from '../json/members.ts';
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

type Consistency = NonNullable<Bundle['consistency']>;

const SEAL = shapeOf<Bundle['seal']>('seal', {
  record: (c, seal) => {
    seal.record = c.wellFormedString();
  },
  proof: (c, seal) => {
    seal.proof = readHashes(c);
  },
});

const CONSISTENCY = shapeOf<Partial<Consistency>>('consistency', {
  from: (c, consistency) => {
    consistency.from = readNote(c);
  },
  proof: (c, consistency) => {
    consistency.proof = readHashes(c);
  },
});

const BUNDLE = shapeOf<Partial<Bundle>>(
  'bundle',
  {
    format: (c) => {
      if (c.wellFormedString() !== BUNDLE_FORMAT) throw c.malformed('another format of bundle');
    },
    claim: (c, bundle) => {
      bundle.claim = readClaim(c);
    },
    checkpoint: (c, bundle) => {
      bundle.checkpoint = readNote(c);
    },
    seal: (c, bundle) => {
      bundle.seal = readMembers(c, SEAL, { record: '', proof: [] });
    },
    chains: (c, bundle) => {
      bundle.chains = readChains(c);
    },
    attached: (c, bundle) => {
      bundle.attached = readArray(c, () => readAttachedLeaf(c));
    },
    neighbours: (c, bundle) => {
      bundle.neighbours = readArray(c, () => readNeighbour(c));
    },
    consistency: (c, bundle) => {
      bundle.consistency = readMembers(c, CONSISTENCY, {}) as Consistency;
    },
  },
  ['neighbours', 'consistency'],
);

/** Throws BUNDLE_MALFORMED, BUNDLE_TOO_LARGE or NOTE_INVALID. */
export function readBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > BUNDLE_BYTES_MAX) {
    const message = `${bytes.length} bytes; a bundle has ${BUNDLE_BYTES_MAX} at most`;
    throw new ChainError('BUNDLE_TOO_LARGE', message);
  }
  const text = decodeUtf8(bytes, 'BUNDLE_MALFORMED');
  const c = new JsonCursor(text, 'BUNDLE_MALFORMED');
  const bundle = readMembers(c, BUNDLE, { text });
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
    if (chains.length === BUNDLE_CHAINS_MAX) throw c.malformed('too many chains');
    chains.push(chain);
  }
  return chains;
}
