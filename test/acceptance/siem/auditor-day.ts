/**
 * Point 7, as one journey: an auditor takes the trust file, comes again after an incident, takes
 * one bundle away and judges it without any network, in Node and in a browser; then somebody's
 * prompt is redacted, an older log is put in place of this one, and he looks who has looked.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Case } from '../auditor/case.ts';
import { agreesInBrowser, takesTheFile } from '../auditor/one-file.ts';
import { leavesNoByte } from '../auditor/redaction.ts';
import { select } from '../path/clickhouse.ts';
import { REPOSITORY, Stage } from '../path/collector-process.ts';
import { closedEventsOf } from '../path/events.ts';
import { run, userEnvironment } from '../path/program.ts';
import { isGiven, works } from '../path/requirement.ts';
import { System, VITRINE } from '../path/system.ts';
import { until } from '../path/until.ts';

const SESSION = 'the-day';
const BUNDLE = 'day.vitrine.json';
const VERIFIER = 'vitrine-verify.mjs';
const SEEN_MS_MAX = 20_000;
const [TAMPERED, UNTRUSTED] = [1, 4];

export async function spendsTheDay(t: TestContext): Promise<void> {
  const given = works('bwrap', '--version') && works('strace', '-V');
  if (!isGiven(t, given, 'bubblewrap and strace are not here')) return;
  const audit = await Case.open(t);
  const secret = randomBytes(2_000);
  const older = await asItWasBefore(t, audit);
  const prompt = await actsInSandbox(audit, secret);
  await t.test('he takes a bundle that says all of the session', () => takesBundle(audit));
  await t.test('it is proven with no network, and an altered one is not', () => judges(audit));
  await t.test('in a browser as in Node', async (c) => {
    await getsVerifier(audit);
    await agreesInBrowser(c, audit);
  });
  await t.test('a report for his papers', () => printsReport(audit));
  await t.test('a prompt is redacted: nowhere, and the proof is still 0', async () => {
    await leavesNoByte(audit, secret, prompt, SESSION);
    await isGoneEverywhere(audit, secret);
  });
  await t.test('an older log in its place is refused by his pin', () => refusesOlder(audit, older));
  await t.test('he sees who looked', () => seesWhoLooked(audit));
}

/** A backup of that morning, with the key: what somebody who holds the machine has anyway. */
async function asItWasBefore(t: TestContext, audit: Case): Promise<Stage> {
  const stage = new Stage(t);
  await audit.system.text('backup', join(stage.dir, 'copy'), '--keys');
  return stage;
}

/** A real agent in a real sandbox; its prompt holds what nobody else would write. */
async function actsInSandbox(audit: Case, secret: Buffer): Promise<string> {
  const { system } = audit;
  const workspace = join(system.dir, 'day');
  mkdirSync(workspace);
  const part = { bytesValue: secret.toString('base64') };
  const record = {
    timeUnixNano: `${Date.now()}000000`,
    eventName: 'prompt.submit',
    attributes: [{ key: 'vitrine.part.prompt', value: part }],
  };
  const body = { resourceLogs: [{ resource: {}, scopeLogs: [{ logRecords: [record] }] }] };
  writeFileSync(join(workspace, 'body.json'), JSON.stringify(body));
  writeFileSync(join(workspace, 'agent.mjs'), AGENT);
  const told = await system.cli(
    ...['run', '--session', SESSION, '--workspace', workspace],
    ...['--', '/run/vitrine/node', 'agent.mjs'],
  );
  assert.equal(told.code, 0, told.stderr);
  const events = await closedEventsOf(system, SESSION);
  const prompt = events.find(({ kind }) => kind === 'prompt.submit');
  assert.ok(prompt !== undefined, events.map(({ kind }) => kind).join());
  return `${prompt.log}/${prompt.index}`;
}

const AGENT = `
import { readFileSync, rmSync } from 'node:fs';
const url = process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/logs';
const headers = { 'content-type': 'application/json' };
const answer = await fetch(url, { method: 'POST', headers, body: readFileSync('body.json') });
if (!answer.ok) throw new Error(await answer.text());
rmSync('body.json');
`;

async function takesBundle(audit: Case): Promise<void> {
  await audit.export(BUNDLE, '--session', SESSION, '--pin', audit.path('first.pin'));
  const said = await audit.assertCode(0, BUNDLE, '--pin', 'first.pin', ...COMPLETE);
  assert.match(said, /nothing is missing/);
}

const COMPLETE = ['--require-closed', '--require-lossless', '--require-parts'];

