/**
 * Other people's tools on a running log: Go's sumdb, transparency-dev's packages and torchwood
 * (`test/interop/tlog`) read its checkpoint, tiles and proofs, and make proofs that we accept. Each
 * test alters one byte, and every tool that is asked must notice.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Stage } from './path/collector-process.ts';
import { isGiven } from './path/requirement.ts';
import { vitrineIn } from './path/system.ts';
import {
  type Answer,
  altered,
  answersOf,
  type Bundle,
  buildProgram,
  LargeLog,
  PAGE,
  type Report,
  typePage,
} from './path/tlog.ts';

const SUMDB_NOTE = 'golang.org/x/mod/sumdb/note';
const SUMDB_TLOG = 'golang.org/x/mod/sumdb/tlog';
const FORMATS_LOG = 'github.com/transparency-dev/formats/log';
const MERKLE_PROOF = 'github.com/transparency-dev/merkle/proof';
const MERKLE_RANGE = 'github.com/transparency-dev/merkle/compact';
const TESSERA = 'github.com/transparency-dev/tessera/fsck';
const TORCHWOOD = 'filippo.io/torchwood';
const READ_BY = [SUMDB_NOTE, TORCHWOOD, FORMATS_LOG].sort();
const TREE_BY = [MERKLE_RANGE, TESSERA, SUMDB_TLOG, TORCHWOOD].sort();
const PROVEN_BY = [MERKLE_PROOF, SUMDB_TLOG].sort();
/** One leaf hash of the second tile of the first level, which has all of its 256. */
const LEVEL_1_LEAVES = 65_536;

const refusing = (answers: Answer[]) => answers.filter(({ says }) => says !== '');
const toolsOf = (answers: Answer[]) => answers.map(({ tool }) => tool).sort();
const about = (report: Report, what: string) => report.answers.filter((a) => a.what === what);

