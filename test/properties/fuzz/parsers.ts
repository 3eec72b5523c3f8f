/** Each parser of hostile text with its seeds, and the law that an accepted input must obey. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import {
  canonicalBytes,
  formatCheckpoint,
  generateLogKey,
  parseCanonical,
  parseCheckpointNote,
  parseTrust,
  verifyBundle,
} from '@vitrine/chain';
import { readBundle } from '@vitrine/chain/verify';
import { isCanonical } from './canonical.ts';

export interface Parser {
  name: string;
  /** Of a million inputs, how many. */
  share: number;
  seeds: Buffer[];
  /** Throws a coded error, or asserts the law of what it accepted. */
  parse(input: Buffer): void;
  /** As often as this of a thousand, at least, mutants are accepted: or nothing is shown. */
  acceptedMin: number;
}

const GOLDEN = new URL('../../vectors/golden/', import.meta.url);
const KEY = generateLogKey('a.example/00112233/default.0.1', Buffer.alloc(32, 3));
const FILES = readdirSync(GOLDEN).filter((name) => /^(?!t-).*\.vitrine\.json$/.test(name));
const BUNDLES = FILES.map((name) => readFileSync(new URL(name, GOLDEN)));
const SMALL = BUNDLES.filter(({ length }) => length < 2_500);
const TRUST = golden('trust.txt');
const [WITNESS] = /witness .*/.exec(TRUST)!;
const SECOND = WITNESS.replace('w1', 'w2').replace('w1+', 'w2+');

export const PARSERS: Parser[] = [
  {
    name: 'record',
    share: 400_000,
    seeds: [...records(), ...values()],
    parse: parseRecord,
    acceptedMin: 100,
  },
  {
    name: 'note and checkpoint',
    share: 250_000,
    seeds: notes(),
    parse: parseNote,
    acceptedMin: 100,
  },
  {
    name: 'vkey',
    share: 100_000,
    seeds: [Buffer.from(KEY.vkey)],
    parse: parseVkey,
    acceptedMin: 50,
  },
  {
    name: 'trust file',
    share: 120_000,
    seeds: [TRUST, `${TRUST}\n#vitrine interval c5d298d7 0 -\n`, groups()].map((t) =>
      Buffer.from(t),
    ),
    parse: parseTrustFile,
    acceptedMin: 100,
  },
  { name: 'bundle', share: 90_000, seeds: SMALL, parse: parseBundle, acceptedMin: 100 },
  {
    name: 'pin',
    share: 40_000,
    seeds: [Buffer.from(golden('pin.json'))],
    parse: parsePin,
    acceptedMin: 50,
  },
];

function golden(name: string): string {
  return readFileSync(new URL(name, GOLDEN), 'utf8');
}

function records(): Buffer[] {
  const lines = golden('log.jsonl').trimEnd().split('\n');
  return lines.map((line) => Buffer.from((JSON.parse(line) as { record: string }).record));
}

/** Small values of every kind: most mutants of a whole record go wrong early. */
function values(): Buffer[] {
  const texts = ['{}', '{"":[]}', '{"a":-1,"b":[true,null,{"c":"\\u001f\\n\u00e9\u{1f0a1}"}]}'];
  const deep = `{"a":${'['.repeat(15)}${']'.repeat(15)}}`;
  return [...texts, deep, '{"n":9007199254740991,"z":-9007199254740991}'].map((t) =>
    Buffer.from(t),
  );
}

function notes(): Buffer[] {
  const checkpoints = JSON.parse(golden('checkpoints.json')) as { note: string }[];
  return checkpoints.map(({ note }) => Buffer.from(note));
}

function groups(): string {
  return `${TRUST.replace(/quorum.*/, '')}${SECOND}\ngroup g 1 w1 w2\nquorum g\n`;
}

/** Accepts exactly what LOG.md §1 says, and reads the value that the platform's JSON reads. */
function parseRecord(input: Buffer): void {
  const expected = isCanonical(input);
  let value: ReturnType<typeof parseCanonical>;
  try {
    value = parseCanonical(input);
  } catch (error) {
    if (expected) assert.fail(`refused: ${input}: ${error}`);
    throw error;
  }
  assert.ok(expected, 'accepted what is not canonical');
  assert.ok(canonicalBytes(value).equals(input), 'another text than was read');
  assert.deepEqual(structuredClone(value), JSON.parse(input.toString()));
}

/** What was read, written again, is the very note: nothing in it is without meaning. */
function parseNote(input: Buffer): void {
  const text = input.toString();
  const { origin, size, root, signatures, text: signed } = parseCheckpointNote(text);
  assert.equal(formatCheckpoint({ origin, size, root }), signed);
  const lines = signatures.map(({ name, keyId, signature }) => {
    const bytes = Buffer.concat([Buffer.from(keyId, 'hex'), signature]);
    return `— ${name} ${bytes.toString('base64')}\n`;
  });
  assert.equal(`${signed}\n${lines.join('')}`, text);
}

function parseVkey(input: Buffer): void {
  const vkey = input.toString();
  const { logs } = parseTrust(`log ${vkey}\nquorum none\n`);
  // More than one word or line: then it is a trust file that was tried.
  if (/[\s#]/.test(vkey)) return;
  const { name, keyId, type, publicKey } = logs[0]!;
  const typed = Buffer.concat([Buffer.from([type]), publicKey]);
  assert.equal(`${name}+${keyId}+${typed.toString('base64')}`, vkey);
}

/** Blanks at the ends of lines, empty lines and comments have no meaning, all else has. */
function parseTrustFile(input: Buffer): void {
  const text = input.toString();
  const trust = parseTrust(text);
  const padded = text.split('\n').map((line) => `${line} \n`);
  assert.deepEqual(parseTrust(`\n# a comment\n${padded.join('')}\n`), trust);
  const names = trust.logs.map(({ name, keyId }) => `${name}+${keyId}`);
  assert.equal(new Set(names).size, names.length, 'a key twice');
  for (const { name } of [...trust.logs, ...trust.witnesses]) assert.ok(text.includes(name));
}

/** A bundle is JSON, and its canonical bytes are the same bundle. */
function parseBundle(input: Buffer): void {
  const { claim } = readBundle(input);
  const value = JSON.parse(input.toString()) as { claim: unknown };
  assert.deepEqual({ ...claim }, value.claim);
  assert.deepEqual({ ...readBundle(Buffer.from(JSON.stringify(value))).claim }, value.claim);
}

/** Through the verifier, which is the only way in: `at` tells whose fault the answer is. */
function parsePin(input: Buffer): void {
  const pin = input.toString();
  const { code, failure } = verifyBundle(SMALL[0]!, TRUST, { pin });
  if (code === 2 && failure?.step === 'form') {
    throw Object.assign(new Error(failure.found), { code: 'PIN_INVALID', hint: '' });
  }
  const { origin, size, root, note } = JSON.parse(pin) as Record<string, string>;
  const read = parseCheckpointNote(note!);
  const same = read.origin === origin && read.size === Number(size);
  const equal = same && read.root.toString('base64') === root;
  assert.equal(failure?.at === 'pin' && code === 2, !equal, `${pin}: ${JSON.stringify(failure)}`);
}
