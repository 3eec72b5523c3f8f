/**
 * The form of bundles and pins (LOG.md §4, §5 step 1). The shape drives the reading, so that a
 * member that does not belong ends it before its value takes any memory.
 */
import {
  BUNDLE_BYTES_MAX,
  BUNDLE_CHAINS_MAX,
  BUNDLE_ITEMS_KEPT_MAX,
  PIN_BYTES_MAX,
  PROOF_HASHES_MAX,
} from '@vitrine/schema/record';
import { ChainError } from '../error.ts';
import { isBase64, isHash } from './bytes.ts';
import { decodeUtf8, Reader } from './json.ts';
import { readCheckpointNote } from './note.ts';
import { isChainName, isCount, isDay, isName, isPartName } from './record.ts';
import type {
  AttachedLeaf,
  Bundle,
  BundleChain,
  Claim,
  Many,
  Neighbour,
  Part,
  Pin,
  Place,
} from './types.ts';

export const BUNDLE_FORMAT = 'vitrine-bundle/1';
const SEQ = /^(?:0|[1-9][0-9]{0,15})$/;
/** Base64 of 16 bytes. */
const SALT = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

type Read<T> = (r: Reader) => T;

/** A string that is `what`. */
function text(fits: (text: string) => boolean, what: string): Read<string> {
  return (r) => {
    const read = r.string();
    if (!fits(read)) throw r.malformed(`not ${what}`);
    return read;
  };
}

/** An object of exactly these members, in any order; those marked with `?` may be missing. */
function object<T>(shape: { [K in keyof T]-?: Read<T[K]> }, optional: (keyof T)[] = []): Read<T> {
  const names = Object.keys(shape) as (keyof T)[];
  return (r) => {
    const value = {} as T;
    r.members((name) => {
      if (!Object.hasOwn(shape, name)) throw r.malformed('a member that does not belong here');
      value[name as keyof T] = shape[name as keyof T](r);
    });
    for (const name of names) {
      const missing = !Object.hasOwn(value as object, name) && !optional.includes(name);
      if (missing) throw r.malformed(`${String(name)} is missing`);
    }
    return value;
  };
}

function list<T>(item: Read<T>, countMax: number): Read<T[]> {
  return (r) => {
    const items: T[] = [];
    r.items(() => {
      if (items.length === countMax) throw r.malformed(`more than ${countMax} items`);
      items.push(item(r));
    });
    return items;
  };
}

/** Checks what `walk` passes now; beyond a bound it keeps none of it, but reads it again. */
function many<T>(r: Reader, walk: (r: Reader, use: (item: T) => void) => void): Many<T> {
  const { text, code, at } = r;
  const kept: T[] = [];
  let count = 0;
  walk(r, (item) => {
    count++;
    if (r.kept++ < BUNDLE_ITEMS_KEPT_MAX) kept.push(item);
  });
  const each = (use: (item: T, i: number) => void): void => {
    let i = 0;
    if (kept.length === count) kept.forEach(use);
    else walk(new Reader(text, code, at), (item) => use(item, i++));
  };
  return { count, each };
}

const manyItems =
  <T>(item: Read<T>): Read<Many<T>> =>
  (r) =>
    many(r, (again, use) => again.items(() => use(item(again))));

const count: Read<number> = (r) => {
  const value = r.integer();
  if (!isCount(value)) throw r.malformed('a number out of range');
  return value;
};
const utf8Text = text((value) => value !== '' && value.isWellFormed(), 'text of UTF-8');
const hash = text(isHash, 'the base64 of 32 bytes');
const chainName = text(isChainName, 'the name of a chain');
const proof = list(hash, PROOF_HASHES_MAX);
const note: Read<Bundle['checkpoint']> = (r) => readCheckpointNote(utf8Text(r));
const place = object<Place>({ index: count, proof });
const content = object<Pick<Part, 'salt' | 'data'>>({
  salt: text((salt) => SALT.test(salt), 'a salt'),
  data: text(isBase64, 'strict base64'),
});

