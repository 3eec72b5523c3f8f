/**
 * The reference pages say what the code does: commands, routes and limits are made from it, error
 * codes and settings are named completely.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { documented, errorCodes, settings, unusedCodes } from './structure/codes.ts';
import { commandMistakes } from './structure/commands.ts';
import { madeParts, program, withPart } from './structure/reference.ts';
import { Tree } from './structure/tree.ts';

const tree = Tree.ofProject();

describe('the reference pages', () => {
  for (const [path, { name, text }] of Object.entries(madeParts(tree))) {
    it(`${path} is what the code says`, () => {
      const page = textOf(path);
      const isCurrent = page === withPart(page, name, text);
      assert.ok(isCurrent, 'run: npx node test/structure/write-reference.ts');
    });
  }

  it('name every error code, and no other', () => {
    const page = textOf('docs/reference/errors.md');
    assert.deepEqual(documented(page, /^[A-Z][A-Z0-9_]+$/), errorCodes(tree));
  });

  it('name no error code that is never given', () => {
    assert.deepEqual(unusedCodes(tree), []);
  });

  it('name every setting, and no other', () => {
    const page = textOf('docs/reference/config.md');
    assert.deepEqual(documented(page, /^[a-z][a-z0-9_.]*$/), settings(tree));
  });
});

describe('documents and hints', () => {
  it('tell people to type commands that exist, with options that exist', () => {
    const mistakes = commandMistakes(tree, program());
    const printed = mistakes.map(({ path, line, says }) => `${path}:${line} ${says}`);
    assert.equal(printed.join('\n'), '');
  });

  it('would be found out', () => {
    const example = Tree.of({
      'docs/a.md':
        'a vitrine is glass: `vitrine fly`\n```\nnpx --no vitrine run --fly -- ls --long\n```',
      'apps/x/src/a.ts': "const hint = 'vitrine token create --role x --fly'; // vitrine fly",
      'apps/x/src/b.ts': "const hint = 'run `vitrine up --data D`, or vitrine sessions --json';",
    });
    const found = commandMistakes(example, program()).map(({ path, says }) => `${path} ${says}`);
    assert.deepEqual(found, [
      'docs/a.md there is no command fly',
      'docs/a.md run has no option --fly',
      'apps/x/src/a.ts create has no option --fly',
    ]);
  });
});

describe('what the pages are compared with', () => {
  it('finds codes in types and in tables', () => {
    const example = Tree.of({
      'apps/x/src/error.ts': "class E extends CodedError<'A_B' | 'C'> {}",
      'apps/x/src/errors.ts': 'const T = { D_E: { status: 400 } };',
      'apps/x/src/other.ts': "type T = 'NOT_ONE';",
    });
    assert.deepEqual(errorCodes(example), ['A_B', 'C', 'D_E']);
  });

  it('finds codes that nothing uses', () => {
    const example = Tree.of({
      'apps/x/src/error.ts':
        "class E extends CodedError<'A' | 'B' | 'C'> {}\nconst f = () => new E('B');",
      'apps/x/src/a.ts': "throw new E('A');",
      'apps/x/src/a.test.ts': "const code = 'C';",
    });
    assert.deepEqual(unusedCodes(example), ['C']);
  });

  it('finds settings through unions and defaults', () => {
    const text = [
      'const schema = z.strictObject({',
      '  a: z.string(),',
      '  b: z.strictObject({',
      '    c: z.number().default(1),',
      '    d: z.union([z.strictObject({ env: z.string() })]),',
      '  }).prefault({}),',
      "  e: z.discriminatedUnion('m', [",
      "    z.strictObject({ m: z.literal('x'), f: z.string() }),",
      "    z.strictObject({ m: z.literal('y') }),",
      '  ]),',
      '});',
    ].join('\n');
    const example = Tree.of({ 'apps/collector/src/config.ts': text });
    assert.deepEqual(settings(example), ['a', 'b.c', 'b.d', 'e.f', 'e.m']);
  });

  it('replaces a made part and keeps the rest', () => {
    const page = 'a\n<!-- x: made by test/structure/write-reference.ts -->\nold\n<!-- end -->\nb';
    assert.match(withPart(page, 'x', 'new'), /^a\n<!-- x.*-->\n\nnew\n\n<!-- end -->\nb$/);
    assert.throws(() => withPart('a page', 'x', 'new'), /has no part x/);
  });
});

function textOf(path: string): string {
  const file = tree.file(path);
  assert.ok(file, `${path} is missing`);
  return file.text;
}