async function judges(audit: Case): Promise<void> {
  const inside = ['bwrap', '--dev-bind', '/', '/', '--unshare-net', '--'];
  const words = ['verify', BUNDLE, '--trust', 'trust.txt', '--pin', 'first.pin', ...COMPLETE];
  const launching = { cwd: audit.folder, env: userEnvironment() };
  const offline = await run([...inside, ...VITRINE, ...words], launching);
  assert.equal(offline.code, 0, offline.stdout + offline.stderr);
  const altered = audit.change(BUNDLE, 'prompt.submit', 'prompt.answer');
  await audit.assertCode(TAMPERED, altered, '--pin', 'first.pin');
}

async function getsVerifier(audit: Case): Promise<void> {
  const built = join(REPOSITORY, 'dist', VERIFIER);
  if (existsSync(built)) copyFileSync(built, audit.path(VERIFIER));
  else await takesTheFile(audit);
}

async function printsReport(audit: Case): Promise<void> {
  await audit.assertCode(0, BUNDLE, '--pin', 'first.pin', '--report', 'day.html');
  const page = audit.text('day.html');
  for (const words of [SESSION, BUNDLE, 'trust.txt']) assert.ok(page.includes(words), words);
  assert.match(page, /every event was captured/i);
}

/** Database, and a bundle that is made now; the files of the system were searched before. */
async function isGoneEverywhere(audit: Case, secret: Buffer): Promise<void> {
  const held = `SELECT count() AS n FROM parts WHERE position(data, unhex('${secret
    .subarray(0, 32)
    .toString('hex')}')) > 0`;
  const [row] = await select<{ n: string | number }>(audit.system.run, held);
  assert.equal(Number(row?.n), 0, 'the database has it');
  await audit.export('after.vitrine.json', '--session', SESSION);
  const after = audit.text('after.vitrine.json');
  assert.ok(audit.text(BUNDLE).includes(pieceOf(secret)), 'it never was in a bundle');
  assert.ok(!after.includes(pieceOf(secret)), 'a new bundle has it');
  const said = await audit.assertCode(0, 'after.vitrine.json', '--require-closed');
  assert.match(said, /redact/i);
}

/** As a bundle writes it, whatever stands before: a multiple of three bytes from the start. */
function pieceOf(secret: Buffer): string {
  return secret.subarray(0, 300).toString('base64');
}

/** Who holds the machine puts the morning's log back; the pin of the evening tells. */
async function refusesOlder(audit: Case, older: Stage): Promise<void> {
  const pin = audit.path('evening.pin');
  const trust = ['--trust', audit.path('trust.txt')];
  await audit.system.text('checkpoint', ...trust, '--pin', pin);
  const rebuild = ['rebuild', '--from', join(older.dir, 'copy'), '--data', older.data];
  const inOrder = await audit.system.cli(...rebuild, '--pin', pin);
  assert.notEqual(inOrder.code, 0, 'it would publish a smaller tree than it once did');
  await audit.system.text(...rebuild);
  const system = await System.up(older);
  const asked = await system.cli('checkpoint', ...trust, '--pin', pin);
  assert.notEqual(asked.code, 0, asked.stdout);
  assert.match(asked.stderr, /^error [A-Z_]+: .*pin/m);
  await system.text('export', '--session', 'audited', '-o', audit.path('morning.vitrine.json'));
  await audit.assertCode(0, 'morning.vitrine.json');
  await audit.assertCode(UNTRUSTED, 'morning.vitrine.json', '--pin', 'evening.pin');
  await system.stop();
}

/** Every look at content is a record; who is no auditor does not see them. */
async function seesWhoLooked(audit: Case): Promise<void> {
  const { system } = audit;
  const words = ['token', 'create', '--role', 'analyst', '--note', 'the curious one'];
  const { token } = await system.json<{ token: string }>(...words);
  const named = await system.json<{ id: string; note: string }[]>('token', 'list');
  const { id } = named.find(({ note }) => note === 'the curious one')!;
  const { log, index } = (await audit.events())[3]!;
  assert.ok(!(await access(audit)).includes(id), 'nobody has looked yet');
  const part = await audit.get(`/v1/events/${log}/${index}/parts/prompt`, token);
  assert.equal(part.status, 200);
  await until('the look', SEEN_MS_MAX, async () => {
    return (await access(audit)).includes(id) ? true : undefined;
  });
  const told = await access(audit);
  const looks = told.split('\n').filter((line) => line.includes(id));
  assert.ok(
    looks.some((line) => line.includes(`${log}/${index}`)),
    looks.join('\n'),
  );
  assert.match(told, new RegExp(`"kind":"redact"[^\\n]*"chain":"${SESSION}/`));
  assert.equal((await audit.get('/v1/pull/access', token)).status, 403);
}

async function access(audit: Case): Promise<string> {
  const answer = await audit.get('/v1/pull/access?from=earliest&limit=5000');
  assert.equal(answer.status, 200);
  return answer.text();
}
