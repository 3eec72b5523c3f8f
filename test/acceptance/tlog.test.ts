/**
 * Other people's tools on a running log: Go's sumdb, transparency-dev's packages and torchwood
 * (`test/interop/tlog`) read its checkpoint, tiles and proofs, and make proofs that we accept. Each
 * test alters one byte, and every tool that is asked must notice.
 */
import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY, Stage } from './path/collector-process.ts';
import { isGiven } from './path/requirement.ts';
import {
  type Answer,
  Auditor,
  altered,
  askTools,
  type Bundle,
  buildProgram,
  flip,
} from './path/tlog.ts';

const SUMDB_NOTE = 'golang.org/x/mod/sumdb/note';
const SUMDB_TLOG = 'golang.org/x/mod/sumdb/tlog';
const FORMATS_LOG = 'github.com/transparency-dev/formats/log';
const MERKLE_PROOF = 'github.com/transparency-dev/merkle/proof';
const MERKLE_RANGE = 'github.com/transparency-dev/merkle/compact';
const TESSERA = 'github.com/transparency-dev/tessera/fsck';
const TORCHWOOD = 'filippo.io/torchwood';
/** Who is asked about a note, a tree, a proof in a bundle, a proof in a file. */
const NOTE_BY = [SUMDB_NOTE, TORCHWOOD, FORMATS_LOG].sort();
const TREE_BY = [MERKLE_RANGE, TESSERA, SUMDB_TLOG, TORCHWOOD].sort();
const PROOF_BY = [MERKLE_PROOF, SUMDB_TLOG].sort();
const FILE_BY = [MERKLE_PROOF, SUMDB_TLOG, TORCHWOOD].sort();

const TILE_WIDTH = 256;
/** So many fill a tile of the second level. */
const LEAVES = TILE_WIDTH ** 2;
/** Codes of LOG.md §5. */
const [PROVEN, TAMPERED, UNTRUSTED] = [0, 1, 4];

type Expected = Record<string, { code: number }>;

const refusing = (answers: Answer[]) => answers.filter(({ says }) => says !== '');
const toolsOf = (answers: Answer[]) => answers.map(({ tool }) => tool).sort();

/** Golden bundles in which a proof, a note or a signature is not what it was. */
const REFUSED = ['t-root', 't-tail', 't-unsigned', 't-unwitnessed'];

test('tools for transparency logs read a log, and we read what they make', async (t) => {
  const stage = new Stage(t);
  const program = join(stage.dir, 'vitrine-tlog');
  const without = buildProgram(program);
  if (!isGiven(t, without === '', without)) return;
  await t.test('they agree with the golden bundles', () => golden(program));
  const auditor = await Auditor.of(stage, program, LEAVES);
  await t.test('the commands of the guide do what it says', () => auditor.typePage());
  await t.test('they open a checkpoint with the key of the trust file', () => notes(auditor));
  await t.test('they compute every hash of every tile, and the root', () => trees(auditor));
  await t.test('they check the proofs of an event bundle and its pin', () => proofs(auditor));
  await t.test('they check a tlog-proof, and would have written it so', () => proofFile(auditor));
  await t.test('they check what hangs on the tree of heads', () => heads(auditor));
  await t.test('we accept the proofs that sumdb makes', () => theirProofs(auditor));
  await t.test('we accept the proofs that tessera makes', () => theirProofs(auditor, 'tessera'));
  await t.test('we open what sumdb signed and torchwood cosigned', () => theirNote(auditor));
});

function golden(program: string): void {
  const dir = join(REPOSITORY, 'test/vectors/golden');
  const trust = join(dir, 'trust.txt');
  const expected = JSON.parse(readFileSync(join(dir, 'expected.json'), 'utf8')) as Expected;
  const sound = Object.keys(expected).filter((name) => expected[name]!.code === PROVEN);
  assert.ok(sound.length > 9, `${sound.length} golden bundles`);
  for (const name of [...sound, ...REFUSED]) {
    const pin = name === 'pinned' ? [join(dir, 'pin.json')] : [];
    const file = join(dir, `${name}.vitrine.json`);
    const { code, report } = askTools(program, ['bundle', trust, file, ...pin]);
    assert.equal(code, REFUSED.includes(name) ? 1 : 0, `${name}: ${JSON.stringify(report)}`);
  }
}

