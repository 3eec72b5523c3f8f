/**
 * `npm run shots`: pictures of every page and state of the dashboard, wide and narrow, dark and
 * light, over a real system with real data. `npm run shots -- alert` takes those whose name begins
 * with the word. A page that throws or asks another host fails its picture.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { Tab } from '../acceptance/faces/browser.ts';
import { House } from '../acceptance/faces/house.ts';
import { adminToken } from '../acceptance/path/api.ts';
import { REPOSITORY, Stage } from '../acceptance/path/collector-process.ts';
import { JSON_TYPE, post } from '../acceptance/path/otlp.ts';
import { Receiver } from '../acceptance/path/receiver.ts';
import { System } from '../acceptance/path/system.ts';
import { Album, SCHEMES, WIDTHS } from './album.ts';
import { SCENES, type Scene, type Subject } from './scenes.ts';

const RECORDING = join(REPOSITORY, 'test/vectors/claude-code/otlp-json.jsonl');
const HEIGHTS = { 1280: 800, 390: 844 };
const SETTLED_MS_MAX = 30_000;
/** What pages say while they wait; some of it only to screen readers. */
const WAITING = /\b[Ll]oading\b|^Looking|^Reading part|^Verifying in/;
const STILL_MS = 400;

/** More than the demonstration has alerts. */
const REFUSALS = 1_000;

/** One that is refused and has dead letters, one that nobody hears, one that lacks its secret. */
function connectorsOf(refusing: string, secret: string): string {
  return `connectors:
  soc-webhook: {type: webhook, url: '${refusing}', allow: [loopback], secret: {file: ${secret}}}
  splunk:
    type: splunk-hec
    url: https://127.0.0.1:9
    allow: [loopback]
    token: {file: ${secret}}
  qradar: {type: syslog, host: 127.0.0.1, port: 9, transport: udp, payload: leef, allow: [loopback]}
  sentinel:
    type: sentinel
    tenant: contoso.example
    client_id: 11111111-2222-3333-4444-555555555555
    client_secret: {env: NO_SUCH_VARIABLE}
    endpoint: https://nowhere.invalid
    rule: dcr-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a
`;
}

interface Recorded {
  url: string;
  body: unknown;
}

test('pictures of the dashboard', async (t) => {
  const refusing = new Receiver();
  refusing.answers.push(...Array<number>(REFUSALS).fill(422));
  await refusing.open();
  t.after(() => refusing.close());
  const secret = join(new Stage(t).dir, 'secret');
  writeFileSync(secret, `whsec_${Buffer.alloc(32, 'shots').toString('base64')}`);
  const house = await House.open(t, true, connectorsOf(refusing.url, secret));
  if (house === undefined) return;
  const words = process.argv.slice(2);
  const meant = SCENES.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.startsWith(word)),
  );
  assert.ok(meant.length > 0, `no picture begins with ${words.join(' or ')}`);
  const subject = await subjectOf(t, house);
  const album = new Album();
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      const size = { width, height: HEIGHTS[width], colorScheme };
      const tab = await house.tab('/', size);
      for (const scene of meant) {
        const at = album.place(scene.name, width, colorScheme);
        await t.test(`${scene.name}, ${width} px, ${colorScheme}`, async () => {
          const own = await tabFor(scene, subject, size);
          await take(own ?? tab, scene, subject, at);
          await own?.close();
        });
      }
      await tab.close();
    }
  }
  console.log(`look at ${album.writeIndex()}`);
});

/** A tab of its own for those who are not logged in, or at the other system. */
async function tabFor(
  scene: Scene,
  { house, empty }: Subject,
  size: { width: number; height: number; colorScheme: 'dark' | 'light' },
): Promise<Tab | undefined> {
  if (scene.stranger) return Tab.open(house.browser, house.base, size);
  if (!scene.empty) return undefined;
  const tab = await Tab.open(house.browser, empty.base, size);
  await tab.go(await empty.link());
  await tab.page.waitForURL((url) => url.pathname === '/');
  return tab;
}

