/** Reads a chain of a bundle, but for its records and parts: those are passed over and located. */
import { RECORD_INTEGER_MAX } from '@vitrine/schema/record';
import { isBase64Text } from '../base64.ts';
import type { JsonCursor } from '../json/cursor.ts';
import { eachMember, readArray, readCount, readMembers, shapeOf } from '../json/members.ts';
import { isChainName, isPartName } from '../record/form.ts';
import type { BundleChain, BundlePart } from './format.ts';
import { readProof } from './leaf.ts';

const SEQ = /^(?:0|[1-9][0-9]{0,15})$/;
/** Base64 of the 16 bytes of a salt. */
const SALT_CHARS = 24;
const LETTER_N = 0x6e;

const CHAIN = shapeOf<BundleChain>(
  'chain',
  {
    chain: (c, chain) => {
      chain.chain = c.string();
      if (!isChainName(chain.chain)) throw c.malformed('not the name of a chain');
    },
    first: (c, chain) => {
      chain.first = readCount(c);
    },
    records: (c, chain) => {
      chain.records = readArray(c, () => c.skipWellFormedString());
      if (chain.records.count === 0) throw c.malformed('a chain without records');
    },
    parts: (c, chain) => {
      chain.partsAt = locateParts(c);
    },
    tip: (c, chain) => {
      chain.tip = readProof(c);
    },
    head: (c, chain) => {
      chain.head = readProof(c);
    },
  },
  ['head'],
);

const NOWHERE = { at: 0, count: 0 };
const NO_PROOF = { index: 0, proof: [] };

export function readChain(c: JsonCursor): BundleChain {
  const chain: BundleChain = {
    chain: '',
    first: 0,
    records: NOWHERE,
    partsAt: null,
    tip: NO_PROOF,
    head: undefined,
  };
  readMembers(c, CHAIN, chain);
  const last = chain.first + chain.records.count - 1;
  if (last > RECORD_INTEGER_MAX) throw c.malformed('a number out of range');
  return chain;
}

function locateParts(c: JsonCursor): number | null {
  if (c.peek() === LETTER_N) {
    c.word('null');
    return null;
  }
  const { at } = c;
  for (const _ of eachPart(c)) {
    // Reading them is what checks them.
  }
  return at;
}

/** The parts of a chain, in the order of the file. */
export function* eachPart(c: JsonCursor): Generator<BundlePart, void, undefined> {
  for (const seq of eachMember(c)) {
    if (!SEQ.test(seq) || Number(seq) > RECORD_INTEGER_MAX) throw c.malformed('not a seq');
    for (const name of eachMember(c)) {
      if (!isPartName(name)) throw c.malformed('not the name of a part');
      yield { seq: Number(seq), name, ...readMembers(c, CONTENT, { salt: '', data: '' }) };
    }
  }
}

const CONTENT = shapeOf<{ salt: string; data: string }>('part', {
  salt: (c, content) => {
    const salt = readBase64(c);
    if (salt.length !== SALT_CHARS || !salt.endsWith('==')) throw c.malformed('not a salt');
    content.salt = salt;
  },
  data: (c, content) => {
    content.data = readBase64(c);
  },
});

function readBase64(c: JsonCursor): string {
  const text = c.string();
  if (!isBase64Text(text)) throw c.malformed('not strict base64');
  return text;
}
