#!/usr/bin/env node
/** The egress proxy's process; `vitrine run` starts it and writes its settings to stdin. */
import module, { flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Beside the code it was made from, so that whoever could change it could change that as well. */
const CODE_CACHE = new URL('../../../node_modules/.cache/vitrine', import.meta.url);

// Before the import: code that is already stripped of its types starts twice as fast.
module.enableCompileCache(fileURLToPath(CODE_CACHE));
const { runEgressProxy } = await import('../src/egress/main.ts');
flushCompileCache();
process.exit(await runEgressProxy());
