/**
 * Admission of a record that somebody else made: it must be the next one of its chain by the very
 * function the verifier uses (LOG.md §2).
 */
import { type JsonObject, RECORD_BYTES_MAX } from '@vitrine/schema';
import { ChainError } from '../error.ts';
import { leafHash } from '../hash/node.ts';
import { decodeUtf8, parseCanonicalText } from '../verify/json.ts';
import { readLeaf, recordFault, tooLong } from '../verify/record.ts';
import type { ChainRecord } from '../verify/types.ts';

export interface AdmittedRecord {
  record: ChainRecord;
  leaf: Buffer;
}

/**
 * `prev` is the leaf hash of the chain's last record, 32 zero bytes before the first. Throws
 * RECORD_MALFORMED, RECORD_NOT_CANONICAL or RECORD_INVALID for the record alone, CHAIN_BROKEN when
 * it is not the next one of this chain.
 */
export function admitRecord(
  place: { chain: string; seq: number; prev: Buffer },
  bytes: Uint8Array,
): AdmittedRecord {
  if (bytes.length > RECORD_BYTES_MAX) throw tooLong();
  const { chain, seq } = place;
  const hash = leafHash(bytes);
  const leaf = readLeaf(hash.toString('base64'), decodeUtf8(bytes, 'RECORD_MALFORMED'));
  const fault = recordFault(leaf, { chain, seq, prev: place.prev.toString('base64') });
  if (fault === undefined) {
    return { record: leaf.value as ChainRecord, leaf: hash };
  }
  const { error, expected, found } = fault;
  throw new ChainError(error, `${chain}: expected ${expected}, found ${found}`);
}

/** The object that canonical bytes of a record or seal hold; throws as `admitRecord`. */
export function parseCanonical(bytes: Uint8Array): JsonObject {
  if (bytes.length > RECORD_BYTES_MAX) throw tooLong();
  return parseCanonicalText(decodeUtf8(bytes, 'RECORD_MALFORMED'));
}
