/**
 * What LOG.md §1 and §3 demand of records and seals. Admission to the log and step 5 of the
 * verifier call the same function, so that nothing is admitted that a verifier would refuse.
 */
import { type JsonObject, RECORD_BYTES_MAX } from '@vitrine/schema/record';
import { ChainError } from '../error.ts';
import { isHash, isObject, recordBytes } from './bytes.ts';
import { parseCanonicalText } from './json.ts';
import type { ChainRecord, Leaf, RecordFault, SealBody } from './types.ts';

const KIND = /^[a-z0-9._]{1,64}$/;
const NAME = /^[A-Za-z0-9._:-]{1,128}$/;
const CHAIN_NAME = /^[A-Za-z0-9._:-]{1,128}\/[A-Za-z0-9._:-]{1,128}$/;
const PART_NAME = /^[a-z0-9_.-]{1,64}$/;
const NANOSECONDS = /^(?:0|[1-9][0-9]*)$/;
const DAY = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/;

const isText =
  (form: RegExp) =>
  (value: unknown): value is string =>
    typeof value === 'string' && form.test(value);
export const isKind = isText(KIND);
/** A session or a shim: half of a chain's name. */
export const isName = isText(NAME);
/** `session/shim` */
export const isChainName = isText(CHAIN_NAME);
/** Unix nanoseconds. */
export const isTime = isText(NANOSECONDS);
export const isDay = isText(DAY);
/** `__proto__` fits the alphabet of parts, and no record may have it as a key. */
export const isPartName = (value: string) => PART_NAME.test(value) && value !== '__proto__';

/** A count, an index or a size: an integer that no page names negative. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** What each member has to be. */
export type Forms = Record<string, (value: unknown) => boolean>;
export const is = (wanted: unknown) => (value: unknown) => value === wanted;
const TREE: Forms = { root: isHash, size: isCount };
const isTree = (value: unknown) => isObject(value) && misfit(value, TREE, true) === undefined;
const isTreeOrNull = (value: unknown) => value === null || isTree(value);
const STAMP: Forms = { v: is(1), t: isTime };
const NAMES: Forms = { kind: isKind, session: isName, shim: isName };
const RECORD: Forms = { ...STAMP, ...NAMES, seq: isCount, prev: isHash, parts: isObject };
const COUNTS: Forms = { count: isCount, first: isCount, n: isCount };
const TREES: Forms = { heads: isTreeOrNull, prev: isTreeOrNull };
const SEAL: Forms = { ...STAMP, ...COUNTS, ...TREES, kind: is('seal'), src: isObject };
const DAY_SEAL: Forms = { ...SEAL, day: isDay, days: isTree };

/** The first member that is not what it has to be. `exact`: no others are allowed. */
export function misfit(value: JsonObject, forms: Forms, exact: boolean): string | undefined {
  for (const name in forms)
    if (!forms[name]!(value[name])) return `${name} is missing or malformed`;
  const others = exact && Object.keys(value).some((name) => !Object.hasOwn(forms, name));
  return others ? 'it has a member that does not belong there' : undefined;
}

/** What is wrong with the members of a canonical record, whatever its kind (LOG.md §1). */
export function formFault(record: JsonObject): string | undefined {
  const fault = misfit(record, RECORD, false);
  if (fault !== undefined) return fault;
  const odd = Object.entries(record.parts!).find(
    ([name, hash]) => !isPartName(name) || !isHash(hash),
  );
  return odd && `part ${odd[0].slice(0, 64)} has no commitment, or no name of a part`;
}

/** What keeps a canonical object from being a seal (LOG.md §3). */
export function sealFault(seal: JsonObject): string | undefined {
  return misfit(seal, 'day' in seal || 'days' in seal ? DAY_SEAL : SEAL, true);
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
    if (recordBytes(text) === Infinity) throw tooLong();
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
  if (fault !== undefined) return { expected: 'canonical bytes of a record', ...fault };
  const odd = formFault(value);
  if (odd) return { code: 1, error: 'RECORD_INVALID', expected: 'a record', found: odd };
  const { session, shim, seq, prev } = value as ChainRecord;
  const broken = (name: string, expected: unknown, found: unknown): RecordFault => {
    const code = name === 'seq' ? 3 : 1;
    const said = { expected: `${name} ${expected}`, found: `${name} ${found}` };
    return { code, error: 'CHAIN_BROKEN', ...said };
  };
  const chain = `${session}/${shim}`;
  if (chain !== place.chain) return broken('chain', place.chain, chain);
  if (seq !== place.seq) return broken('seq', place.seq, seq);
  if (prev !== (place.prev ?? prev)) return broken('prev', place.prev, prev);
  return undefined;
}

export function tooLong(): ChainError {
  const message = `longer than the ${RECORD_BYTES_MAX} bytes of a record`;
  return new ChainError('RECORD_INVALID', message, 'move content into parts');
}
