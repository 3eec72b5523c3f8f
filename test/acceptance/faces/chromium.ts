/**
 * Finds a browser for the tests: the one that `CHROMIUM_PATH` names, Debian's, or one that npm
 * brings, kept with the other things that are made and not part of the project.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../path/collector-process.ts';

const DEBIAN = '/usr/bin/chromium';
const CACHE = join(REPOSITORY, 'node_modules/.cache/vitrine/chromium');
/** No dependency: 75 MB that only a machine without a browser needs, and only for these tests. */
const PACKAGE = '@sparticuz/chromium';
const VERSION = '153.0.0';
const INSTALL_MS_MAX = 180_000;

/** The path of a browser; `undefined` where there is none and npm brings none. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined) return existsSync(named) ? named : undefined;
  return existsSync(DEBIAN) ? DEBIAN : chromiumOfNpm();
}

/** Installs it when it is not in the cache yet, and unpacks it beside. */
function chromiumOfNpm(): string | undefined {
  const module = join(CACHE, 'node_modules', PACKAGE);
  if (!existsSync(module)) {
    console.log(`installing ${PACKAGE} ${VERSION} (75 MB) into ${CACHE}`);
    mkdirSync(CACHE, { recursive: true });
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    const args = ['install', '--prefix', CACHE, ...quiet, `${PACKAGE}@${VERSION}`];
    const { status } = spawnSync('npm', args, { stdio: 'inherit', timeout: INSTALL_MS_MAX });
    if (status !== 0) return undefined;
  }
  const code = `
    const { default: chromium } = await import(${JSON.stringify(PACKAGE)});
    console.log(await chromium.executablePath());`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: CACHE,
    // It unpacks itself there.
    env: { ...process.env, TMPDIR: CACHE },
    encoding: 'utf8',
    timeout: INSTALL_MS_MAX,
  });
  const path = stdout.trim();
  return path !== '' && existsSync(path) ? path : undefined;
}