function notes(auditor: Auditor): void {
  const { code, report } = auditor.ask('checkpoint', 'trust.txt', 'copy');
  assert.equal(code, 0, JSON.stringify(report));
  assert.ok(report.size > LEAVES);
  assert.deepEqual(toolsOf(report.answers), NOTE_BY);
  const note = auditor.read('copy/checkpoint');
  for (let at = 0; at < note.length; at += 5) {
    // Makes another letter or none: bits that base64 does not use are no other note to these.
    auditor.write('altered/checkpoint', altered(note, at, 0x20));
    const attacked = auditor.ask('checkpoint', 'trust.txt', 'altered');
    assert.equal(attacked.code, 1, `byte ${at}`);
    assert.deepEqual(toolsOf(refusing(attacked.report.answers)), NOTE_BY, `byte ${at}`);
  }
}

function trees(auditor: Auditor): void {
  const { code, report } = auditor.ask('tree', 'trust.txt', 'copy');
  assert.equal(code, 0, JSON.stringify(report));
  assert.deepEqual(toolsOf(report.answers.filter(({ what }) => what === 'tree')), TREE_BY);
  const full = Math.floor(report.size / TILE_WIDTH);
  const open = report.size % TILE_WIDTH === 0 ? 0 : 1;
  assert.deepEqual(report.tiles, [
    { level: -1, full, partial: open },
    { level: 0, full, partial: open },
    { level: 1, full: 1, partial: 1 },
    { level: 2, full: 0, partial: 1 },
  ]);
  const files = ['tile/entries/100', 'tile/0/100', 'tile/1/000', 'tile/2/000.p/1'];
  const last = `${full}.p/${report.size % TILE_WIDTH}`;
  if (open === 1) files.push(`tile/entries/${last}`, `tile/0/${last}`);
  for (const file of files) {
    const copy = `without-${file.replaceAll('/', '-')}`;
    cpSync(auditor.at('copy'), auditor.at(copy), { recursive: true });
    auditor.write(`${copy}/${file}`, altered(auditor.read(`copy/${file}`), 31, 1));
    const attacked = auditor.ask('tree', 'trust.txt', copy);
    assert.equal(attacked.code, 1, file);
    assert.deepEqual(toolsOf(refusing(attacked.report.answers)), TREE_BY, file);
  }
}

async function proofs(auditor: Auditor): Promise<void> {
  const { event, pin } = auditor;
  await auditor.exported('grown.vitrine.json', '--event', event, '--pin', auditor.at(pin));
  const { code, report } = auditor.ask('bundle', 'trust.txt', 'grown.vitrine.json', pin);
  assert.equal(code, 0, JSON.stringify(report));
  for (const [name, path] of pathsOf(auditor.bundle('grown.vitrine.json'))) {
    const answers = report.answers.filter(({ what }) => what === name);
    assert.deepEqual(toolsOf(answers), PROOF_BY, name);
    const bundle = auditor.bundle('grown.vitrine.json');
    assert.ok(path(bundle).length > 2, `${name}: no proof to speak of`);
    flip(path(bundle));
    auditor.write('altered.vitrine.json', JSON.stringify(bundle));
    const attacked = auditor.ask('bundle', 'trust.txt', 'altered.vitrine.json', pin);
    const said = refusing(attacked.report.answers);
    assert.deepEqual(toolsOf(said), PROOF_BY, name);
    assert.ok(
      said.every(({ what }) => what === name),
      JSON.stringify(said),
    );
  }
}

function proofFile(auditor: Auditor): void {
  const check = (file: string) => auditor.ask('proof', 'trust.txt', file, 'event.vitrine.json');
  const { code, report } = check('event.tlog-proof');
  assert.equal(code, 0, JSON.stringify(report));
  assert.deepEqual(toolsOf(report.answers.filter(({ what }) => what === 'proof')), FILE_BY);
  const lines = auditor.read('event.tlog-proof').toString().split('\n');
  const [head, index, first, ...rest] = lines as [string, string, string];
  const other = altered(Buffer.from(first, 'base64'), 5, 1).toString('base64');
  auditor.write('altered.tlog-proof', [head, index, other, ...rest].join('\n'));
  const attacked = check('altered.tlog-proof');
  assert.deepEqual(toolsOf(refusing(attacked.report.answers)), FILE_BY);
}

