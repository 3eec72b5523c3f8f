/**
 * `npm run demo` as the first command on a fresh clone, and a second time on a machine that lacks
 * the tracer and the sandbox: what it prints, how fast, and what is left when it has ended.
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freshClone, isInstallTested, lendPackages, programsWithout } from './clone.ts';
import { Stage } from './collector-process.ts';
import { descendantsOf, isAlive } from './processes.ts';
import { Program, run, userEnvironment } from './program.ts';
import { works } from './requirement.ts';
import { until } from './until.ts';

const ALERT_MS_MAX = 2_000;
const READY_S_MAX = 5;
/** With the packages to download. */
const STORY_MS_MAX = 300_000;
const GONE_MS_MAX = 10_000;
const LAST_LINE = 'npx --no vitrine run -- bash';
const TOOLS = ['bwrap', 'strace'];
const DEMO = ['npm', 'run', 'demo', '--'];
/** Packages that are only lent lie outside the clone, where Next does not build from. */
const DASHBOARD = isInstallTested() ? [] : ['--no-dashboard'];

interface Place {
  /** The clone. */
  dir: string;
  env: NodeJS.ProcessEnv;
  /** Where temporary files go. */
  temporary: string;
}

interface Story {
  origin: string;
  /** Leaves of the log at the start; 0 of a new one. */
  leaves: number;
  readyS: number;
  /** The session that the alert is about. */
  session: string;
}

export async function tellsTheStory(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  const temporary = join(stage.dir, 'tmp');
  mkdirSync(temporary);
  const dir = join(stage.dir, 'clone');
  freshClone(dir);
  const place = { dir, temporary, env: userEnvironment({ TMPDIR: temporary }) };
  await t.test('says first what it would download', () => announces(stage, place));
  if (!isInstallTested()) {
    t.diagnostic('packages are lent by this checkout: VITRINE_ACCEPTANCE_INSTALL=1 installs them');
    lendPackages(dir);
  }
  const readyS: number[] = [];
  let first: Story | undefined;
  await t.test('as the first command', async () => {
    first = await firstCommand(stage, place);
  });
  await t.test('again, without strace and bubblewrap, until Ctrl-C', async () => {
    assert.ok(first !== undefined, 'there was no first time');
    readyS.push(await secondTime(stage, place, first));
  });
  await t.test('Ctrl-C in the middle ends everything', async () => {
    readyS.push(await interrupted(stage, place));
  });
  await t.test('is soon ready on data that is there', () => {
    assert.equal(readyS.length, 2);
    // What else this machine does may slow one of them down.
    assert.ok(Math.min(...readyS) <= READY_S_MAX, `ready after ${readyS.join(' s, ')} s`);
  });
}

/** With an npm that fails: what is printed before anything is downloaded, and the failure. */
async function announces({ dir: stageDir }: Stage, { dir, env }: Place): Promise<void> {
  const bin = join(stageDir, 'broken-npm');
  mkdirSync(bin);
  writeFileSync(join(bin, 'npm'), '#!/bin/sh\necho no network >&2\nexit 1\n');
  chmodSync(join(bin, 'npm'), 0o755);
  const broken = { ...env, PATH: `${bin}:${env.PATH}` };
  const { code, stdout, stderr } = await run(['node', 'scripts/first.mjs', 'demo', '--exit'], {
    cwd: dir,
    env: broken,
  });
  assertAnnounced(stdout);
  assert.equal(code, 1);
  assert.match(stderr, /^error INSTALL_FAILED: /m);
  assert.match(stderr, /^ {2}hint: /m);
  assert.match(stderr, /no network/);
}

function assertAnnounced(stdout: string): void {
  const [, download, disk] = /about (\d+) MB to download, (\d+) MB on disk/.exec(stdout) ?? [];
  assert.ok(Number(download) > 100 && Number(disk) > 500, stdout);
}

async function firstCommand(stage: Stage, { dir, env, temporary }: Place): Promise<Story> {
  const demo = started(stage, [...DEMO, '--exit', ...DASHBOARD], { dir, env });
  await demo.says(/^\s*\| uploaded \S+: 200 /m, STORY_MS_MAX);
  const uploadedAt = performance.now();
  await demo.says(/^ALERT /m);
  const elapsed = performance.now() - uploadedAt;
  const { code, stdout, stderr } = await demo.ended;
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.ok(elapsed <= ALERT_MS_MAX, `the alert was seen ${elapsed} ms after the upload`);
  if (isInstallTested()) assertInstalled(stdout);
  const story = assertStory(stdout);
  if (TOOLS.every((tool) => works(tool, '--version'))) assert.doesNotMatch(stdout, /absent/);
  assert.deepEqual(leftIn(temporary), [], 'temporary files are left');
  return story;
}

function assertInstalled(stdout: string): void {
  assertAnnounced(stdout);
  assert.match(stdout, /^ {2}\d+ s: node_modules has \d+ of about \d+ MB$/m);
  assert.match(stdout, /^installed in \d+ s, \d+ MB on disk$/m);
}

