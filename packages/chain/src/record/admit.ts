/**
 * Admission of a record that somebody else made: it must be the next one of its chain by the very
 * function the verifier uses (LOG.md §2).
 */
import { RECORD_BYTES_MAX } from '@vitrine/schema';
import { ChainError } from '../error.ts';
import { sha256 } from '../hash/node.ts';
import { examineRecord } from './examine.ts';
import type { ChainRecord } from './form.ts';
import { decodeUtf8, tooLong } from './parse.ts';

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
  const text = decodeUtf8(bytes, 'RECORD_MALFORMED');
  const examined = examineRecord(place, text, bytes, sha256);
  if (examined.fault === undefined) return examined;
  const { code, expected, found } = examined.fault;
  throw new ChainError(code, `${place.chain}: expected ${expected}, found ${found}`);
}
