/**
 * What LOG.md §1 and §3 demand of records and seals. Admission to the log and step 5 of the
 * verifier call the same function, so that nothing is admitted that a verifier would refuse.
 */
import { type JsonObject, RECORD_BYTES_MAX } from '@vitrine/schema/record';
import { ChainError } from '../error.ts';
import { recordBytes } from './bytes.ts';
import { DAY_SEAL, misfit, RECORD, SEAL } from './form.ts';
import { parseCanonicalText } from './json.ts';
import type { ChainRecord, Leaf, RecordFault, SealBody } from './types.ts';

/** What is wrong with the members of a canonical record, whatever its kind (LOG.md §1). */
export function formFault(record: JsonObject): string | undefined {
  return misfit(record, RECORD, true);
}

/** What keeps a canonical object from being a seal (LOG.md §3). */
export function sealFault(seal: JsonObject): string | undefined {
  return misfit(seal, 'day' in seal || 'days' in seal ? DAY_SEAL : SEAL);
}

/** Why a seal does not stand at `index`: rules of LOG.md §5 step 4. */
export function placeFault({ first, count, n, prev }: SealBody, index: number): string | undefined {
  if (first + count !== index) return `first + count is ${first} + ${count}`;
  if ((prev === null) !== (n === 0)) return `prev is null exactly in the first seal; n is ${n}`;
  if (prev === null) return first === 0 ? undefined : `first is ${first}, not first 0`;
  return prev.size === first ? undefined : `first is ${first}, and prev of size ${prev.size}`;
}

/** `hash` is the leaf hash of `text`, base64. */
export function readLeaf(hash: string, text: string): Leaf {
  try {
    // A character of UTF-16 takes three bytes at most: counted only where that may be too many.
    if (text.length * 3 > RECORD_BYTES_MAX && recordBytes(text) === Infinity) throw tooLong();
    return { hash, value: parseCanonicalText(text) };
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    const code = error.code === 'RECORD_MALFORMED' ? 2 : 1;
    return { hash, value: {}, fault: { code, error: error.code, found: error.message } };
  }
}

/** LOG.md §5 step 5. `prev` is the hash before, in base64; `null` if it is not at hand. */
export function recordFault(
  { value, fault }: Leaf,
  place: { chain: string; seq: number; prev: string | null },
): RecordFault | undefined {
  if (fault) return { expected: 'canonical bytes of a record', ...fault };
  const odd = formFault(value);
  if (odd) return { code: 1, error: 'RECORD_INVALID', expected: 'a record', found: odd };
  const { session, shim, seq, prev } = value as ChainRecord;
  const chain = `${session}/${shim}`;
  const is = { chain, seq, prev };
  const name = chain !== place.chain ? 'chain' : seq !== place.seq ? 'seq' : 'prev';
  if (name === 'prev' && prev === (place.prev ?? prev)) return undefined;
  const said = { expected: `${name} ${place[name]}`, found: `${name} ${is[name]}` };
  return { code: name === 'seq' ? 3 : 1, error: 'CHAIN_BROKEN', ...said };
}

export function tooLong(): ChainError {
  const message = `longer than the ${RECORD_BYTES_MAX} bytes of a record`;
  return new ChainError('RECORD_INVALID', message, 'move content into parts');
}
