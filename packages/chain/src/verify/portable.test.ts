/** The verifier runs in a browser: nothing behind `@vitrine/chain/verify` may need Node. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const IMPORT = /(?:from|import)\s*\(?\s*'([^'\n]+)'/g;
const NODE_ONLY = /\bBuffer\b|(?<!['.])\bprocess\.|\brequire\(|\bsetImmediate\b|\b__dirname\b/;
const PACKAGES = new URL('../../../', import.meta.url);

type Read = (url: URL) => string;

const fromDisk: Read = (url) => readFileSync(url, 'utf8');

/** What a module needs that no browser has, its imports included. */
function nodeNeedsOf(url: URL, read: Read, seen = new Set<string>()): string[] {
  if (seen.has(url.href)) return [];
  seen.add(url.href);
  const code = read(url).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const found = NODE_ONLY.exec(code);
  const needs = found === null ? [] : [`${url.href}: ${found[0]}`];
  for (const [, specifier] of code.matchAll(IMPORT)) {
    const next = leadsTo(specifier!, url);
    if (next === undefined) needs.push(`${url.href}: ${specifier}`);
    else needs.push(...nodeNeedsOf(next, read, seen));
  }
  return needs;
}

/** A file of ours; `undefined` for a module of Node or of anybody else. */
function leadsTo(specifier: string, from: URL): URL | undefined {
  if (specifier.startsWith('.')) return new URL(specifier, from);
  const [, name, path] = /^@vitrine\/(chain|schema)(\/.+)?$/.exec(specifier) ?? [];
  if (name === undefined) return undefined;
  const folder = new URL(`${name}/`, PACKAGES);
  const { exports } = JSON.parse(fromDisk(new URL('package.json', folder))) as {
    exports: Record<string, string>;
  };
  return new URL(exports[`.${path ?? ''}`]!, folder);
}

for (const entry of ['@vitrine/chain/verify', '@vitrine/schema/record']) {
  test(`nothing behind ${entry} needs Node`, () => {
    const seen = new Set<string>();
    const url = leadsTo(entry, PACKAGES)!;
    assert.deepEqual(nodeNeedsOf(url, fromDisk, seen), []);
    assert.ok(seen.size > 5, `${seen.size} modules`);
    assert.ok(entry.includes('schema') || seen.size > 20, `${seen.size} modules`);
  });
}

test('the walk finds a module of Node, a third party and Buffer, however deep', () => {
  const start = new URL('start.ts', import.meta.url);
  const needs = (deep: string): number => {
    const read: Read = (url) => (url.href === start.href ? "export * from './deep.ts';" : deep);
    return nodeNeedsOf(start, read).length;
  };
  assert.equal(needs('export const x = 1; // Buffer'), 0);
  assert.equal(needs("import { hash } from 'node:crypto';"), 1);
  assert.equal(needs("const x = await import('node:fs');"), 1);
  assert.equal(needs("import { MerkleTree } from 'merkletreejs';"), 1);
  assert.equal(needs('const x = Buffer.alloc(1);'), 1);
  assert.equal(needs("import {\n  a,\n  b,\n} from 'node:fs';"), 1);
});

test('the index of the packages does need Node: the subpaths are no mere wish', () => {
  for (const entry of ['@vitrine/chain', '@vitrine/schema']) {
    assert.notDeepEqual(nodeNeedsOf(leadsTo(entry, PACKAGES)!, fromDisk), []);
  }
});
