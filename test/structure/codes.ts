/**
 * The error codes and settings that code declares, read from its syntax: what the reference pages
 * must name, no more and no less.
 */
import { posix } from 'node:path';
import { dottedName, isNode, type Node, type SourceFile, type Tree } from './tree.ts';

const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;
const ERROR_FILES = ['error.ts', 'errors.ts'];

/** Every literal code of the error classes: literals of their types, keys of their tables. */
export function errorCodes(tree: Tree): string[] {
  const codes = new Set<string>();
  for (const file of tree.code.filter((f) => ERROR_FILES.includes(posix.basename(f.path)))) {
    for (const node of file.nodes) {
      const literal = node.type === 'TSLiteralType' ? (node.literal as Node).value : undefined;
      const key = node.type === 'Property' ? dottedName(node.key) : undefined;
      for (const text of [literal, key]) {
        if (typeof text === 'string' && CODE.test(text)) codes.add(text);
      }
    }
  }
  return [...codes].sort();
}

/** Codes that are declared and that nothing outside tests ever gives to an error. */
export function unusedCodes(tree: Tree): string[] {
  const used = new Set<unknown>();
  for (const file of tree.code.filter((f) => !f.isTest)) {
    const isDeclaration = ERROR_FILES.includes(posix.basename(file.path));
    for (const node of file.nodes) {
      const given = isDeclaration ? newArguments(node) : [node];
      for (const { type, value } of given) if (type === 'Literal') used.add(value);
    }
  }
  return errorCodes(tree).filter((code) => !used.has(code));
}

function newArguments(node: Node): Node[] {
  return node.type === 'NewExpression' ? (node.arguments as Node[]) : [];
}

const SETTINGS = 'apps/collector/src/config.ts';
/** Where a value may come from, instead of standing there; the page explains them once. */
const VALUE_FORMS = ['env', 'file', 'command'];

/** Dotted names of every setting of the collector's schema. */
export function settings(tree: Tree): string[] {
  const file = tree.file(SETTINGS);
  if (file === undefined) throw new Error(`${SETTINGS} is missing`);
  return [...new Set(settingsIn(schemaOf(file), ''))].sort();
}

/** First cells of a page's tables that are one code span: what the page documents. */
export function documented(page: string, pattern: RegExp): string[] {
  const rows = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name!);
  return [...new Set(rows.filter((name) => pattern.test(name)))].sort();
}

function schemaOf(file: SourceFile): Node {
  const declared = file.nodes.find(
    (node) => node.type === 'VariableDeclarator' && dottedName(node.id) === 'schema',
  );
  if (declared === undefined) throw new Error(`${file.path} declares no schema`);
  return declared.init as Node;
}

/** Walks the calls of zod: an object names its members, everything else is looked through. */
function settingsIn(value: unknown, prefix: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => settingsIn(item, prefix));
  if (!isNode(value)) return [];
  if (value.type === 'CallExpression' && dottedName(value.callee) === 'z.strictObject') {
    const [shape] = value.arguments as Node[];
    return (shape!.properties as Node[]).flatMap((property) => {
      const name = dottedName(property.key);
      if (VALUE_FORMS.includes(name)) return [];
      const path = prefix === '' ? name : `${prefix}.${name}`;
      const inner = settingsIn(property.value, path);
      return inner.length === 0 ? [path] : inner;
    });
  }
  if (value.type === 'CallExpression') {
    return [...settingsIn(value.callee, prefix), ...settingsIn(value.arguments, prefix)];
  }
  if (value.type === 'MemberExpression') return settingsIn(value.object, prefix);
  return value.type === 'ArrayExpression' ? settingsIn(value.elements, prefix) : [];
}
