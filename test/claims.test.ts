/** `docs/concepts/proofs.md` claims nothing that no test shows. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ROWS } from './attacks/table.ts';
import { pageFaults, type Shown, testNames, testsOf } from './structure/claims.ts';
import { SourceFile, Tree } from './structure/tree.ts';

const PAGE = 'docs/concepts/proofs.md';

describe('the page of what is proven', () => {
  it('names for each sentence what shows it', () => {
    const tree = Tree.ofProject();
    const expected = JSON.parse(tree.file('test/vectors/golden/expected.json')!.text) as object;
    const golden = Object.entries(expected).map(([name, { code }]) => [name, code as number]);
    const bench = 'test/bench/';
    const benches = tree.files.filter(({ path }) => /^test\/bench\/[\w-]+\.ts$/.test(path));
    const shown: Shown = {
      tests: testsOf(tree),
      attacks: new Set(ROWS.filter(({ status }) => status === 'runs').map(({ id }) => id)),
      // The folder has one more, which its own README describes.
      golden: new Map([...(golden as [string, number][]), ['pinned', 0]]),
      benches: new Set(benches.map(({ path }) => path.slice(bench.length, -'.ts'.length))),
    };
    assert.equal(pageFaults(tree.file(PAGE)!.text, shown).join('\n'), '');
  });
});

describe('a page that claims too much', () => {
  const shown: Shown = {
    tests: new Map([['a.test.ts', new Set(['it holds'])]]),
    attacks: new Set(['5.6a']),
    golden: new Map([['range', 0]]),
    benches: new Set(['claims']),
  };
  const notes = [
    '[^a]: test `a.test.ts`: `it holds`; attack `5.6a`',
    '[^b]: golden `range` (0); bench `npm run bench -- claims 10`',
  ];
  const faults = (text: string, more = notes): string[] =>
    pageFaults(['# Page', 'An introduction.', '## Claims', text, '', ...more].join('\n'), shown);

  it('is sound when every sentence, item and row has its note', () => {
    const sound = [
      'One thing\nholds, as `x. Y` says.[^a] Another one too.[^a][^b]',
      '* An item.[^a]\n* Another\n  item.[^b]',
      '| claim | cost |\n| --- | --- |\n| event | 5 bytes.[^b] |\n| range [^a] | 6.[^b] |',
      '**Proven.** So it is.[^a][^b]\n\n**Not proven.**\n\n* This.[^a]',
      '```\nno claim.\n```\nA claim.[^a][^b]',
    ];
    for (const text of sound) assert.deepEqual(faults(`${text}\n\nAll.[^a][^b]`), [], text);
  });

  const bad: [text: string, fault: RegExp][] = [
    ['One holds.[^a][^b] Another one too.', /^4: nothing shows: Another one too\.$/],
    ['**Proven.** So it is.\n\nAll.[^a][^b]', /^4: nothing shows: So it is\.$/],
    ['One holds. Another one too.[^a][^b]', /^4: nothing shows: One holds\.$/],
    ['All.[^a][^b]\n\n* An item.\n* Another.[^a]', /^6: nothing shows: An item\.$/],
    ['All.[^a][^b]\n\n| a | b |\n| - | - |\n| event | 5 |', /^8: nothing shows: event {3}5$/],
    ['All.[^a][^b][^c]', /^there is no note c$/],
    ['All.[^a]', /^7: nothing refers to the note b$/],
  ];
  for (const [text, fault] of bad) {
    it(`is found out: ${JSON.stringify(text)}`, () => {
      const found = faults(text);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0]!, fault);
    });
  }

  const badNotes: [note: string, fault: RegExp][] = [
    ['test `b.test.ts`: `it holds`', /no file of tests b\.test\.ts/],
    ['test `a.test.ts`: `it hold`', /a\.test\.ts has no test "it hold"/],
    ['test `a.test.ts`', /no test of a\.test\.ts is named/],
    ['attacks `5.6a`, `5.6b`', /no attack 5\.6b that is run/],
    ['golden `range` (1)', /the golden bundle range is \(0\)/],
    ['golden `range`', /the golden bundle range is \(0\)/],
    ['golden `rang` (0)', /no golden bundle rang/],
    ['bench `npm run bench -- claim`', /no benchmark for/],
    ['everybody knows', /names nothing/],
    ['rumour `5.6a`', /of no known kind/],
  ];
  for (const [note, fault] of badNotes) {
    it(`is found out by its note: ${note}`, () => {
      const found = faults('All.[^a]', [`[^a]: ${note}`]);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0]!, fault);
    });
  }

  it('finds the names of tests as they are written', () => {
    const template = ['$', '{c}'].join('');
    const text = `test('a', f); it(\`b ${template}\`, f); t.test(d, f); other('e'); describe('g');`;
    const names = testNames(new SourceFile('x.test.ts', text));
    assert.deepEqual([...names], ['a', `b ${template}`, 'g']);
  });
});
