/** The tasks behind the npm scripts. Each gets the Node to use and resolves with an exit code. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runUnder } from '../apps/cli/bin/packaged-node.mjs';
import { ROOT } from './install.mjs';

const SHOTS = join(ROOT, 'test', 'shots', 'main.ts');
const SOAK = join(ROOT, 'test', 'soak', 'kills.ts');
const CLI = join(ROOT, 'apps', 'cli', 'bin', 'vitrine.mjs');
const BUILD_DASHBOARD = join(ROOT, 'apps', 'cli', 'bin', 'build-dashboard.mjs');
const DASHBOARD = join(ROOT, 'apps', 'dashboard');
const BIN = join(ROOT, 'node_modules', '.bin');
const TEST = '.test.ts';
/** Tests of the long suites that are no scenario of the whole system: full sizes, other tools. */
const LONG_TEST = '.long.test.ts';
/**
 * Of the long tests that are no scenario, a day has every third one, the next days the others:
 * all of them, `npm run test:acceptance -- all`, take two cores half an hour.
 */
const LONG_DAYS = 3;
const MS_PER_DAY = 86_400_000;
/** Run by name alone: the long suites show the same smaller, and have no time for both. */
const EXTRA_TEST = '.extra.test.ts';
const ACCEPTANCE = join(ROOT, 'test', 'acceptance');
const UNIT_FOLDERS = ['packages', 'connectors', 'apps'];
/** Folders that tools fill: packages, what they compile, what Next makes. */
const NOT_OURS = /^(node_modules|dist|\.next.*)$/;
/** Folders whose tests start and share nothing: a process for each costs more than the file. */
const TOGETHER = ['packages/schema', 'packages/chain', 'packages/detect', 'apps/dashboard'];
const TOGETHER_FILES = join(ROOT, 'node_modules', '.cache', 'vitrine-tests');
const TEST_MINUTES_MAX = 5;
/** One file shows a whole system, with its crashes, restarts and installs. */
const ACCEPTANCE_MINUTES_MAX = 12;
/** Two cores are the floor, and a file waits a third of its time: for a child, for a clock. */
const TEST_FILES_AT_ONCE = 3;

export const TASKS = {
  start: (node, args) => runUnder(node, [CLI, 'up', ...args], { cwd: ROOT }),
  demo: (node, args) => runUnder(node, [CLI, 'demo', ...args], { cwd: ROOT }),
  test: (node, args) =>
    testFiles(node, args.length === 0 ? together(allTests()) : chosen(allTests(), args)),
  acceptance,
  bench,
  build,
  soak,
  shots: (node, args) => runUnder(node, ['--test-reporter=spec', SHOTS, ...args], { cwd: ROOT }),
  check,
};

/** Unit tests beside the code, then what crosses packages; the long suites apart. */
function allTests() {
  return testsUnder([...UNIT_FOLDERS, 'test']).filter(
    (file) => !isLong(file) && !file.startsWith(ACCEPTANCE),
  );
}

function isLong(file) {
  return file.endsWith(LONG_TEST) || file.endsWith(EXTRA_TEST);
}

/** Scenarios of the whole system, every `*.long.test.ts` and every `*.extra.test.ts`. */
function longTests() {
  return testsUnder(['test/acceptance', ...UNIT_FOLDERS, 'test']).filter(
    (file, i, all) => all.indexOf(file) === i && (isLong(file) || file.startsWith(ACCEPTANCE)),
  );
}

function testsUnder(folders) {
  return folders.flatMap((folder) => filesUnder(join(ROOT, folder), TEST));
}

/** One file for each folder of `TOGETHER`, which brings in its tests; other files as they are. */
function together(files) {
  mkdirSync(TOGETHER_FILES, { recursive: true });
  const bundles = TOGETHER.map((folder) => {
    const own = files.filter((file) => file.startsWith(join(ROOT, folder, '/')));
    const path = join(TOGETHER_FILES, `${folder.replace('/', '-')}.test.mjs`);
    const imports = own.map((file) => `await import('${pathToFileURL(file).href}');\n`);
    writeFileSync(path, imports.join(''));
    return { path, own };
  });
  const brought = new Set(bundles.flatMap(({ own }) => own));
  return [...bundles.map(({ path }) => path), ...files.filter((file) => !brought.has(file))];
}

/** `npm test -- chain` runs the files whose path contains the word. */
function chosen(files, words) {
  if (words.length === 0) return files;
  return files.filter((file) => words.some((word) => relative(ROOT, file).includes(word)));
}

function testFiles(node, files, atOnce = TEST_FILES_AT_ONCE, minutesMax = TEST_MINUTES_MAX) {
  if (files.length === 0) return usage('no test file has that in its path');
  const options = [
    '--test',
    `--import=${new URL('compile-cache.mjs', import.meta.url)}`,
    `--test-concurrency=${atOnce}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${new URL('slowest-files.mjs', import.meta.url)}`,
    '--test-reporter-destination=stdout',
    `--test-timeout=${minutesMax * 60_000}`,
  ];
  return runUnder(node, [...options, ...files.map((file) => relative(ROOT, file))], { cwd: ROOT });
}

