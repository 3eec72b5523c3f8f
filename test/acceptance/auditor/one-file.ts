/**
 * The verifier as one file, taken to the auditor's folder: by Node alone, and in a real browser
 * that gets nothing but it and the bundles. The same verdict as the command line's on every bundle.
 */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../faces/browser.ts';
import { inParallel } from '../path/batch.ts';
import { REPOSITORY } from '../path/collector-process.ts';
import { type Ran, run, userEnvironment } from '../path/program.ts';
import type { Case } from './case.ts';

const NAME = 'vitrine-verify.mjs';
/** What is reached; 60,000 is aimed at. */
const BYTES_MAX = 60_000;
const BUNDLES_MIN = 10;
const [MALFORMED, UNTRUSTED] = [2, 4];
const PAGE = '<!doctype html><title>verifier</title>';

interface Verdict {
  code: number;
  proven: string[];
}

/** `npm run build` makes it; it needs nothing beside it. */
export async function takesTheFile(audit: Case): Promise<void> {
  const built = await run(['npm', 'run', 'build'], { cwd: REPOSITORY, env: userEnvironment() });
  assert.equal(built.code, 0, built.stdout + built.stderr);
  copyFileSync(join(REPOSITORY, 'dist', NAME), audit.path(NAME));
  assert.ok(statSync(audit.path(NAME)).size < BYTES_MAX, `${statSync(audit.path(NAME)).size}`);
  const imported = audit.text(NAME).match(/^import .* from .*$/gm) ?? [];
  assert.deepEqual(imported, [], 'it depends on others');
}

/** Every bundle of the folder, those that were changed included. */
export async function agreesInNode(audit: Case): Promise<void> {
  const names = bundlesIn(audit);
  assert.ok(names.length >= BUNDLES_MIN, names.join());
  const codes = new Map<string, number>();
  await inParallel(names, async (name) => {
    const ours = await audit.verify(name, '--json');
    const alone = await byFile(audit, name, '--trust', 'trust.txt');
    assert.equal(alone.code, ours.code, `${name}: ${alone.stdout}${alone.stderr}`);
    const { code, proven } = JSON.parse(alone.stdout) as Verdict;
    assert.equal(code, ours.code);
    assert.deepEqual(proven, (JSON.parse(ours.stdout) as Verdict).proven, name);
    codes.set(name, code);
  });
  assert.ok([...codes.values()].includes(0) && [...codes.values()].some((code) => code !== 0));
  assert.equal((await byFile(audit, names[0]!)).code, MALFORMED, 'without a trust file');
  writeFileSync(audit.path('nobody.txt'), 'quorum none\n');
  const nobody = await byFile(audit, 'session.vitrine.json', '--trust', 'nobody.txt');
  assert.equal(nobody.code, UNTRUSTED, nobody.stdout);
}

export async function agreesInBrowser(t: TestContext, audit: Case): Promise<void> {
  const browser = await openBrowser(t);
  if (browser === undefined) return;
  const base = await serveFolder(t, audit);
  for (const name of bundlesIn(audit)) {
    const { stdout } = await byFile(audit, name, '--trust', 'trust.txt', '--now', NOW);
    const verdict = await inPage(browser, base, name);
    assert.deepEqual(verdict, JSON.parse(stdout), name);
  }
}

/** One moment for both, in nanoseconds. */
const NOW = String(BigInt(Date.now()) * 1_000_000n + 300_000_000_000n);

async function inPage(browser: Browser, base: string, name: string): Promise<unknown> {
  const page = await browser.newPage();
  try {
    await page.goto(base);
    return await page.evaluate(`(async () => {
      const { verifyBundleAsync } = await import('/${NAME}');
      const get = async (name) => (await fetch('/' + name)).arrayBuffer();
      const bundle = new Uint8Array(await get('${name}'));
      const trust = new TextDecoder().decode(await get('trust.txt'));
      const verdict = await verifyBundleAsync(bundle, trust, { now: ${NOW}n });
      return JSON.parse(JSON.stringify(verdict));
    })()`);
  } finally {
    await page.close();
  }
}

/** The auditor's folder on this machine's own address, which browsers trust as they do https. */
async function serveFolder(t: TestContext, audit: Case): Promise<string> {
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').slice(1);
    const type = name.endsWith('.mjs') ? 'text/javascript' : 'text/html';
    response.setHeader('content-type', type);
    // Browsers ask for an icon by themselves.
    response.statusCode = name === '' || existsSync(audit.path(name)) ? 200 : 404;
    if (name === '') response.end(PAGE);
    else response.end(response.statusCode === 200 ? readFileSync(audit.path(name)) : '');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function bundlesIn({ folder }: Case): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.vitrine.json'));
}

function byFile(audit: Case, ...args: string[]): Promise<Ran> {
  return run([process.execPath, NAME, ...args], { cwd: audit.folder });
}
