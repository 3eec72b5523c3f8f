/**
 * Where the rows get their machines. Nothing is imported before a row runs: the table that lists
 * them is read by tests that start nothing.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Answer } from '../row.ts';
import type { Site } from './site.ts';

/** More than a tile of level 0 has, so that one is stored. */
const EVENTS = 300;
export const SESSION = 's1';

/** An empty data directory. */
export async function freshSite(t: TestContext): Promise<Site> {
  const { Site } = await import('./site.ts');
  return Site.fresh(t);
}

/** A stopped machine with a log of one pushed session over some batches. */
export async function recordedSite(t: TestContext): Promise<Site> {
  const { Site } = await import('./site.ts');
  recorded ??= record(t);
  return Site.copyOf(t, await recorded);
}

/** What `vitrine fsck` says of that log as it is. */
export async function soundCheck(t: TestContext): Promise<Answer> {
  checked ??= recordedSite(t).then((site) => site.vitrine('fsck'));
  return checked;
}

/** How a collector starts on it and ends. */
export async function soundStart(t: TestContext): Promise<Answer> {
  started ??= recordedSite(t).then((site) => site.launch());
  return started;
}

let recorded: Promise<string> | undefined;
let checked: Promise<Answer> | undefined;
let started: Promise<Answer> | undefined;

/** Made once for all rows of a process. */
async function record(t: TestContext): Promise<string> {
  const site = await freshSite(t);
  await site.start();
  for (let i = 0; i < EVENTS; i += EVENTS / 3) {
    await site.push({ session: SESSION, count: EVENTS / 3, name: `batch ${i}` });
    await site.sealed(SESSION, i + EVENTS / 3 - 1);
  }
  await site.stop();
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-recorded-'));
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
  cpSync(site.data, dir, { recursive: true });
  return dir;
}
