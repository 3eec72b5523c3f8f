#!/usr/bin/env node
/** The collector process: `--data DIR [--config FILE]`. Prints `ready {json}` when it is up. */
import module, { flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Beside the code it was made from, so that whoever could change it could change that as well. */
const CODE_CACHE = new URL('../../../node_modules/.cache/vitrine', import.meta.url);

const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  // Code that is already stripped of its types starts twice as fast.
  module.enableCompileCache(fileURLToPath(CODE_CACHE));
  const { collectorProcess } = await import('../src/process.ts');
  flushCompileCache();
  await collectorProcess(process.argv.slice(2));
} else {
  console.error(
    `error NODE_TOO_OLD: the collector needs Node >= 22.18, this is ${process.version}\n` +
      '  hint: start it with npm start, which brings its own Node on Linux, or install Node 24',
  );
  process.exitCode = 1;
}
