#!/usr/bin/env node
/** Builds the dashboard when its sources have changed: what `npm run build` does last. */
import { buildDashboard } from '../src/dashboard/build.ts';
import { printError } from '../src/print/error.ts';
import { processIo } from '../src/print/io.ts';

const io = processIo();
try {
  const { signal } = new AbortController();
  const { dist, release } = await buildDashboard({ log: (line) => io.err(line), signal });
  release();
  io.out(`the dashboard is built in apps/dashboard/${dist}`);
} catch (error) {
  printError(io, error);
  process.exitCode = 1;
}
