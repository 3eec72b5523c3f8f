/**
 * Makes a bundle (LOG.md §4) out of records and proofs that are at hand. It proves nothing to
 * itself: whoever exports verifies what was made.
 */
import {
  BUNDLE_BYTES_MAX,
  type Json,
  type JsonObject,
  PART_SALT_BYTES,
  PROOF_HASHES_MAX,
} from '@vitrine/schema';
import { ChainError } from '../error.ts';
import { asBuffer } from '../hash/node.ts';
import { HASH_BYTES } from '../hash/rfc6962.ts';
import { CanonicalWriter } from '../record/canonical.ts';
import { BUNDLE_FORMAT, isChainName, isClaim, isCount, isPartName } from '../verify/form.ts';
import { readCheckpointNote } from '../verify/note.ts';
import type { Claim } from '../verify/types.ts';

/** An audit path from the leaf to the root. */
export interface ProvenIndex {
  index: number;
  proof: Buffer[];
}

export interface BundleChainInput {
  chain: string;
  /** `seq` of the first of `records`. */
  first: number;
  /** Exact bytes, in the order of `seq`; at least one. */
  records: Buffer[];
  /** Parts that are still there; `null` to export none of this chain. */
  parts: { seq: number; name: string; salt: Buffer; data: Buffer }[] | null;
  /** The last of `records` in the log. */
  tip: ProvenIndex;
  /** The chain's leaf in the heads tree of the seal. */
  head?: ProvenIndex | undefined;
}

export interface BundleInput {
  claim: Claim;
  /** The note, with its cosignatures. */
  checkpoint: string;
  seal: { record: Buffer; proof: Buffer[] };
  /** In any order. */
  chains: BundleChainInput[];
  attached: (ProvenIndex & { record: Buffer })[];
  /** Leaves of the heads tree or of a day seal's tree, the left one first. */
  neighbours?: (ProvenIndex & { leaf: Buffer })[] | undefined;
  consistency?: { from: string; proof: Buffer[] } | undefined;
}

const FIRST_BYTES = 65_536;

/** Canonical bytes. Throws BUNDLE_MALFORMED, BUNDLE_TOO_LARGE or NOTE_INVALID. */
export function makeBundle(input: BundleInput): Buffer {
  if (!isClaim(input.claim)) throw new ChainError('BUNDLE_MALFORMED', 'no claim of the format');
  const bundle: JsonObject = {
    format: BUNDLE_FORMAT,
    claim: { ...input.claim },
    checkpoint: noteText(input.checkpoint),
    seal: { record: input.seal.record.toString(), proof: hashes(input.seal.proof) },
    chains: chainsOf(input.chains),
    attached: input.attached.map((leaf) => {
      return { ...proven(leaf), record: leaf.record.toString() };
    }),
  };
  if (input.neighbours !== undefined) {
    bundle.neighbours = input.neighbours.map((leaf) => {
      return { ...proven(leaf), leaf: leaf.leaf.toString() };
    });
  }
  if (input.consistency !== undefined) {
    const { from, proof } = input.consistency;
    bundle.consistency = { from: noteText(from), proof: hashes(proof) };
  }
  return write(bundle);
}

function write(bundle: JsonObject): Buffer {
  const writer = new CanonicalWriter(FIRST_BYTES, BUNDLE_BYTES_MAX, tooLarge);
  writer.value(bundle, 1);
  if (writer.length > BUNDLE_BYTES_MAX) throw tooLarge();
  return asBuffer(writer.written());
}

function tooLarge(): ChainError {
  const message = `longer than the ${BUNDLE_BYTES_MAX} bytes of a bundle`;
  const hint = 'export without parts, or a range of one chain';
  return new ChainError('BUNDLE_TOO_LARGE', message, hint);
}

function chainsOf(chains: BundleChainInput[]): Json[] {
  const sorted = chains.toSorted((a, b) => (a.chain < b.chain ? -1 : 1));
  return sorted.map((chain, i) => {
    const { chain: name, first, records, parts, tip, head } = chain;
    if (!isChainName(name)) throw refuse('not the name of a chain');
    if (sorted[i - 1]?.chain === name) throw refuse(`the chain ${name} twice`);
    if (!isCount(first) || records.length === 0) throw refuse(`no records of ${name}`);
    const made: JsonObject = {
      chain: name,
      first,
      records: records.map((record) => record.toString()),
      parts: parts === null ? null : partsOf(parts),
      tip: proven(tip),
    };
    if (head !== undefined) made.head = proven(head);
    return made;
  });
}

function partsOf(parts: NonNullable<BundleChainInput['parts']>): JsonObject {
  const bySeq: JsonObject = {};
  for (const { seq, name, salt, data } of parts) {
    if (!isCount(seq) || !isPartName(name) || salt.length !== PART_SALT_BYTES) {
      throw refuse('a part without seq, name or salt');
    }
    bySeq[seq] ??= {};
    const named = bySeq[seq] as JsonObject;
    if (Object.hasOwn(named, name)) throw refuse(`part ${name} of seq ${seq} twice`);
    named[name] = { salt: salt.toString('base64'), data: data.toString('base64') };
  }
  return bySeq;
}

function proven({ index, proof }: ProvenIndex): { index: number; proof: string[] } {
  if (!isCount(index)) throw refuse('a leaf without index');
  return { index, proof: hashes(proof) };
}

function hashes(proof: Buffer[]): string[] {
  const whole = proof.every((hash) => hash.length === HASH_BYTES);
  if (!whole || proof.length > PROOF_HASHES_MAX) throw refuse('a proof that is none');
  return proof.map((hash) => hash.toString('base64'));
}

function noteText(note: string): string {
  readCheckpointNote(note);
  return note;
}

function refuse(message: string): ChainError {
  return new ChainError('BUNDLE_MALFORMED', message);
}
