/** The form of bundles and pins (LOG.md §4, §5 step 1). */
import * as limits from '@vitrine/schema/record';
import { ChainError } from '../error.ts';
import { decodeBase64, isHash, isObject } from './bytes.ts';
import { decodeUtf8, parseJson } from './json.ts';
import { readCheckpointNote } from './note.ts';
import {
  type Forms,
  is,
  isChainName,
  isCount,
  isDay,
  isName,
  isPartName,
  misfit,
} from './record.ts';
import type { Bundle, BundleText, Claim, Pin, PinText } from './types.ts';

export const BUNDLE_FORMAT = 'vitrine-bundle/1';
const SEQ = /^(?:0|[1-9][0-9]{0,15})$/;
/** Base64 of 16 bytes. */
const SALT = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

type Form = Forms[string];
/** Exactly these members. */
const shape =
  (forms: Forms): Form =>
  (value) =>
    isObject(value) && misfit(value, forms, true) === undefined;
const listOf =
  (form: Form, countMax = Infinity): Form =>
  (value) =>
    Array.isArray(value) && value.length <= countMax && value.every(form);
/** The one member that may be missing has no value at all. */
const perhaps =
  (form: Form): Form =>
  (value) =>
    value === undefined || form(value);
const isText: Form = (value) => typeof value === 'string' && value !== '' && value.isWellFormed();
const isData: Form = (value) => typeof value === 'string' && decodeBase64(value) !== undefined;
const isSalt: Form = (value) => typeof value === 'string' && SALT.test(value);
const isProof = listOf(isHash, limits.PROOF_HASHES_MAX);
const PLACE = { index: isCount, proof: isProof };
const isContent = shape({ salt: isSalt, data: isData });

/** Exactly any number of members, each with a name and a value that fit. */
function members(value: unknown, fits: (name: string, value: unknown) => boolean): boolean {
  return isObject(value) && Object.entries(value).every(([name, item]) => fits(name, item));
}

const isParts: Form = (parts) =>
  parts === null ||
  members(parts, (seq, named) => {
    const known = SEQ.test(seq) && isCount(Number(seq));
    return known && members(named, (name, part) => isPartName(name) && isContent(part));
  });
const CHAIN: Forms = {
  ...{ chain: isChainName, first: isCount, tip: shape(PLACE), head: perhaps(shape(PLACE)) },
  records: (texts) => listOf(isText)(texts) && (texts as string[]).length > 0,
  parts: isParts,
};
/** The members of each type of claim beside `type`. */
const CLAIMS: Record<string, Forms> = {
  session: { session: isName },
  range: { chain: isChainName, first: isCount, last: isCount },
  event: { index: isCount },
  absent: { session: isName },
  inactive: { session: isName, day: isDay },
};
const BUNDLE: Forms = {
  format: is(BUNDLE_FORMAT),
  claim: isClaim,
  checkpoint: isText,
  seal: shape({ record: isText, proof: isProof }),
  chains: listOf(shape(CHAIN), limits.BUNDLE_CHAINS_MAX),
  attached: listOf(shape({ ...PLACE, record: isText })),
  neighbours: perhaps(listOf(shape({ ...PLACE, leaf: isText }))),
  consistency: perhaps(shape({ from: isText, proof: isProof })),
};
const PIN: Forms = { origin: isText, size: isCount, root: isHash, note: isText };

export function isClaim(value: unknown): value is Claim {
  if (!isObject(value) || !Object.hasOwn(CLAIMS, String(value.type))) return false;
  const { type, first, last } = value;
  const exact = misfit(value, { ...CLAIMS[String(type)], type: is(String(type)) }, true);
  return exact === undefined && (type !== 'range' || (first as number) <= (last as number));
}

/**
 * Throws BUNDLE_MALFORMED, BUNDLE_TOO_LARGE or NOTE_INVALID. `consume`: gives the memory of the
 * bytes back once they are text, where the engine can (ES2024).
 */
export function readBundle(bytes: Uint8Array, consume?: boolean): Bundle {
  const large = `${bytes.length} bytes; a bundle has ${limits.BUNDLE_BYTES_MAX} at most`;
  if (bytes.length > limits.BUNDLE_BYTES_MAX) throw new ChainError('BUNDLE_TOO_LARGE', large);
  const more = Math.floor(bytes.length / limits.JSON_VALUE_BYTES_MIN);
  const valuesMax = limits.JSON_VALUES_FREE_MAX + more;
  const depthMax = limits.JSON_DEPTH_MAX;
  const text = decodeUtf8(bytes, 'BUNDLE_MALFORMED');
  const buffer = bytes.buffer as ArrayBuffer & { transfer?(length: number): unknown };
  // A small file of Node lies in memory that others use as well.
  if (consume === true && bytes.length === buffer.byteLength) buffer.transfer?.(0);
  const value = parseJson(text, 'BUNDLE_MALFORMED', { valuesMax, depthMax });
  const found = isObject(value) ? misfit(value, BUNDLE, true) : 'it is no object';
  if (found !== undefined) throw new ChainError('BUNDLE_MALFORMED', found);
  const { checkpoint, consistency, ...bundle } = value as unknown as BundleText;
  const names = bundle.chains.map(({ chain }) => chain);
  const sorted = names.every((name, i) => i === 0 || name > names[i - 1]!);
  if (!sorted) throw new ChainError('BUNDLE_MALFORMED', 'chains that are not sorted');
  const from = consistency && readCheckpointNote(consistency.from);
  const rest = from && { consistency: { from, proof: consistency.proof } };
  return { ...bundle, checkpoint: readCheckpointNote(checkpoint), ...rest };
}

/** Throws PIN_INVALID for text that is no pin at all. */
export function readPin(text: string): Pin {
  try {
    if (text.length > limits.PIN_BYTES_MAX) throw new ChainError('PIN_INVALID', 'it is too large');
    const value = parseJson(text, 'PIN_INVALID');
    const found = isObject(value) ? misfit(value, PIN, true) : 'it is no object';
    if (found !== undefined) throw new ChainError('PIN_INVALID', found);
    const { note, ...pin } = value as unknown as PinText;
    return { ...pin, note: readCheckpointNote(note) };
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    throw new ChainError('PIN_INVALID', error.message, error.hint, { cause: error });
  }
}
