#!/usr/bin/env node
/**
 * The relay as one file for a machine that has Node and nothing of ours: `npm run build` makes
 * `dist/vitrine-relay.mjs` of it (docs/guides/relay.md).
 */
import './missing.ts';
import { relayProcess } from '../process.ts';

/** The oldest Node that the file is tested with. */
const NODE_MAJOR_MIN = 20;

if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR_MIN) {
  console.error(
    `error NODE_TOO_OLD: the relay needs Node >= ${NODE_MAJOR_MIN}, this is ${process.version}\n` +
      '  hint: put a newer Node into the image, or run the relay outside the sandbox',
  );
  process.exitCode = 1;
} else {
  process.exitCode = await relayProcess(process.argv.slice(2));
}
