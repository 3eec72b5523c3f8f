/** Writes the made parts of the reference pages: `npx node test/structure/write-reference.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { madeParts, withPart } from './reference.ts';
import { ROOT, Tree } from './tree.ts';

for (const [path, { name, text }] of Object.entries(madeParts(Tree.ofProject()))) {
  const page = readFileSync(`${ROOT}${path}`, 'utf8');
  writeFileSync(`${ROOT}${path}`, withPart(page, name, text));
}
