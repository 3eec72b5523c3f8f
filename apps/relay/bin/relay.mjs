#!/usr/bin/env node
/**
 * The relay process. Started with its configuration on standard input by whoever runs a sandbox.
 */
import module from 'node:module';
import { fileURLToPath } from 'node:url';

/** Beside the code it was made from, so that whoever could change it could change that as well. */
const CODE_CACHE = new URL('../../../node_modules/.cache/vitrine', import.meta.url);

const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  // Code that is already stripped of its types needs a third less memory and starts twice as fast.
  module.enableCompileCache(fileURLToPath(CODE_CACHE));
  const { relayProcess } = await import('../src/process.ts');
  process.exitCode = await relayProcess(process.argv.slice(2));
} else {
  console.error(
    `error NODE_TOO_OLD: the relay needs Node >= 22.18, this is ${process.version}\n` +
      '  hint: start it with the Node that npm ci brings on Linux, or install Node 24',
  );
  process.exitCode = 1;
}