/** What it must print, whatever the machine has. */
function assertStory(stdout: string): Story {
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.at(-1)?.trim(), LAST_LINE);
  assert.match(stdout, /^ +API +http:\/\/127\.0\.0\.1:\d+ .*admin\.token/m);
  assert.match(stdout, /^ +data +\.vitrine$/m);
  const alerts = lines.filter((line) => line.startsWith('ALERT'));
  assert.equal(alerts.length, 1, 'one alert: the twin is silent');
  const block = blockOf(lines);
  assert.match(block, /^ALERT +critical +\S.+$/m);
  assert.match(block, /^ +rule +EGR-001$/m);
  assert.match(block, /^ +seen by +boundary\b/m);
  assert.match(block, /^ +to do +\S.+$/m);
  const shown = /^ +shown +(\d+) ms after the first upload$/m.exec(block)?.[1];
  assert.ok(Number(shown) <= ALERT_MS_MAX, `shown ${shown} ms after the upload`);
  if (DASHBOARD.length === 0) assertDashboard(stdout, block);
  const twin = stdout.slice(stdout.indexOf('foreign-key.benign'));
  assert.match(twin, /uploaded \S+: 200 /);
  assert.match(twin, /no alert: detection has read all/);
  const [, origin, leaves] =
    /^ +log +(\S+), (?:new|goes on with ([\d,]+) leaves)$/m.exec(stdout) ?? [];
  const readyS = readyAfterS(stdout);
  const session = /^ +session +(foreign-key-\S+)$/m.exec(block)?.[1];
  assert.ok(origin !== undefined && session !== undefined && readyS > 0, stdout);
  return { origin, leaves: Number((leaves ?? '0').replaceAll(',', '')), readyS, session };
}

/** A link to watch it all before anything is played, and one to the alert at the end. */
function assertDashboard(stdout: string, alert: string): void {
  const watch = /^ +Watch it here: (http:\/\/127\.0\.0\.1:\d+)\/login#code=\S+$/m.exec(stdout);
  assert.ok(watch !== null && watch.index < stdout.indexOf('uploaded'), stdout);
  const look = /^ +look +(\S+)$/m.exec(alert)?.[1];
  assert.match(look ?? '', new RegExp(`^${watch[1]}/alerts\\?a=\\d+$`));
  assert.ok(stdout.includes('From the alert to a verified row takes two clicks'));
  assert.ok(stdout.lastIndexOf(look!) > stdout.indexOf('two clicks'));
}

/** The lines of the alert, up to the next empty one. */
function blockOf(lines: string[]): string {
  const first = lines.findIndex((line) => line.startsWith('ALERT'));
  const end = lines.indexOf('', first);
  return lines.slice(first, end).join('\n');
}

/** On the same data, on a machine without the two tools; returns the seconds until it was ready. */
async function secondTime(stage: Stage, place: Place, first: Story): Promise<number> {
  const bin = programsWithout(join(stage.dir, 'bin'), TOOLS);
  const lacking = { ...place, env: { ...place.env, PATH: bin } };
  const demo = started(stage, [...DEMO, ...DASHBOARD], lacking);
  await demo.says(new RegExp(`^ +${LAST_LINE}$`, 'm'), STORY_MS_MAX);
  const story = assertStory(demo.stdout);
  assert.equal(story.origin, first.origin);
  assert.ok(story.leaves > first.leaves, `${story.leaves} leaves`);
  assert.match(demo.stdout, /^ +strace is not installed; these rows will be absent: .*file\.\*/m);
  assert.match(demo.stdout, /^ +bubblewrap is not installed; /m);
  const remedies = demo.stdout.split('\n').filter((line) => line.includes('apt-get'));
  assert.equal(remedies.length, 1);
  for (const name of ['bubblewrap', 'strace']) assert.ok(remedies[0]!.includes(name));
  await assertSeenByProxyAlone(lacking, story.session);
  await endsEverything(demo, lacking);
  return story.readyS;
}

/** The rows of the session: the proxy's are there, the tracer's are not. */
async function assertSeenByProxyAlone({ dir, env }: Place, session: string): Promise<void> {
  const vitrine = ['npx', '--no', 'vitrine', 'events', '--session', session, '--limit', '500'];
  const { code, stdout, stderr } = await run([...vitrine, '--json'], { cwd: dir, env });
  assert.equal(code, 0, stderr);
  const kinds = (JSON.parse(stdout) as { kind: string }[]).map((item) => item.kind);
  assert.ok(kinds.includes('egress.request'));
  assert.deepEqual(
    kinds.filter((kind) => /^(file|process)\./.test(kind)),
    [],
  );
}

async function interrupted(stage: Stage, place: Place): Promise<number> {
  const demo = started(stage, [...DEMO, ...DASHBOARD], place);
  await demo.says(/^\s*\| reading /m);
  await endsEverything(demo, place);
  return readyAfterS(demo.stdout);
}

function readyAfterS(stdout: string): number {
  return Number(/ready after ([\d.]+) s/.exec(stdout)?.[1]);
}

/** Ctrl-C, and afterwards nothing runs and nothing lies about. */
async function endsEverything(demo: Program, { temporary }: Place): Promise<void> {
  const before = descendantsOf(demo.pid);
  assert.ok(before.length > 2, `${before.length} processes`);
  demo.interrupt();
  await demo.ended;
  await until('everything has ended', GONE_MS_MAX, () => !before.some(isAlive) || undefined);
  assert.deepEqual(leftIn(temporary), [], 'temporary files are left');
}

/**
 * npm's output is kept on purpose: its place is said when an install fails. npm itself leaves its
 * compiled code there, under a Node that can.
 */
function leftIn(temporary: string): string[] {
  const kept = /^(vitrine-npm-ci-.*|node-compile-cache)$/;
  return readdirSync(temporary).filter((name) => !kept.test(name));
}

function started(stage: Stage, command: string[], { dir, env }: Omit<Place, 'temporary'>): Program {
  const demo = new Program(command, { cwd: dir, env, group: true });
  stage.atEnd(async () => {
    demo.interrupt();
    await demo.ended;
  });
  return demo;
}
