#!/usr/bin/env node
/** The `vitrine` command. Under an old Node it starts itself again under the packaged one. */
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { isModern, packagedNode, runUnder, tooOldMessage } from './packaged-node.mjs';

/** Compiled modules, kept beside the packages: a command starts in a third of the time. */
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/vitrine', import.meta.url));

/** An agent waits for this one, which needs nothing of the rest, on any Node. */
const HOOK = new URL('../../../packages/shim/src/hook/hook.mjs', import.meta.url);

if (process.argv[2] === 'hook' && process.argv.length === 3) await import(HOOK.href);
else if (isModern(process.version)) {
  module.enableCompileCache(CACHE);
  const { main } = await import('../src/main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  const node = packagedNode();
  if (node === null) {
    console.error(tooOldMessage());
    process.exitCode = 1;
  } else {
    const self = fileURLToPath(import.meta.url);
    process.exitCode = await runUnder(node, [self, ...process.argv.slice(2)]);
  }
}
