/** Every form of LOG.md §1, §3 and §4: names, and the objects that are made of them. */
import * as limits from '@vitrine/schema/record';
import { decodeBase64, isHash, isObject } from './bytes.ts';
import type { Claim } from './types.ts';

export const BUNDLE_FORMAT = 'vitrine-bundle/1';
const PART_NAME = /^[a-z0-9_.-]{1,64}$/;
const SEQ = /^(?:0|[1-9][0-9]{0,15})$/;

const isMatch =
  (pattern: RegExp) =>
  (value: unknown): value is string =>
    typeof value === 'string' && pattern.test(value);
export const isKind = isMatch(/^[a-z0-9._]{1,64}$/);
/** A session or a shim: half of a chain's name. */
export const isName = isMatch(/^[A-Za-z0-9._:-]{1,128}$/);
/** `session/shim` */
export const isChainName = isMatch(/^[A-Za-z0-9._:-]{1,128}\/[A-Za-z0-9._:-]{1,128}$/);
/** Unix nanoseconds. */
export const isTime = isMatch(/^(?:0|[1-9][0-9]*)$/);
const isDay = isMatch(/^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/);
/** Base64 of 16 bytes. */
const isSalt = isMatch(/^[A-Za-z0-9+/]{21}[AQgw]==$/);
/** `__proto__` fits the alphabet of parts, and no record may have it as a key. */
export const isPartName = (value: string) => PART_NAME.test(value) && value !== '__proto__';
const isSeq = (value: string) => SEQ.test(value) && isCount(Number(value));
const isText: Form = (value) => typeof value === 'string' && value !== '' && value.isWellFormed();
const isData: Form = (value) => typeof value === 'string' && !!decodeBase64(value);

/** A count, an index or a size: an integer that no page names negative. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

type Form = (value: unknown) => boolean;
/** What each member has to be. */
type Forms = Record<string, Form>;
const is =
  (wanted: unknown): Form =>
  (value) =>
    value === wanted;
const orNull =
  (form: Form): Form =>
  (value) =>
    value === null || form(value);
/** A member that may be missing has no value at all. */
const perhaps =
  (form: Form): Form =>
  (value) =>
    value === undefined || form(value);
/** An object with exactly these members. */
const shape =
  (forms: Forms): Form =>
  (value) =>
    !misfit(value, forms);
/** One with any members, whose names and values fit. */
const members =
  (isKey: (name: string) => boolean, form: Form): Form =>
  (value) =>
    isObject(value) && Object.entries(value).every(([name, item]) => isKey(name) && form(item));
const listOf =
  (form: Form, max = Infinity, min = 0): Form =>
  (value) =>
    Array.isArray(value) && value.length >= min && value.length <= max && value.every(form);

const STAMP: Forms = { v: is(1), t: isTime };
const NAMES: Forms = { kind: isKind, session: isName, shim: isName };
/** A record may have any other members as well; the parts are the commitments to them. */
export const RECORD: Forms = {
  parts: members(isPartName, isHash),
  ...STAMP,
  ...NAMES,
  seq: isCount,
  prev: isHash,
};
const isTree = shape({ root: isHash, size: isCount });
const COUNTS: Forms = { count: isCount, first: isCount, n: isCount };
const TREES: Forms = { heads: orNull(isTree), prev: orNull(isTree) };
export const SEAL: Forms = { ...STAMP, ...COUNTS, ...TREES, kind: is('seal'), src: isObject };
export const DAY_SEAL: Forms = { ...SEAL, day: isDay, days: isTree };

const isProof = listOf(isHash, limits.PROOF_HASHES_MAX);
const PLACE: Forms = { index: isCount, proof: isProof };
const CHAIN: Forms = {
  ...{ chain: isChainName, first: isCount, records: listOf(isText, Infinity, 1) },
  ...{ tip: shape(PLACE), head: perhaps(shape(PLACE)) },
  parts: orNull(members(isSeq, members(isPartName, shape({ salt: isSalt, data: isData })))),
};
/** The members of each type of claim beside `type`. */
const CLAIMS: Record<string, Forms> = {
  session: { session: isName },
  range: { chain: isChainName, first: isCount, last: isCount },
  event: { index: isCount },
  absent: { session: isName },
  inactive: { session: isName, day: isDay },
};
export const BUNDLE: Forms = {
  format: is(BUNDLE_FORMAT),
  claim: isClaim,
  checkpoint: isText,
  seal: shape({ record: isText, proof: isProof }),
  chains: listOf(shape(CHAIN), limits.BUNDLE_CHAINS_MAX),
  attached: listOf(shape({ ...PLACE, record: isText })),
  neighbours: perhaps(listOf(shape({ ...PLACE, leaf: isText }))),
  consistency: perhaps(shape({ from: isText, proof: isProof })),
};
export const PIN: Forms = { origin: isText, size: isCount, root: isHash, note: isText };
export const HEAD: Forms = { chain: isChainName, head: isHash, seq: isCount };

export function isClaim(value: unknown): value is Claim {
  if (!isObject(value) || !Object.hasOwn(CLAIMS, String(value.type))) return false;
  const { type, first, last } = value;
  const exact = shape({ ...CLAIMS[String(type)], type: is(String(type)) })(value);
  return exact && (type !== 'range' || (first as number) <= (last as number));
}

/** The first member that is not what it has to be. Unless `open`, no others are allowed. */
export function misfit(value: unknown, forms: Forms, open = false): string | undefined {
  if (!isObject(value)) return 'it is no object';
  for (const name in forms)
    if (!forms[name]!(value[name])) return `${name} is missing or malformed`;
  const others = !open && Object.keys(value).some((name) => !Object.hasOwn(forms, name));
  return others ? 'it has an unknown member' : undefined;
}
