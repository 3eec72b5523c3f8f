/**
 * The report of a verdict: the same bytes for the same inputs, and nothing of the verdict left out.
 *
 * The golden pages are written anew in `test/vectors/golden` with `npx --no vitrine verify FILE
 * --trust trust.txt --now 1764090000000000000 --report PAGE`.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Verdict } from '@vitrine/chain';
import { packageVersion } from '../command/version.ts';
import { main } from '../main.ts';
import { memoryIo } from '../print/memory-io.ts';
import { dir, NOW, pageOf, verify } from './report.fixture.ts';

/** What the verifier in one file is made of. */
const ONE_FILE = fileURLToPath(
  new URL('../../../../packages/chain/src/verify/main.ts', import.meta.url),
);
const PAGES = fileURLToPath(new URL('./vectors/', import.meta.url));

/** What a reader sees, entities and elements taken away. */
function textOf(page: string): string {
  const body = page.slice(page.indexOf('<body>'));
  return body
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(',', '');
}

describe('the report', () => {
  for (const name of ['session-closed', 't-record']) {
    it(`of ${name} is the golden page`, async () => {
      const page = await pageOf(`${name}.vitrine.json`);
      const golden = readFileSync(join(PAGES, `${name}.html`), 'utf8');
      assert.equal(page.replaceAll(`vitrine ${packageVersion()}`, 'vitrine VERSION'), golden);
    });
  }

  it('is the same bytes for the same files and the same time', async () => {
    const args = ['--require-parts', '--all'];
    const [one, two] = [
      await pageOf('session-closed.vitrine.json', ...args),
      await pageOf('session-closed.vitrine.json', ...args),
    ];
    assert.equal(one, two);
  });

  const names = Object.keys(JSON.parse(readFileSync('expected.json', 'utf8')) as object);
  it('leaves out no member of any golden verdict', async () => {
    for (const name of names) {
      const file = `${name}.vitrine.json`;
      const { out } = await verify(file, '--trust', 'trust.txt', '--all', '--json');
      const verdict = JSON.parse(out) as Verdict;
      const text = textOf(await pageOf(file, '--all'));
      for (const value of leavesOf(verdict)) {
        const shown = String(value).replaceAll(',', '').replaceAll('\ufeff', '⟨U+FEFF⟩');
        assert.ok(text.includes(shown), `${name}: ${shown} is not in the report`);
      }
    }
  });

  it('says what was asked, and how to ask it again', async () => {
    const page = await pageOf(
      ...(['pinned.vitrine.json', '--pin', 'pin.json', '--max-age', '100000000'] as const),
      ...['--expect-session', 's1', '--require-closed', '--require-lossless', '--require-parts'],
    );
    const text = textOf(page);
    assert.match(
      text,
      /the session is s1; the seal is no older than 100000000 s; the session ended/,
    );
    const again = /npx --no vitrine verify [\s\S]*?(?=\n\n)/.exec(text)![0].replaceAll('\\\n', '');
    const words = again.split(/ +/).slice(4);
    assert.deepEqual(words, [
      ...['pinned.vitrine.json', '--trust', 'trust.txt', '--pin', 'pin.json', '--now', NOW],
      ...['--max-age', '100000000', '--expect-session', 's1'],
      ...['--require-closed', '--require-lossless', '--require-parts'],
    ]);
    assert.match(text, /The tree of 13 leaves that was pinned is in this one unchanged/);
  });

  it('can be asked for again by its last lines, whatever the names of the files', async () => {
    const [bundle, trust] = [join(dir, "it's $HOME; a `file`.json"), join(dir, 'my trust')];
    writeFileSync(bundle, readFileSync('session-open-losses.vitrine.json'));
    writeFileSync(trust, readFileSync('trust.txt'));
    const path = join(dir, 'again.html');
    const asked = ['--require-lossless', '--expect-session', 's2'];
    const first = await verify(bundle, '--trust', trust, ...asked, '--report', path);
    assert.equal(first.code, 3);
    const [, lines] = /<pre><code>([\s\S]*)<\/code><\/pre>/.exec(readFileSync(path, 'utf8'))!;
    const [ours, alone] = textOf(`<body>${lines}`).split('\n\n') as [string, string];
    // A shell splits them into words; the program is not installed here.
    const words = (line: string): string[] => {
      const echoed = execFileSync('/bin/sh', [
        '-c',
        `show() { printf '%s\\0' "$@"; }; show ${line}`,
      ]);
      return echoed.toString().split('\0').slice(0, -1);
    };
    const io = memoryIo();
    assert.equal(await main(words(ours).slice(3), io), 3);
    const { status } = spawnSync(process.execPath, [ONE_FILE, ...words(alone).slice(2)]);
    assert.equal(status, 3);
  });

  it('says who redacted what, why, and when the last copy is gone', async () => {
    const text = textOf(await pageOf('session-closed.vitrine.json'));
    assert.match(text, /body18 redactauditor@example\.com: personal data2025-11-25 16:00:00\.000/);
  });

  it('says plainly what is not proven, whatever the verdict', async () => {
    for (const name of ['session-closed', 't-unwitnessed', 't-bom']) {
      const text = textOf(await pageOf(`${name}.vitrine.json`));
      assert.match(text, /That no source was bypassed and no event missed/);
      assert.match(text, /That what a source said is true/);
    }
    const without = textOf(await pageOf('t-unwitnessed.vitrine.json'));
    assert.match(without, /Any time: no witness counts/);
    assert.match(without, /by nobody: the time is the word of the log alone/);
  });

  it('marks the step that failed and those that were not reached', async () => {
    const text = textOf(await pageOf('t-record.vitrine.json'));
    assert.match(text, /seal\S.*?holds/);
    assert.match(text, /chainsRecords.*?failed/);
    assert.match(text, /claimThe.*?not reached/);
    const all = textOf(await pageOf('t-record.vitrine.json', '--all'));
    assert.match(all, /Checked as far as the failure before it allows/);
  });

  it('names keys with their intervals, and the quorum', async () => {
    const trust = readFileSync('trust.txt', 'utf8');
    const more = `${trust.replace('quorum w1', '')}#vitrine interval c5d298d7 0 1000
#vitrine interval c5d298d7 2000 -
group g 1 w1
quorum g
`;
    const path = join(dir, 'intervals.txt');
    writeFileSync(path, more);
    const page = join(dir, 'intervals.html');
    await verify('event.vitrine.json', '--trust', path, '--report', page);
    const text = textOf(readFileSync(page, 'utf8'));
    assert.match(text, /c5d298d7logfrom 0 below 1000; from 2000/);
    assert.match(text, /20324abewitness w1always/);
    assert.match(text, /1 of \(w1\)/);
  });

  it('is written for a trust file that is none, and without any', async () => {
    const path = join(dir, 'none.html');
    writeFileSync(join(dir, 'bad.txt'), 'log not-a-key\n');
    const bad = await verify(
      ...['event.vitrine.json', '--trust', join(dir, 'bad.txt'), '--report', path],
    );
    assert.equal(bad.code, 2);
    assert.match(textOf(readFileSync(path, 'utf8')), /It cannot be read as a trust file/);
    const none = await verify('event.vitrine.json', '--report', path);
    assert.equal(none.code, 4);
    assert.match(textOf(readFileSync(path, 'utf8')), /No trust file was given/);
  });
});

function leavesOf(value: unknown): (string | number)[] {
  if (typeof value === 'string' || typeof value === 'number') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(leavesOf);
}