function parts(r: Reader): Many<Part> | null {
  if (r.word('null')) return null;
  return many(r, (again, use) => {
    again.members((seq) => {
      const known = SEQ.test(seq) && isCount(Number(seq));
      if (!known) throw again.malformed('not a seq');
      again.members((name) => {
        if (!isPartName(name)) throw again.malformed('not the name of a part');
        use({ seq: Number(seq), name, ...content(again) });
      });
    });
  });
}

const chain = object<BundleChain>(
  { chain: chainName, first: count, records: manyItems(utf8Text), parts, tip: place, head: place },
  ['head'],
);

function chains(r: Reader): BundleChain[] {
  let before = '';
  const sorted = (each: Reader): BundleChain => {
    const read = chain(each);
    if (read.chain <= before) throw r.malformed('chains that are not sorted');
    const { count: records } = read.records;
    if (records === 0) throw r.malformed('a chain without records');
    before = read.chain;
    return read;
  };
  return list(sorted, BUNDLE_CHAINS_MAX)(r);
}

const CLAIMS: Record<string, string[]> = {
  session: ['session'],
  range: ['chain', 'first', 'last'],
  event: ['index'],
  absent: ['session'],
  inactive: ['day', 'session'],
};
const anyClaim = object<Record<string, string | number>>(
  {
    type: text((type) => Object.hasOwn(CLAIMS, type), 'a type of claim'),
    session: text(isName, 'the name of a session'),
    day: text(isDay, 'a day'),
    chain: chainName,
    index: count,
    first: count,
    last: count,
  },
  ['session', 'day', 'chain', 'index', 'first', 'last'],
);

/** Each type of claim has exactly its own members. */
export function readClaim(r: Reader): Claim {
  const claim = anyClaim(r);
  const { type, ...members } = claim;
  const names = CLAIMS[type!]!.join();
  if (Object.keys(members).sort().join() !== names) throw r.malformed(`a claim without ${names}`);
  const { first = 0, last = 0 } = members;
  if (last < first) throw r.malformed('a range that ends before it begins');
  return claim as unknown as Claim;
}

const bundle = object<Bundle>(
  {
    format: text((format) => format === BUNDLE_FORMAT, BUNDLE_FORMAT),
    claim: readClaim,
    checkpoint: note,
    seal: object<Bundle['seal']>({ record: utf8Text, proof }),
    chains,
    attached: manyItems(object<AttachedLeaf>({ index: count, proof, record: utf8Text })),
    neighbours: manyItems(object<Neighbour>({ index: count, proof, leaf: utf8Text })),
    consistency: object<NonNullable<Bundle['consistency']>>({ from: note, proof }),
  },
  ['neighbours', 'consistency'],
);

/** Throws BUNDLE_MALFORMED, BUNDLE_TOO_LARGE or NOTE_INVALID. */
export function readBundle(bytes: Uint8Array): Bundle {
  const large = `${bytes.length} bytes; a bundle has ${BUNDLE_BYTES_MAX} at most`;
  if (bytes.length > BUNDLE_BYTES_MAX) throw new ChainError('BUNDLE_TOO_LARGE', large);
  return readWhole(new Reader(decodeUtf8(bytes, 'BUNDLE_MALFORMED'), 'BUNDLE_MALFORMED'), bundle);
}

const pin = object<Pin>({ origin: utf8Text, size: count, root: hash, note });

/** Throws PIN_INVALID for text that is no pin at all. */
export function readPin(text: string): Pin {
  if (text.length > PIN_BYTES_MAX) throw new ChainError('PIN_INVALID', 'the pin is too large');
  try {
    return readWhole(new Reader(text, 'PIN_INVALID'), pin);
  } catch (cause) {
    if (!(cause instanceof ChainError)) throw cause;
    throw new ChainError('PIN_INVALID', cause.message, cause.hint, { cause });
  }
}

function readWhole<T>(r: Reader, read: Read<T>): T {
  const value = read(r);
  r.end();
  return value;
}
