/**
 * The form of bundles and pins (LOG.md §4, §5 step 1). The shape drives the reading, so that a
 * member that does not belong ends it before its value takes any memory.
 */
import * as limits from '@vitrine/schema/record';
import { ChainError } from '../error.ts';
import { isBase64, isHash } from './bytes.ts';
import { decodeUtf8, Reader } from './json.ts';
import { readCheckpointNote } from './note.ts';
import { isChainName, isCount, isDay, isName, isPartName } from './record.ts';
import type * as Form from './types.ts';

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

/** An object of exactly these members, in any order; only the optional ones may be missing. */
function object<T>(shape: { [K in keyof T]-?: Read<T[K]> }, optional: string[] = []): Read<T> {
  const required = Object.keys(shape).filter((name) => !optional.includes(name));
  return (r) => {
    const value = {} as T;
    r.members((name) => {
      if (!Object.hasOwn(shape, name)) throw r.malformed('a member that does not belong here');
      value[name as keyof T] = shape[name as keyof T](r);
    });
    for (const name of required) {
      if (!Object.hasOwn(value as object, name)) throw r.malformed(`${name} is missing`);
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

/** Checks what `walk` passes now and holds none of it: each use reads the text again. */
function many<T>(r: Reader, walk: (r: Reader, use: (item: T) => void) => void): Form.Many<T> {
  const { text, code, at } = r;
  let count = 0;
  walk(r, () => count++);
  const each = (use: (item: T, i: number) => void): void => {
    let i = 0;
    walk(new Reader(text, code, at), (item) => use(item, i++));
  };
  return { count, each };
}

function manyItems<T>(item: Read<T>): Read<Form.Many<T>> {
  return (r) => many(r, (again, use) => again.items(() => use(item(again))));
}

const count: Read<number> = (r) => {
  const value = r.integer();
  if (!isCount(value)) throw r.malformed('a number out of range');
  return value;
};
const utf8Text = text((value) => value !== '' && value.isWellFormed(), 'text of UTF-8');
const hash = text(isHash, 'the base64 of 32 bytes');
const chainName = text(isChainName, 'the name of a chain');
const proof = list(hash, limits.PROOF_HASHES_MAX);
const note: Read<Form.Bundle['checkpoint']> = (r) => readCheckpointNote(utf8Text(r));
const place = object<Form.Place>({ index: count, proof });
const content = object<Pick<Form.Part, 'salt' | 'data'>>({
  salt: text((salt) => SALT.test(salt), 'a salt'),
  data: text(isBase64, 'strict base64'),
});

function parts(r: Reader): Form.Many<Form.Part> | null {
  if (r.take('null')) return null;
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

const chain = object<Form.BundleChain>(
  { chain: chainName, first: count, records: manyItems(utf8Text), parts, tip: place, head: place },
  ['head'],
);

function chains(r: Reader): Form.BundleChain[] {
  let before = '';
  const sorted = (each: Reader): Form.BundleChain => {
    const read = chain(each);
    if (read.chain <= before) throw r.malformed('chains that are not sorted');
    const { count: records } = read.records;
    if (records === 0) throw r.malformed('a chain without records');
    before = read.chain;
    return read;
  };
  return list(sorted, limits.BUNDLE_CHAINS_MAX)(r);
}

const ANY_CLAIM = {
  session: text(isName, 'a session'),
  day: text(isDay, 'a day'),
  chain: chainName,
};
const CLAIMS: Record<string, string> = {
  session: 'session',
  range: 'chain,first,last',
  event: 'index',
  absent: 'session',
  inactive: 'day,session',
};
const anyClaim = object<Record<string, string | number>>(
  {
    type: text((type) => Object.hasOwn(CLAIMS, type), 'a type of claim'),
    ...ANY_CLAIM,
    index: count,
    first: count,
    last: count,
  },
  ['session', 'day', 'chain', 'index', 'first', 'last'],
);

/** Each type of claim has exactly its own members. */
export function readClaim(r: Reader): Form.Claim {
  const claim = anyClaim(r);
  const { type, ...members } = claim;
  const names = CLAIMS[type!]!;
  if (Object.keys(members).sort().join() !== names) throw r.malformed(`a claim without ${names}`);
  const { first = 0, last = 0 } = members;
  if (last < first) throw r.malformed('a range that ends before it begins');
  return claim as unknown as Form.Claim;
}

const bundle = object<Form.Bundle>(
  {
    format: text((format) => format === BUNDLE_FORMAT, BUNDLE_FORMAT),
    claim: readClaim,
    checkpoint: note,
    seal: object<Form.Bundle['seal']>({ record: utf8Text, proof }),
    chains,
    attached: manyItems(object<Form.AttachedLeaf>({ index: count, proof, record: utf8Text })),
    neighbours: manyItems(object<Form.Neighbour>({ index: count, proof, leaf: utf8Text })),
    consistency: object<NonNullable<Form.Bundle['consistency']>>({ from: note, proof }),
  },
  ['neighbours', 'consistency'],
);

/** Throws BUNDLE_MALFORMED, BUNDLE_TOO_LARGE or NOTE_INVALID. */
export function readBundle(bytes: Uint8Array): Form.Bundle {
  const large = `${bytes.length} bytes; a bundle has ${limits.BUNDLE_BYTES_MAX} at most`;
  if (bytes.length > limits.BUNDLE_BYTES_MAX) throw new ChainError('BUNDLE_TOO_LARGE', large);
  const r = new Reader(decodeUtf8(bytes, 'BUNDLE_MALFORMED'), 'BUNDLE_MALFORMED');
  const read = bundle(r);
  r.end();
  return read;
}

const pin = object<Form.Pin>({ origin: utf8Text, size: count, root: hash, note });

/** Throws PIN_INVALID for text that is no pin at all. */
export function readPin(text: string): Form.Pin {
  const r = new Reader(text, 'PIN_INVALID');
  if (text.length > limits.PIN_BYTES_MAX) throw r.malformed('the pin is too large');
  try {
    const read = pin(r);
    r.end();
    return read;
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    throw new ChainError('PIN_INVALID', error.message, error.hint, { cause: error });
  }
}
