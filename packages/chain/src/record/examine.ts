/**
 * Decides whether a text is the next record of a chain. Admission to the log and step 5 of the
 * verifier both call it, so that nothing is admitted that a verifier would refuse (LOG.md §2).
 * Needs nothing of Node.
 */
import { RECORD_BYTES_MAX } from '@vitrine/schema/record';
import { encodeBase64 } from '../base64.ts';
import { ChainError } from '../error.ts';
import { hashLeaf, type Sha256 } from '../hash/rfc6962.ts';
import { type ChainRecord, formFault } from './form.ts';
import { parseCanonicalText, tooLong } from './parse.ts';

export interface ExaminedPlace {
  /** `session/shim` */
  chain: string;
  seq: number;
  /** Leaf hash of the record before; `null` if it is not at hand and so cannot be compared. */
  prev: Uint8Array | null;
}

/** Which rule of LOG.md §5 step 5 a record breaks, in the order of that step. */
export interface RecordFault {
  rule: 'json' | 'form' | 'chain' | 'seq' | 'prev';
  code: 'RECORD_MALFORMED' | 'RECORD_NOT_CANONICAL' | 'RECORD_INVALID' | 'CHAIN_BROKEN';
  expected: string;
  found: string;
}

export type Examined<H> =
  | { fault: RecordFault }
  | { fault?: undefined; record: ChainRecord; leaf: H };

/** `text` is the UTF-8 decoding of `bytes`. */
export function examineRecord<H extends Uint8Array>(
  place: ExaminedPlace,
  text: string,
  bytes: Uint8Array,
  sha256: Sha256<H>,
): Examined<H> {
  const read = readRecord(text, bytes);
  if (read.fault !== undefined) return read;
  const { record } = read;
  const chain = `${record.session}/${record.shim}`;
  if (chain !== place.chain) return broken('chain', place.chain, chain);
  if (record.seq !== place.seq) return broken('seq', `seq ${place.seq}`, `seq ${record.seq}`);
  if (place.prev !== null) {
    const prev = encodeBase64(place.prev);
    if (record.prev !== prev) return broken('prev', `prev ${prev}`, `prev ${record.prev}`);
  }
  return { record, leaf: hashLeaf(sha256, bytes) };
}

function readRecord(
  text: string,
  bytes: Uint8Array,
): { fault: RecordFault } | { fault?: undefined; record: ChainRecord } {
  try {
    if (bytes.length > RECORD_BYTES_MAX) throw tooLong();
    const record = parseCanonicalText(text);
    const found = formFault(record);
    if (found === undefined) return { record: record as ChainRecord };
    return { fault: { rule: 'form', code: 'RECORD_INVALID', expected: 'a record', found } };
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    const code = error.code as RecordFault['code'];
    const rule = code === 'RECORD_MALFORMED' ? 'json' : 'form';
    const expected = rule === 'json' ? 'JSON without fractions' : 'canonical bytes of a record';
    return { fault: { rule, code, expected, found: error.message } };
  }
}

function broken(
  rule: RecordFault['rule'],
  expected: string,
  found: string,
): { fault: RecordFault } {
  return { fault: { rule, code: 'CHAIN_BROKEN', expected, found } };
}
