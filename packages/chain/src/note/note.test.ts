import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX } from '@vitrine/schema';
import { sha256 } from '../hash/node.ts';
import { nodePrimitives } from '../verify/node.ts';
import { parseVkey } from '../verify/note.ts';
import { formatCheckpoint } from './checkpoint.ts';
import { generateLogKey } from './key.ts';
import { parseCheckpointNote, signNote, tlogProof } from './sign.ts';

const ORIGIN = 'vitrine.test/00112233/default.0.1';
const KEY = generateLogKey(ORIGIN, Buffer.alloc(32, 3));
const ROOT = sha256(Buffer.from('root'));
const TEXT = formatCheckpoint({ origin: ORIGIN, size: 42, root: ROOT });
const NOTE = signNote(TEXT, KEY);
const LINE = NOTE.slice(NOTE.indexOf('—'));

/** Published examples: C2SP signed-note, and Go's sumdb/note. */
const PUBLISHED = [
  {
    vkey: 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    text: 'This is an example message.\n',
    signature:
      'Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK' +
      '7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=',
  },
  {
    vkey: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    text:
      'If you think cryptography is the answer to your problem,\n' +
      "then you don't know what your problem is.\n",
    signature:
      'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUg' +
      'YN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=',
  },
];

for (const { vkey, text, signature } of PUBLISHED) {
  test(`the published note of ${vkey.split('+')[0]} verifies`, () => {
    const key = parseVkey(sha256, vkey);
    const bytes = Buffer.from(signature, 'base64');
    assert.equal(bytes.subarray(0, 4).toString('hex'), key.keyId);
    const verify = (message: string): boolean =>
      nodePrimitives.verifyEd25519(key.publicKey, Buffer.from(message), bytes.subarray(4));
    assert.ok(verify(text));
    assert.ok(!verify(`${text}.`));
  });
}

test('a signed checkpoint is read again, and its signature verifies', () => {
  const note = parseCheckpointNote(NOTE);
  assert.deepEqual([note.origin, note.size, note.text], [ORIGIN, 42, TEXT]);
  assert.deepEqual(note.root, ROOT);
  const [line] = note.signatures;
  assert.deepEqual([line?.name, line?.keyId], [ORIGIN, KEY.keyId]);
  const { publicKey } = parseVkey(sha256, KEY.vkey);
  assert.ok(nodePrimitives.verifyEd25519(publicKey, Buffer.from(TEXT), line!.signature));
  assert.equal(signNote(TEXT, KEY), NOTE, 'a second signature is the same bytes');
});

test('a note has NOTE_BYTES_MAX bytes at most', () => {
  const long = (bytes: number): string => 'é'.repeat(bytes / 2) + 'o'.repeat(bytes % 2) + NOTE;
  const left = NOTE_BYTES_MAX - Buffer.byteLength(NOTE);
  assert.equal(parseCheckpointNote(long(left)).size, 42);
  assert.throws(() => parseCheckpointNote(long(left + 1)), { code: 'NOTE_INVALID' });
});

test('a note has one text and from 1 to NOTE_SIGNATURES_MAX lines', () => {
  assert.equal(parseCheckpointNote(`${TEXT}\n${LINE.repeat(NOTE_SIGNATURES_MAX)}`).size, 42);
  const bad = {
    'no signature': TEXT,
    'a blank line alone': `${TEXT}\n`,
    'too many lines': `${TEXT}\n${LINE.repeat(NOTE_SIGNATURES_MAX + 1)}`,
    'no last newline': NOTE.slice(0, -1),
    'two blank lines': `${TEXT}\n\n${LINE}`,
    'a blank line at the end': `${NOTE}\n`,
    'an extension line': `${TEXT}more\n\n${LINE}`,
    'two lines of text': `${ORIGIN}\n42\n\n${LINE}`,
    'an empty origin': `\n42\n${ROOT.toString('base64')}\n\n${LINE}`,
    'a carriage return': NOTE.replace('\n', '\r\n'),
    'a tab': NOTE.replace('default', 'def\tault'),
    'a lone surrogate': NOTE.replace('default', 'def\ud800ault'),
    'a hyphen for the dash': `${TEXT}\n${LINE.replace('—', '-')}`,
    'no name': `${TEXT}\n— ${LINE.split(' ')[2]}`,
    'a space in the name': `${TEXT}\n${LINE.replace('vitrine', 'vit rine')}`,
    'a space of another script': `${TEXT}\n— a\u3000b ${LINE.split(' ')[2]}`,
    'a plus in the name': `${TEXT}\n${LINE.replace('vitrine', 'vit+rine')}`,
    'a signature of the key id alone': `${TEXT}\n— a AAAAAA==\n`,
    'spare bits': `${TEXT}\n— a AAAAAAB=\n`,
    'a space behind': `${TEXT}\n${LINE.replace('\n', ' \n')}`,
  };
  for (const [what, note] of Object.entries(bad)) {
    assert.throws(() => parseCheckpointNote(note), { code: 'NOTE_INVALID' }, what);
  }
});

