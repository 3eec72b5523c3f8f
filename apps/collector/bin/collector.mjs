#!/usr/bin/env node
/** The collector process: `--data DIR [--config FILE]`. Prints `ready {json}` when it is up. */
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  const { collectorProcess } = await import('../src/process.ts');
  await collectorProcess(process.argv.slice(2));
} else {
  console.error(
    `error NODE_TOO_OLD: the collector needs Node >= 22.18, this is ${process.version}\n` +
      '  hint: start it with npm start, which brings its own Node on Linux, or install Node 24',
  );
  process.exitCode = 1;
}