async function take(tab: Tab, scene: Scene, subject: Subject, at: string): Promise<void> {
  const { page } = tab;
  const { wire } = subject.house;
  const faults = tab.faults.length;
  try {
    scene.before?.(subject);
    await tab.go(scene.path(subject));
    if (scene.atMs === undefined) await settled(page);
    else await page.waitForTimeout(scene.atMs);
    await scene.after?.(page, subject);
    await page.screenshot({ path: at, fullPage: true, animations: 'disabled' });
  } finally {
    wire.restore();
    wire.cut();
  }
  assert.deepEqual(tab.faults.slice(faults), []);
}

/** Nothing is waited for any more, the fonts are there, and it has been still for a moment. */
async function settled(page: Page): Promise<void> {
  const busy = page.locator('[aria-busy="true"]').or(page.getByText(WAITING));
  const deadline = Date.now() + SETTLED_MS_MAX;
  await page.waitForTimeout(STILL_MS);
  while ((await busy.count()) > 0 && Date.now() < deadline) await page.waitForTimeout(STILL_MS / 4);
  await page.evaluate('document.fonts.ready.then(() => undefined)');
  await page.waitForTimeout(STILL_MS);
}

async function subjectOf(t: TestContext, house: House): Promise<Subject> {
  const stage = new Stage(t);
  const system = await System.up(stage, '', true);
  const { url: base } = dashboardOf(system.data);
  const empty = { base, link: () => linkOf(system) };
  await playRecording(house.system);
  const [alert] = await itemsOf<Alert>(house, '/v1/alerts');
  assert.ok(alert !== undefined, house.demo.stderr);
  const sessions = await itemsOf<Session>(house, '/v1/sessions');
  const agent = sessions.find(({ runtime }) => runtime === null);
  assert.ok(agent !== undefined, 'the recording made no session');
  const { subject: session, evidence } = alert.record;
  const row = evidence[0]!.index;
  const incident = { session, alert: alert.index, row };
  return {
    house,
    empty,
    incident: { ...incident, traced: await lastOf(house, session, 'file.read', row) },
    agent: { ...agent, parts: await lastOf(house, agent.session, 'tool.result') },
  };
}

interface Alert {
  index: number;
  record: { subject: string; evidence: { index: number }[] };
}

interface Session {
  session: string;
  runtime: string | null;
}

async function itemsOf<T>(house: House, path: string): Promise<T[]> {
  return (await house.json<{ items: T[] }>(path)).items;
}

/** Index of a session's last event of a kind; of the last before another, if one is given. */
async function lastOf(house: House, session: string, kind: string, before?: number) {
  const path = `/v1/sessions/${session}/events?kind=${kind}&order=desc&limit=1`;
  const after = before === undefined ? '' : `&after=${before}`;
  const [last] = await itemsOf<{ index: number }>(house, path + after);
  assert.ok(last !== undefined, `${session} has no ${kind}`);
  return last.index;
}

/** What the command line says of the dashboard it has started. */
function dashboardOf(data: string): { url: string } {
  return JSON.parse(readFileSync(join(data, 'dashboard.json'), 'utf8')) as { url: string };
}

async function linkOf(system: System): Promise<string> {
  const answer = await fetch(new URL('/v1/login-codes', system.run.api), {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken(system.data)}`, 'content-type': JSON_TYPE },
    body: '{}',
  });
  const { code } = (await answer.json()) as { code: string };
  return `/login#code=${code}`;
}

/** A session of a real agent with subagents, as it sent it once. */
async function playRecording(system: System): Promise<void> {
  const token = adminToken(system.data);
  for (const line of readFileSync(RECORDING, 'utf8').trimEnd().split('\n')) {
    const { url, body } = JSON.parse(line) as Recorded;
    const sent = { url: `${system.run.otlp_http}${url}`, token, type: JSON_TYPE };
    const answer = await post({ ...sent, body: Buffer.from(JSON.stringify(body)) });
    assert.equal(answer.status, 200, answer.body.toString());
  }
}