test('a size is canonical and safe, a root has 32 bytes', () => {
  const note = (size: string, root = ROOT.toString('base64')): string =>
    `${ORIGIN}\n${size}\n${root}\n\n${LINE}`;
  assert.equal(parseCheckpointNote(note('9007199254740991')).size, Number.MAX_SAFE_INTEGER);
  assert.equal(parseCheckpointNote(note('0')).size, 0);
  for (const size of [
    '',
    '03',
    '-1',
    '+1',
    '1e3',
    '1.0',
    ' 1',
    '9007199254740992',
    '99999999999999999',
  ]) {
    assert.throws(() => parseCheckpointNote(note(size)), { code: 'NOTE_INVALID' }, size);
  }
  const short = ROOT.subarray(1).toString('base64');
  for (const root of [short, ROOT.toString('hex'), `${ROOT.toString('base64')}=`, '']) {
    assert.throws(() => parseCheckpointNote(note('1', root)), { code: 'NOTE_INVALID' }, root);
  }
});

test('what cannot be a checkpoint is not written', () => {
  const bad = [
    { origin: 'a b' },
    { origin: '' },
    { size: -1 },
    { size: 1.5 },
    { root: ROOT.subarray(1) },
  ];
  for (const part of bad) {
    const checkpoint = { origin: ORIGIN, size: 1, root: ROOT, ...part };
    assert.throws(() => formatCheckpoint(checkpoint), { code: 'NOTE_INVALID' });
  }
  assert.throws(() => generateLogKey('a b', Buffer.alloc(32)), { code: 'KEY_INVALID' });
  assert.throws(() => generateLogKey('a', Buffer.alloc(31)), { code: 'KEY_INVALID' });
});

test('a vkey is what its key id says', () => {
  assert.equal(parseVkey(sha256, KEY.vkey).name, ORIGIN);
  const [name, id, key] = KEY.vkey.split('+') as [string, string, string];
  const bytes = Buffer.from(key, 'base64');
  const withType = (type: number): string => {
    const other = Buffer.from(bytes);
    other[0] = type;
    return `${name}+${id}+${other.toString('base64')}`;
  };
  const bad = [
    '',
    name,
    `${name}+${id}`,
    `other+${id}+${key}`,
    `${name}+00000000+${key}`,
    `${name}+${id.toUpperCase()}x+${key}`,
    `${name}+${id}+${bytes.subarray(0, 32).toString('base64')}`,
    withType(2),
    withType(6),
  ];
  for (const vkey of bad) {
    assert.throws(() => parseVkey(sha256, vkey), { code: 'KEY_INVALID' }, vkey);
  }
});

test('a tlog-proof has the form of C2SP', () => {
  const proof = tlogProof(7, [ROOT, ROOT], NOTE);
  const b64 = ROOT.toString('base64');
  assert.equal(proof, `c2sp.org/tlog-proof@v1\nindex 7\n${b64}\n${b64}\n\n${NOTE}`);
  assert.equal(tlogProof(0, [], NOTE), `c2sp.org/tlog-proof@v1\nindex 0\n\n${NOTE}`);
});