async function heads(auditor: Auditor): Promise<void> {
  const claims: [name: RegExp, args: string[]][] = [
    [/^head /, ['--session', auditor.session]],
    // Between the names of its sessions and `log`.
    [/^neighbour /, ['--absent', 'between']],
  ];
  for (const [name, args] of claims) {
    await auditor.exported('heads.vitrine.json', ...args);
    const { code, report } = auditor.ask('bundle', 'trust.txt', 'heads.vitrine.json');
    assert.equal(code, 0, JSON.stringify(report));
    const count = report.answers.filter(({ what }) => name.test(what)).length;
    assert.equal(count, 2 * PROOF_BY.length, 'a chain and its supervisor, or two neighbours');
    const bundle = auditor.bundle('heads.vitrine.json');
    const { root } = (JSON.parse(bundle.seal.record) as { heads: { root: string } }).heads;
    const other = altered(Buffer.from(root, 'base64'), 0, 1).toString('base64');
    auditor.write('altered.vitrine.json', JSON.stringify(bundle).replace(root, other));
    const attacked = auditor.ask('bundle', 'trust.txt', 'altered.vitrine.json');
    const said = refusing(attacked.report.answers);
    assert.equal(said.filter(({ what }) => name.test(what)).length, count);
  }
}

async function theirProofs(auditor: Auditor, ...maker: string[]): Promise<void> {
  const { base, pin } = auditor;
  const verify = (file: string) => auditor.verify(file, 'trust.txt', '--pin', pin);
  const emptied = auditor.bundle('grown.vitrine.json');
  for (const [, path] of pathsOf(emptied)) path(emptied).length = 0;
  auditor.write('emptied.vitrine.json', JSON.stringify(emptied));
  assert.equal(await verify('emptied.vitrine.json'), TAMPERED);
  const files = ['emptied.vitrine.json', 'theirs.vitrine.json'];
  const { code, report } = auditor.ask('prove', 'trust.txt', base, ...files, ...maker);
  assert.equal(code, 0, JSON.stringify(report));
  assert.equal(await verify('theirs.vitrine.json'), PROVEN);
  for (const [name, path] of pathsOf(emptied)) {
    const bundle = auditor.bundle('theirs.vitrine.json');
    flip(path(bundle));
    auditor.write('altered.vitrine.json', JSON.stringify(bundle));
    assert.equal(await verify('altered.vitrine.json'), TAMPERED, name);
  }
}

async function theirNote(auditor: Auditor): Promise<void> {
  // What it has grown from is signed by the log's own key, which their trust file does not know.
  const { consistency: _, ...plain } = auditor.bundle('grown.vitrine.json');
  auditor.write('plain.vitrine.json', JSON.stringify(plain));
  const files = ['plain.vitrine.json', 'signed.vitrine.json', 'their-trust.txt'];
  assert.equal(auditor.ask('sign', 'trust.txt', ...files).code, 0);
  assert.equal(await auditor.verify('signed.vitrine.json', 'their-trust.txt'), PROVEN);
  assert.equal(await auditor.verify('signed.vitrine.json', 'trust.txt'), UNTRUSTED);
  assert.equal(await auditor.verify('grown.vitrine.json', 'their-trust.txt'), UNTRUSTED);
  const attacked = async (change: (line: string) => string): Promise<number | null> => {
    const bundle = auditor.bundle('signed.vitrine.json');
    bundle.checkpoint = bundle.checkpoint.replaceAll(/^— .*\n/gm, change);
    auditor.write('altered.vitrine.json', JSON.stringify(bundle));
    return auditor.verify('altered.vitrine.json', 'their-trust.txt');
  };
  const isWitness = (line: string): boolean => line.startsWith('— witness.example/w1 ');
  assert.equal(await attacked((line) => (isWitness(line) ? '' : line)), UNTRUSTED, 'no witness');
  for (const whose of [true, false]) {
    const other = (line: string) => line.replace(/.{7}=\n/, 'AAAAAAA=\n');
    const code = await attacked((line) => (isWitness(line) === whose ? other(line) : line));
    assert.equal(code, TAMPERED, whose ? 'the witness’s signature' : 'the log’s signature');
  }
}

/** The proofs of an event bundle, by the names that the program has for them. */
function pathsOf({ attached }: Bundle): [name: string, path: (bundle: Bundle) => string[]][] {
  return [
    ['seal', (bundle) => bundle.seal.proof],
    ...attached.map(({ index }, i): [string, (bundle: Bundle) => string[]] => {
      return [`attached ${index}`, (bundle) => bundle.attached[i]!.proof];
    }),
    ['consistency', (bundle) => bundle.consistency!.proof],
  ];
}