function ofToday(files) {
  const today = Math.floor(Date.now() / MS_PER_DAY) % LONG_DAYS;
  return files.filter((_, i) => i % LONG_DAYS === today);
}

/** `npm run test:acceptance -- faces` runs that one, or every one of a folder `faces`. */
function acceptance(node, [name]) {
  const files = longTests();
  const isScenario = (file) => file.startsWith(ACCEPTANCE);
  const nameOf = (file) => relative(isScenario(file) ? ACCEPTANCE : ROOT, file);
  const plain = (file) => nameOf(file).replace(/(\.long|\.extra)?\.test\.ts$/, '');
  const long = files.filter((file) => file.endsWith(LONG_TEST));
  const scenarios = files.filter(isScenario);
  const isNamed = (file) => `/${plain(file)}/`.includes(`/${name}/`);
  const meant =
    name === undefined
      ? [...scenarios, ...ofToday(long)]
      : name === 'all'
        ? [...scenarios, ...long]
        : files.filter(isNamed);
  if (meant.length === 0) {
    return usage(`there is no acceptance test ${name}; there are: ${files.map(plain).join(', ')}`);
  }
  return testFiles(node, meant, TEST_FILES_AT_ONCE, ACCEPTANCE_MINUTES_MAX);
}

/**
 * `npm run soak -- 300` kills the system three hundred times under load; 200 when nothing is said.
 */
function soak(node, [kills = '200']) {
  if (!/^[1-9]\d{0,5}$/.test(kills)) return usage(`${kills} is no number of kills`);
  const args = ['--test', '--test-reporter=spec', SOAK];
  return runUnder('env', [`VITRINE_CRASH_KILLS=${kills}`, node, ...args], { cwd: ROOT });
}

/** `npm run bench -- ingest 10` runs `test/bench/ingest.ts` with 10; without a name all of them. */
async function bench(node, [name, ...rest]) {
  const dir = join(ROOT, 'test', 'bench');
  const files = filesIn(dir, '.ts');
  const nameOf = (file) => relative(dir, file).slice(0, -'.ts'.length);
  const meant = name === undefined ? files : files.filter((file) => nameOf(file) === name);
  if (meant.length === 0) {
    return usage(`there is no benchmark ${name}; there are: ${files.map(nameOf).join(', ')}`);
  }
  for (const file of meant) {
    const code = await runUnder(node, [file, ...rest], { cwd: ROOT });
    if (code !== 0) return code;
  }
  return 0;
}

/** Declarations of the packages, what is one file, then the dashboard. */
async function build(node) {
  const code = await runTool(node, 'tsc', ['-b']);
  if (code !== 0) return code;
  // Not above: this file is loaded before packages are installed.
  const { buildVerifier } = await import('./verifier.mjs');
  await buildVerifier();
  const { buildRelayFile } = await import('./relay-file.mjs');
  for (const [path, { bytes }] of Object.entries((await buildRelayFile()).outputs)) {
    console.log(`${path}: ${bytes} bytes`);
  }
  return runUnder(node, [BUILD_DASHBOARD], { cwd: ROOT });
}

/** Types, format and lint, unused code, structure: all of them, whichever fails. */
async function check(node) {
  const steps = [
    ['types', () => runTool(node, 'tsc', ['-b'])],
    ['dashboard types', () => dashboardTypes(node)],
    ['format and lint', () => runTool(node, 'biome', ['check', '.'])],
    ['unused code', () => runTool(node, 'knip', [])],
    ['structure', () => testFiles(node, [join(ROOT, 'test', 'structure.test.ts')])],
  ];
  const results = [];
  for (const [what, run] of steps) {
    console.log(`\n${what}`);
    const started = Date.now();
    const code = await run();
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    results.push([what, code, seconds]);
  }
  console.log('');
  for (const [what, code, seconds] of results) {
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${what} (${seconds} s)`);
  }
  return results.every(([, code]) => code === 0) ? 0 : 1;
}

/** Next writes the types of its routes first; `tsc` reads them. */
async function dashboardTypes(node) {
  const typegen = ['NEXT_TELEMETRY_DISABLED=1', node, join(BIN, 'next'), 'typegen'];
  const generated = await runUnder('env', typegen, { cwd: DASHBOARD });
  return generated === 0 ? runTool(node, 'tsc', ['-p', DASHBOARD]) : generated;
}

/** A tool of node_modules/.bin, under the packaged Node. */
function runTool(node, name, args) {
  return runUnder(node, [join(BIN, name), ...args], { cwd: ROOT });
}

function usage(message) {
  console.error(`error USAGE: ${message}`);
  return 2;
}

function filesUnder(dir, ending) {
  return readdirSync(dir, { withFileTypes: true })
    .flatMap((entry) => {
      if (NOT_OURS.test(entry.name)) return [];
      const path = join(dir, entry.name);
      if (entry.isDirectory()) return filesUnder(path, ending);
      return entry.name.endsWith(ending) ? [path] : [];
    })
    .sort();
}

function filesIn(dir, ending) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith(ending) && (ending === TEST || !name.endsWith(TEST)))
    .map((name) => join(dir, name))
    .sort();
}
