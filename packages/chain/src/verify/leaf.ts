/** Reads leaves that are no chain's: the seal, attached leaves, leaves of a heads tree. */
import { type JsonObject, RECORD_BYTES_MAX } from '@vitrine/schema/record';
import { decodeBase64 } from '../base64.ts';
import { ChainError } from '../error.ts';
import { hashLeaf, type Sha256 } from '../hash/rfc6962.ts';
import { isChainName, isCount, isHash } from '../record/form.ts';
import { parseCanonicalText, tooLong } from '../record/parse.ts';
import { type SealBody, sealFault } from '../seal/form.ts';

const encoder = new TextEncoder();

export interface LeafFault {
  code: 1 | 2;
  found: string;
}

export type LeafReading = { bytes: Uint8Array } & (
  | { fault: LeafFault; value?: undefined }
  | { fault?: undefined; value: JsonObject }
);

export interface SealReading {
  fault?: LeafFault;
  hash: Uint8Array;
  seal?: SealBody;
}

/** A leaf of the log, or of a heads tree: canonical bytes of an object. */
export function readLeafText(text: string): LeafReading {
  const bytes = encoder.encode(text);
  try {
    if (bytes.length > RECORD_BYTES_MAX) throw tooLong();
    return { bytes, value: parseCanonicalText(text) };
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    const code = error.code === 'RECORD_MALFORMED' ? 2 : 1;
    return { bytes, fault: { code, found: error.message } };
  }
}

export function readSealText(sha256: Sha256, text: string): SealReading {
  const reading = readLeafText(text);
  const hash = hashLeaf(sha256, reading.bytes);
  if (reading.fault !== undefined) return { hash, fault: reading.fault };
  const found = sealFault(reading.value);
  if (found !== undefined) return { hash, fault: { code: 1, found } };
  return { hash, seal: reading.value as unknown as SealBody };
}

/** A leaf of a heads tree: `{"chain","head","seq"}`. */
export interface HeadLeaf {
  chain: string;
  head: Uint8Array;
  seq: number;
}

export function headLeafOf(value: JsonObject): HeadLeaf | undefined {
  const { chain, head, seq } = value;
  const known = Object.keys(value).length === 3 && isChainName(chain) && isHash(head);
  return known && isCount(seq) ? { chain, head: decodeBase64(head)!, seq } : undefined;
}
