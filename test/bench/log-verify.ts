/**
 * How long a bundle of 10,000 events takes to verify: in Node, and with the one-file verifier in a
 * real browser, the same file. `npm run bench -- log-verify 10000`
 */
import { existsSync, readFileSync } from 'node:fs';
import { verifyBundle } from '@vitrine/chain';
import { type Browser, chromium } from 'playwright-core';
import { RIG_TRUST, rigSession } from '../../packages/chain/src/verify/rig.ts';
import { findChromium } from '../acceptance/faces/chromium.ts';
import {
  printFigure,
  printMachine,
  printTimes,
  sizeAsked,
  timed,
  timedRuns,
} from './measure/bench.ts';

const NODE_MS_MAX = 50;
const BROWSER_MS_MAX = 300;
const RUNS = 15;
const KILOBYTE = 1_000;
const VERIFIER = new URL('../../dist/vitrine-verify.mjs', import.meta.url);
/** Never connected to: requests are answered here. Browsers have WebCrypto for such names only. */
const PAGE = 'http://localhost';

const events = sizeAsked(10_000);
const bundle = rigSession(events, true).session('s1');

function verify(): void {
  const { code, failure } = verifyBundle(bundle, RIG_TRUST);
  if (code !== 0) throw new Error(`${code} ${failure?.step}`);
}

async function inNode(): Promise<void> {
  const { ms } = await timed(verify);
  console.log(`first in this process              ${ms.toFixed(0)} ms, code not yet compiled`);
  const bound = { is: 'at most', value: NODE_MS_MAX } as const;
  printTimes('verified in Node', await timedRuns(RUNS, verify), bound);
}

async function inBrowser(browser: Browser): Promise<void> {
  const page = await browser.newPage();
  const answers: Record<string, { contentType: string; body: string | Buffer }> = {
    '/': { contentType: 'text/html', body: '<!doctype html>' },
    '/verify.mjs': { contentType: 'text/javascript', body: readFileSync(VERIFIER) },
    '/bundle': { contentType: 'application/json', body: bundle },
  };
  await page.route('**/*', (route) =>
    route.fulfill(answers[new URL(route.request().url()).pathname]!),
  );
  await page.goto(`${PAGE}/`);
  const runs = await page.evaluate(inPage, { trust: RIG_TRUST, count: RUNS });
  console.log(
    `first in this page                 ${runs[0]!.toFixed(0)} ms, code not yet compiled`,
  );
  const bound = { is: 'at most', value: BROWSER_MS_MAX } as const;
  printFigure(
    `verified in Chromium ${browser.version().split('.')[0]}`,
    runs.slice(1),
    'ms',
    bound,
  );
}

/** Runs in the page: knows nothing of this file. */
async function inPage({ trust, count }: { trust: string; count: number }): Promise<number[]> {
  const path = '/verify.mjs';
  const { verifyBundleAsync } = await import(path);
  const bytes = new Uint8Array(await (await fetch('/bundle')).arrayBuffer());
  const runs: number[] = [];
  for (let run = 0; run <= count; run++) {
    const started = performance.now();
    const { code } = await verifyBundleAsync(bytes, trust, {});
    runs.push(performance.now() - started);
    if (code !== 0) throw new Error(`the verdict is ${code}`);
  }
  return runs;
}

printMachine();
console.log(`bundle   ${events} events of one chain, ${Math.round(bundle.length / KILOBYTE)} kB`);
await inNode();
const path = findChromium();
if (path === undefined) console.log('no browser: install chromium, or name one in CHROMIUM_PATH');
else if (!existsSync(VERIFIER)) console.log('no dist/vitrine-verify.mjs: npm run build makes it');
else {
  const args = ['--no-sandbox', '--disable-dev-shm-usage'];
  const browser = await chromium.launch({ executablePath: path, args });
  try {
    await inBrowser(browser);
  } finally {
    await browser.close();
  }
}
