/** The tasks behind the npm scripts. Each gets the Node to run under and resolves with an exit code. */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runUnder } from '../apps/cli/bin/packaged-node.mjs';
import { ROOT } from './install.mjs';

const CLI = join(ROOT, 'apps', 'cli', 'bin', 'vitrine.mjs');
const BIN = join(ROOT, 'node_modules', '.bin');
const UNIT_FOLDERS = ['packages', 'connectors', 'apps'];
const TEST_MINUTES_MAX = 5;
/** Two cores are the floor; more files at once only make timings noisy there. */
const TEST_FILES_AT_ONCE = 2;

export const TASKS = {
  start: (node, args) => runUnder(node, [CLI, 'up', ...args], { cwd: ROOT }),
  demo: (node, args) => runUnder(node, [CLI, 'demo', ...args], { cwd: ROOT }),
  test: (node, args) => testFiles(node, chosen(allTests(), args)),
  acceptance: (node, args) => named('acceptance', '.test.ts', node, args),
  bench: (node, args) => named('bench', '.ts', node, args),
  build: (node) => runTool(node, 'tsc', ['-b']),
  check,
};

/** Unit tests beside the code, then the integration tests of `test/`. */
function allTests() {
  const unit = UNIT_FOLDERS.flatMap((folder) => filesUnder(join(ROOT, folder), '.test.ts'));
  return [...unit, ...filesIn(join(ROOT, 'test'), '.test.ts')];
}

/** `npm test -- chain` runs the files whose path contains the word. */
function chosen(files, words) {
  if (words.length === 0) return files;
  return files.filter((file) => words.some((word) => relative(ROOT, file).includes(word)));
}

function testFiles(node, files) {
  if (files.length === 0) return usage('no test file has that in its path');
  const options = [
    '--test',
    `--test-concurrency=${TEST_FILES_AT_ONCE}`,
    '--test-reporter=spec',
    `--test-timeout=${TEST_MINUTES_MAX * 60_000}`,
  ];
  return runUnder(node, [...options, ...files.map((file) => relative(ROOT, file))], { cwd: ROOT });
}

/** Runs `test/<folder>/<name><ending>`, or all of them without a name. */
async function named(folder, ending, node, [name, ...rest]) {
  const dir = join(ROOT, 'test', folder);
  const files = filesIn(dir, ending);
  const names = files.map((file) => relative(dir, file).slice(0, -ending.length));
  if (name !== undefined && !names.includes(name)) {
    return usage(`there is no ${folder} ${name}; there are: ${names.join(', ') || 'none'}`);
  }
  const wanted = name === undefined ? files : [join(dir, `${name}${ending}`)];
  if (ending === '.test.ts') return testFiles(node, wanted);
  for (const file of wanted) {
    const code = await runUnder(node, [file, ...rest], { cwd: ROOT });
    if (code !== 0) return code;
  }
  return 0;
}

/** Types, format and lint, unused code, structure: all of them, whichever fails. */
async function check(node) {
  const steps = [
    ['types', () => runTool(node, 'tsc', ['-b'])],
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
      if (entry.name === 'node_modules' || entry.name === 'dist') return [];
      const path = join(dir, entry.name);
      if (entry.isDirectory()) return filesUnder(path, ending);
      return entry.name.endsWith(ending) ? [path] : [];
    })
    .sort();
}

function filesIn(dir, ending) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith(ending) && (ending !== '.ts' || !name.endsWith('.test.ts')))
    .map((name) => join(dir, name))
    .sort();
}