test('tools for transparency logs read a log, and we read what they make', async (t) => {
  const stage = new Stage(t);
  const dir = join(stage.dir, 'auditor');
  mkdirSync(dir);
  const program = join(dir, 'vitrine-tlog');
  const without = buildProgram(program);
  if (!isGiven(t, without === '', without)) return;
  const log = await LargeLog.made(stage, dir, LEVEL_1_LEAVES);
  const ask = (...args: string[]) => answersOf(program, dir, args);
  const write = (name: string, bytes: string | Buffer) => writeFileSync(join(dir, name), bytes);
  const read = (name: string) => readFileSync(join(dir, name));
  const bundleOf = (name: string) => JSON.parse(read(name).toString()) as Bundle;

  await t.test('the commands of the guide do what it says', async () => {
    const { code, stderr } = await typePage(log.system, dir);
    assert.equal(code, 0, `${PAGE}: ${stderr}`);
    for (const name of ['copy/checkpoint', 'event.tlog-proof', 'theirs.vitrine.json']) {
      assert.ok(existsSync(join(dir, name)), `${PAGE} did not make ${name}`);
    }
  });

  await t.test('they open a checkpoint with the key of the trust file', () => {
    const { code, report } = ask('checkpoint', 'trust.txt', 'copy');
    assert.equal(code, 0, JSON.stringify(report));
    assert.ok(report.size > LEVEL_1_LEAVES);
    assert.deepEqual(toolsOf(report.answers), READ_BY);
    const note = read('copy/checkpoint');
    mkdirSync(join(dir, 'altered-note'));
    for (let at = 0; at < note.length; at += 5) {
      // Another letter or none, never just bits that base64 does not use.
      write('altered-note/checkpoint', altered(note, at, 0x20));
      const attacked = ask('checkpoint', 'trust.txt', 'altered-note');
      assert.equal(attacked.code, 1, `byte ${at}`);
      assert.deepEqual(toolsOf(refusing(attacked.report.answers)), READ_BY, `byte ${at}`);
    }
  });

  await t.test('they compute every hash of every tile, and the root', () => {
    const { code, report } = ask('tree', 'trust.txt', 'copy');
    assert.equal(code, 0, JSON.stringify(report));
    assert.deepEqual(toolsOf(about(report, 'tree')), TREE_BY);
    const { size, tiles } = report;
    const full = Math.floor(size / 256);
    assert.deepEqual(tiles, [
      { level: -1, full, partial: 1 },
      { level: 0, full, partial: 1 },
      { level: 1, full: 1, partial: 1 },
      { level: 2, full: 0, partial: 1 },
    ]);
    const last = `x${String(Math.floor(full / 1000)).padStart(3, '0')}`;
    assert.equal(last, 'x000', 'the paths below have three digits');
    const open = `${String(full).padStart(3, '0')}.p/${size % 256}`;
    const files = ['tile/0/100', 'tile/1/000', `tile/0/${open}`, 'tile/entries/100'];
    for (const file of [...files, 'tile/2/000.p/1', `tile/entries/${open}`]) {
      const place = `altered-${file.replaceAll('/', '-')}`;
      cpSync(join(dir, 'copy'), join(dir, place), { recursive: true });
      write(join(place, file), altered(read(join('copy', file)), 31, 1));
      const attacked = ask('tree', 'trust.txt', place);
      assert.equal(attacked.code, 1, file);
      assert.deepEqual(toolsOf(refusing(attacked.report.answers)), TREE_BY, file);
    }
  });

  await t.test('they check the proofs of our bundles and tlog-proof files', async () => {
    const event = await log.exported('grown.vitrine.json', '--event', log.event, '--pin', log.pin);
    const grown = ask('bundle', 'trust.txt', event, log.pin);
    assert.equal(grown.code, 0, JSON.stringify(grown.report));
    for (const [what, path] of pathsOf(bundleOf(event))) {
      assert.deepEqual(toolsOf(about(grown.report, what)), PROVEN_BY, what);
      assert.ok(path(bundleOf(event)).length > 2, `${what}: no proof to speak of`);
      const bundle = bundleOf(event);
      flip(path(bundle));
      write('altered.vitrine.json', JSON.stringify(bundle));
      const { report } = ask('bundle', 'trust.txt', 'altered.vitrine.json', log.pin);
      const said = refusing(report.answers);
      assert.deepEqual(toolsOf(said), PROVEN_BY, what);
      assert.ok(said.every((answer) => answer.what === what));
    }
    const tlogProof = read('event.tlog-proof');
    const { report } = ask('proof', 'trust.txt', 'event.tlog-proof', 'event.vitrine.json');
    assert.deepEqual(toolsOf(about(report, 'proof')), [...PROVEN_BY, TORCHWOOD].sort());
    const at = tlogProof.indexOf('\n', tlogProof.indexOf('index')) + 9;
    write(
      'altered.tlog-proof',
      altered(tlogProof, at, tlogProof[at] === 0x41 ? 3 : 0x41 ^ tlogProof[at]!),
    );
    const attacked = ask('proof', 'trust.txt', 'altered.tlog-proof', 'event.vitrine.json');
    assert.deepEqual(toolsOf(refusing(attacked.report.answers)), [...PROVEN_BY, TORCHWOOD].sort());
  });

  await t.test(
    'they check the heads of a session, and the neighbours of one that is not',
    async () => {
      const claims: [what: RegExp, args: string[]][] = [
        [/^head /, ['--session', log.session]],
        [/^neighbour /, ['--absent', 'nobody']],
      ];
      for (const [what, args] of claims) {
        const file = await log.exported('heads.vitrine.json', ...args);
        const { code, report } = ask('bundle', 'trust.txt', file);
        assert.equal(code, 0, JSON.stringify(report));
        assert.ok(report.answers.filter((answer) => what.test(answer.what)).length >= 4);
        const bundle = bundleOf(file);
        const record = JSON.parse(bundle.seal.record) as { heads: { root: string } };
        const { root } = record.heads;
        const other = Buffer.from(root, 'base64');
        write(
          'altered.vitrine.json',
          JSON.stringify(bundle).replace(root, altered(other, 0, 1).toString('base64')),
        );
        const said = refusing(ask('bundle', 'trust.txt', 'altered.vitrine.json').report.answers);
        assert.ok(
          said.filter((answer) => what.test(answer.what)).length >= 4,
          'another heads tree',
        );
      }
    },
  );

  for (const maker of ['sumdb', 'tessera']) {
    await t.test(`we accept the proofs that ${maker} makes`, async () => {
      const emptied = bundleOf('grown.vitrine.json');
      const paths = pathsOf(emptied);
      for (const [, path] of paths) path(emptied).length = 0;
      write('emptied.vitrine.json', JSON.stringify(emptied));
      const words = ['prove', 'trust.txt', log.base, 'emptied.vitrine.json', 'theirs.vitrine.json'];
      const made = answersOf(
        program,
        dir,
        maker === 'sumdb' ? words : [...words, maker],
        log.token,
      );
      assert.equal(made.code, 0, JSON.stringify(made.report));
      const verify = (file: string) =>
        vitrineIn(dir, 'verify', file, '--trust', 'trust.txt', '--pin', log.pin);
      assert.equal((await verify('emptied.vitrine.json')).code, 1);
      const { code, stdout } = await verify('theirs.vitrine.json');
      assert.equal(code, 0, stdout);
      for (const [what, path] of paths) {
        const bundle = bundleOf('theirs.vitrine.json');
        flip(path(bundle));
        write('altered.vitrine.json', JSON.stringify(bundle));
        const attacked = await verify('altered.vitrine.json');
        assert.equal(attacked.code, 1, `${what}: ${attacked.stdout}`);
      }
    });
  }

  await t.test('we open a note that sumdb signed and a witness of torchwood cosigned', async () => {
    const words = ['sign', 'trust.txt', 'grown.vitrine.json', 'signed.vitrine.json', 'their-trust'];
    assert.equal(ask(...words).code, 0);
    const verify = (file: string, trust: string) =>
      vitrineIn(dir, 'verify', file, '--trust', trust);
    const { code, stdout } = await verify('signed.vitrine.json', 'their-trust');
    assert.equal(code, 0, stdout);
    assert.equal((await verify('signed.vitrine.json', 'trust.txt')).code, 4);
    assert.equal((await verify('grown.vitrine.json', 'their-trust')).code, 4);
    const bundle = bundleOf('signed.vitrine.json');
    const lines = bundle.checkpoint.split('\n');
    // Without its cosignature, and with another signature under the same key.
    bundle.checkpoint = lines.filter((line) => !line.startsWith('— witness')).join('\n');
    write('altered.vitrine.json', JSON.stringify(bundle));
    assert.equal((await verify('altered.vitrine.json', 'their-trust')).code, 4);
    const signature = lines.findIndex((line) => line.startsWith('— vitrine'));
    lines[signature] = lines[signature]!.replace(/.{8}=+$/, 'AAAAAAA=');
    bundle.checkpoint = lines.join('\n');
    write('altered.vitrine.json', JSON.stringify(bundle));
    assert.equal((await verify('altered.vitrine.json', 'their-trust')).code, 1);
  });
});

/** The proofs of an event bundle, by the names that the program has for them. */
function pathsOf({ attached }: Bundle): [what: string, path: (bundle: Bundle) => string[]][] {
  return [
    ['seal', (bundle) => bundle.seal.proof],
    ...attached.map(({ index }, i): [string, (bundle: Bundle) => string[]] => {
      return [`attached ${index}`, (bundle) => bundle.attached[i]!.proof];
    }),
    ['consistency', (bundle) => bundle.consistency!.proof],
  ];
}

/** Alters one bit of the hash in the middle of a proof. */
function flip(path: string[]): void {
  const at = path.length >> 1;
  path[at] = altered(Buffer.from(path[at]!, 'base64'), 17, 1).toString('base64');
}
