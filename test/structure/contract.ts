/**
 * What the API answers is written once (docs/decisions/0004-one-contract.md): whoever makes or
 * reads an answer takes its type from there. That each route gives what it names, the types check.
 */
import { isNode, type Node, type Rule, type SourceFile, type Tree } from './tree.ts';

const CONTRACT = 'packages/schema/src/api/';
const DECLARATIONS = ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration'];
/** Names that say they are answers; words such as `Page` may mean something else elsewhere. */
const ANSWER = /(Item|Answer)$/;

export const oneContract: Rule = {
  name: 'an answer of the API is declared in packages/schema/src/api alone',
  check(tree) {
    const answers = answersOf(tree);
    return tree.code
      .filter((file) => !file.isTest && !file.path.startsWith(CONTRACT))
      .flatMap((file) =>
        declared(file)
          .filter(([name]) => answers.has(name))
          .map(([, node]) => file.finding(node, 'take it from @vitrine/schema/api')),
      );
  },
  sabotage: [
    {
      [`${CONTRACT}file.ts`]: 'export interface FileItem { path: string }',
      'apps/cli/src/client/answers.ts': 'export interface FileItem { path: string }',
    },
    {
      [`${CONTRACT}file.ts`]: 'export type FilesAnswer = { items: string[] };',
      'apps/dashboard/lib/api/types.ts': 'type FilesAnswer = { items: string[] };',
    },
  ],
  sound: {
    [`${CONTRACT}file.ts`]: 'export interface FileItem { path: string }\nexport type Page = 1;',
    'apps/cli/src/a.ts': "import type { FileItem } from '@vitrine/schema/api';",
    'apps/cli/src/b.ts': 'interface Page { n: number }\nexport interface LineItem { n: number }',
    'test/a.test.ts': 'interface FileItem { path: string }',
  },
};

function answersOf(tree: Tree): Set<string> {
  const files = tree.code.filter((file) => file.path.startsWith(CONTRACT));
  const names = files.flatMap((file) => declared(file).map(([name]) => name));
  return new Set(names.filter((name) => ANSWER.test(name)));
}

function declared(file: SourceFile): [name: string, node: Node][] {
  return file.nodes.flatMap((node): [string, Node][] =>
    DECLARATIONS.includes(node.type) && isNode(node.id) ? [[String(node.id.name), node]] : [],
  );
}
