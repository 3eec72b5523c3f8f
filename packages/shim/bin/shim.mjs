#!/usr/bin/env node
/** One shim as a process of its own: `shim.mjs NAME`, told its settings by whoever starts it. */
import module, { flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Beside the code it was made from, so that whoever could change it could change that as well. */
const CODE_CACHE = new URL('../../../node_modules/.cache/vitrine', import.meta.url);

// Before the import: code that is already stripped of its types starts twice as fast.
module.enableCompileCache(fileURLToPath(CODE_CACHE));
const { sourceNamed } = await import('../src/registry.ts');
const { run } = await sourceNamed(process.argv[2]).start();
flushCompileCache();
process.exit(await run({}, (value) => console.log(JSON.stringify(value))));
