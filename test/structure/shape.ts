/**
 * How big things may be and what they may be called.
 */
import { posix } from 'node:path';
import { dottedName, type Finding, isNode, type Node, type Rule, type SourceFile } from './tree.ts';

const FILE_LINES_MAX = 300;
const LINE_COLUMNS_MAX = 100;
const FUNCTION_LINES_MAX = 70;

/** Longer than that, each with the reason. */
const LONG_ALLOWED: Record<string, string> = {
  'packages/schema/src/limits.ts': 'a table: all limits stand in one file',
};

export const fileLength: Rule = {
  name: `no file is longer than ${FILE_LINES_MAX} lines`,
  check: (tree) =>
    tree.code
      .filter((file) => !Object.hasOwn(LONG_ALLOWED, file.path))
      .filter((file) => file.lines.length > FILE_LINES_MAX)
      .map((file) => ({ path: file.path, line: 1, says: `has ${file.lines.length} lines` })),
  sabotage: [{ 'packages/chain/src/a.ts': '\n'.repeat(FILE_LINES_MAX + 1) }],
  sound: { 'packages/chain/src/a.ts': '\n'.repeat(FILE_LINES_MAX) },
};

export const lineLength: Rule = {
  name: `no line is wider than ${LINE_COLUMNS_MAX} columns`,
  check: (tree) =>
    tree.code.flatMap((file) =>
      file.lines.flatMap((text, i) => {
        const columns = [...text].length;
        if (columns <= LINE_COLUMNS_MAX) return [];
        return [{ path: file.path, line: i + 1, says: `has ${columns} columns` }];
      }),
    ),
  sabotage: [{ 'packages/chain/src/a.ts': `// ${'x'.repeat(LINE_COLUMNS_MAX)}` }],
  sound: { 'packages/chain/src/a.ts': `//${'→'.repeat(LINE_COLUMNS_MAX - 2)}` },
};

const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];
/** Their callbacks are lists of tests, not functions of their own. */
const GROUPS = ['describe', 'suite', 'describe.skip', 'describe.concurrent'];

export const functionLength: Rule = {
  name: `no function is longer than ${FUNCTION_LINES_MAX} lines`,
  check: (tree) => tree.code.flatMap((file) => longFunctions(file)),
  sabotage: [
    { 'packages/chain/src/a.ts': `function f() {${'\n'.repeat(FUNCTION_LINES_MAX)}}` },
    { 'packages/chain/src/a.ts': `class A { m() {${'\n'.repeat(FUNCTION_LINES_MAX)}} }` },
    { 'packages/chain/src/a.ts': `const f = () => {${'\n'.repeat(FUNCTION_LINES_MAX)}};` },
  ],
  sound: {
    'packages/chain/src/a.ts': `function f() {${'\n'.repeat(FUNCTION_LINES_MAX - 1)}}`,
    'packages/chain/src/a.test.ts': `describe('a', () => {${'\n'.repeat(FUNCTION_LINES_MAX)}});`,
  },
};

/** Names that say nothing about what is inside. */
const EMPTY_NAMES = /^(util|helper|common|service|manager|misc)s?$/i;

export const names: Rule = {
  name: 'no file or folder has a name that says nothing',
  check: (tree) =>
    tree.files
      .filter((file) => file.path.split('/').some((step) => EMPTY_NAMES.test(step.split('.')[0]!)))
      .map((file) => ({ path: file.path, line: 1, says: 'name it for what it does' })),
  sabotage: [
    { 'packages/chain/src/utils.ts': '' },
    { 'packages/chain/src/helpers/a.ts': '' },
    { 'apps/collector/src/services.test.ts': '' },
    { 'test/common/a.py': '' },
  ],
  sound: { 'packages/chain/src/commonmark.ts': '', 'docs/guides/service-account.md': '' },
};

export const openings: Rule = {
  name: 'a module opens with a comment that says what it is for',
  check: (tree) =>
    tree.code
      .filter((file) => !file.isTest && posix.basename(file.path) !== 'index.ts')
      .filter((file) => !/^(#!.*\n)?\s*\/\*\*/.test(file.text))
      .map((file) => ({ path: file.path, line: 1, says: 'has no opening doc comment' })),
  sabotage: [
    { 'packages/chain/src/a.ts': 'export const x = 1;' },
    { 'apps/cli/bin/vitrine.mjs': "#!/usr/bin/env node\nimport './x.mjs';" },
  ],
  sound: {
    'packages/chain/src/a.ts': '/** Says something. */\nexport const x = 1;',
    'packages/chain/src/index.ts': "export * from './a.ts';",
    'apps/cli/bin/vitrine.mjs': '#!/usr/bin/env node\n/** Starts it. */',
  },
};

const LIMITS = 'packages/schema/src/limits.ts';

export const limits: Rule = {
  name: 'every limit has its reason in a doc comment',
  check(tree) {
    const file = tree.file(LIMITS);
    if (file === undefined) return [{ path: LIMITS, line: 1, says: 'is missing' }];
    const body = file.program.body as Node[];
    return body
      .filter((node) => !documented(file, node))
      .map((node) => {
        return file.finding(node, 'a limit without its reason');
      });
  },
  sabotage: [
    { [LIMITS]: '/** Why. */\nexport const A_MAX = 1;\nexport const B_MAX = 2;' },
    { [LIMITS]: '// Why.\nexport const A_MAX = 1;' },
  ],
  sound: { [LIMITS]: '/** All. */\n/** Why. */\nexport const A_MAX = 1;' },
};

function longFunctions(file: SourceFile): Finding[] {
  const groups = new Set<unknown>();
  for (const node of file.nodes) {
    if (node.type !== 'CallExpression' || !file.isTest) continue;
    if (GROUPS.includes(dottedName(node.callee))) {
      for (const argument of node.arguments as unknown[]) groups.add(argument);
    }
  }
  return file.nodes
    .filter((node) => FUNCTIONS.includes(node.type) && isNode(node.body) && !groups.has(node))
    .flatMap((node) => {
      const lines = file.lineOf(node.end) - file.lineOf(node.start) + 1;
      if (lines <= FUNCTION_LINES_MAX) return [];
      return [file.finding(node, `a function of ${lines} lines`)];
    });
}

function documented(file: SourceFile, node: Node): boolean {
  const before = file.text.slice(0, node.start).trimEnd();
  const opened = before.lastIndexOf('/*');
  return before.endsWith('*/') && before.startsWith('/**', opened);
}
