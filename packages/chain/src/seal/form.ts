/** The last leaf of every published tree (LOG.md §3): what its members must be. */
import { isObject, type Json, type JsonObject } from '@vitrine/schema/record';
import { isCount, isHash, isTime } from '../record/form.ts';

/** A tree named by a seal; `root` is base64. */
export interface SealedTree {
  root: string;
  size: number;
}

export interface SealBody {
  /** Leaves of the batch without the seal. */
  count: number;
  /** Size of the tree before the batch. */
  first: number;
  /** `null` in a seal that does not compute them. */
  heads: SealedTree | null;
  n: number;
  /** `null` exactly when `n` is 0. */
  prev: SealedTree | null;
  /** Position consumed of each input; opaque to verifiers. */
  src: JsonObject;
  /** Unix nanoseconds, decimal text. */
  t: string;
  /** `YYYY-MM-DD`, with `days`: once a day. */
  day?: string;
  days?: SealedTree;
}

const MEMBERS = ['count', 'first', 'heads', 'kind', 'n', 'prev', 'src', 't', 'v'];
const DAY_MEMBERS = ['day', 'days'];
const DAY = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/;

export function isDay(value: unknown): value is string {
  return typeof value === 'string' && DAY.test(value);
}

/** What keeps a canonical object from being a seal; `undefined` if nothing does. */
export function sealFault(seal: JsonObject): string | undefined {
  if (seal.kind !== 'seal') return 'kind is not seal';
  if (seal.v !== 1) return 'v is not 1';
  const members = 'day' in seal || 'days' in seal ? [...MEMBERS, ...DAY_MEMBERS] : MEMBERS;
  for (const name of members) if (!Object.hasOwn(seal, name)) return `${name} is missing`;
  for (const name of Object.keys(seal)) {
    if (!members.includes(name)) return 'it has a member that is none of a seal';
  }
  for (const name of ['count', 'first', 'n']) {
    if (!isCount(seal[name])) return `${name} is not a count`;
  }
  if (!isTime(seal.t)) return 't is not a decimal number of nanoseconds';
  if (!isObject(seal.src)) return 'src is not an object';
  for (const name of ['heads', 'prev']) {
    if (seal[name] !== null && !isSealedTree(seal[name])) return `${name} is not {root, size}`;
  }
  if (members === MEMBERS) return undefined;
  if (!isDay(seal.day)) return 'day is not YYYY-MM-DD';
  return isSealedTree(seal.days) ? undefined : 'days is not {root, size}';
}

function isSealedTree(value: Json | undefined): boolean {
  if (!isObject(value) || Object.keys(value).length !== 2) return false;
  return isHash(value.root) && isCount(value.size);
}
