/**
 * What a real Claude Code has sent, sent again: its hooks to the hooks address, its telemetry to
 * OTLP/HTTP. In the browser both are one tree. Without its hooks the tree says who is missing.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Locator } from 'playwright-core';
import { adminToken } from '../path/api.ts';
import { JSON_TYPE, post } from '../path/otlp.ts';
import { until } from '../path/until.ts';
import type { Tab } from './browser.ts';
import type { House } from './house.ts';

const RECORDINGS = new URL('../../vectors/claude-code/', import.meta.url);
const ROWS_MS_MAX = 20_000;
/** Of the recorded run: calls of the main agent, of three subagents below each other. */
const CALLS = 23;
const PROMPTS = 2;
const SUBAGENTS = 3;

export async function showsTheTree(house: House): Promise<void> {
  const session = await replay(house, 'hooks and telemetry');
  const tab = await house.tab(`/s/${session}/agents`);
  await assertTree(tab, session);
  await assertCall(tab);
  await assertKeys(tab);
  await leadsToRow(tab, session);
  tab.assertSound();
  await tab.close();
}

/** The cause broken: an agent whose hooks are silent. */
export async function saysWhoIsMissing(house: House): Promise<void> {
  const session = await replay(house, 'telemetry');
  const tab = await house.tab(`/s/${session}/agents`);
  const tree = tab.page.getByRole('treegrid');
  await tree
    .getByRole('row', { name: /^tool Read .*telemetry only/ })
    .first()
    .waitFor();
  assert.equal(await tree.getByText('hook + telemetry').count(), 0);
  await tree
    .getByRole('row', { name: /^tool Read / })
    .first()
    .click();
  await tab.page.getByText('Told by telemetry only: the hooks said nothing of it.').waitFor();
  await tab.close();
}

async function assertTree({ page }: Tab, session: string): Promise<void> {
  await page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor();
  await page.getByText(`${PROMPTS} prompts`).waitFor();
  await page.getByText(`${CALLS} tool calls · ${SUBAGENTS} subagents`).waitFor();
  const tree = page.getByRole('treegrid');
  const levels: number[] = [];
  for (const row of await tree.getByRole('row', { name: /^subagent / }).all()) {
    levels.push(Number(await row.getAttribute('aria-level')));
  }
  // Each below the call that the one above has made; not all of them may be in sight.
  assert.deepEqual(levels, [4, 6, 8].slice(0, levels.length), session);
  assert.ok(levels.length > 0, 'no subagent is in sight');
}

/** A call: by whom it was told, decided, how large, how long. */
async function assertCall({ page }: Tab): Promise<void> {
  const call = page.getByRole('row', { name: /^tool Read \/workspace\/notes\.md/ }).first();
  const text = (await call.textContent())!;
  assert.match(text, /accept · config✓ ok\d+ ms35 B → 86 Bhook \+ telemetry/);
}

/** Arrows walk and close, as the ARIA pattern says. */
async function assertKeys({ page }: Tab): Promise<void> {
  const selected = page.getByRole('row', { selected: true });
  await page
    .getByRole('row', { name: /^prompt / })
    .first()
    .click();
  const before = await rowsOf(page.getByRole('treegrid'));
  await page.keyboard.press('ArrowLeft');
  assert.equal(await selected.getAttribute('aria-expanded'), 'false');
  assert.ok((await rowsOf(page.getByRole('treegrid'))) < before);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await selected.getAttribute('aria-level'), '3');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await selected.getAttribute('aria-level'), '2');
}

async function rowsOf(tree: Locator): Promise<number> {
  return Number(await tree.getAttribute('aria-rowcount'));
}

/** Every node leads to its rows of the timeline. */
async function leadsToRow({ page }: Tab, session: string): Promise<void> {
  await page
    .getByRole('row', { name: /^tool Read / })
    .first()
    .click();
  const link = page.getByRole('complementary').getByRole('link', { name: 'tool.call' });
  const href = await link.getAttribute('href');
  assert.match(href!, new RegExp(`^/s/${session}\\?e=\\d+$`));
}

interface Recorded {
  url: string;
  body: unknown;
}

/** Sends the recording under a session name of its own; that name. */
async function replay(house: House, what: 'telemetry' | 'hooks and telemetry'): Promise<string> {
  const { run, data } = house.system;
  const token = adminToken(data);
  const session = what === 'telemetry' ? 'claude-without-hooks' : 'claude-recorded';
  const send = async (path: string, body: string): Promise<void> => {
    const renamed = body.replaceAll(RECORDED_SESSION, session);
    const url = `${run.otlp_http}${path}`;
    const answer = await post({ url, token, type: JSON_TYPE, body: Buffer.from(renamed) });
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
  };
  for (const line of linesOf('otlp-json.jsonl')) {
    const { url, body } = JSON.parse(line) as Recorded;
    await send(url, JSON.stringify(body));
  }
  const hooks = what === 'telemetry' ? [] : linesOf('hooks.jsonl');
  for (const line of hooks) await send('/v1/hooks/claude-code', line);
  await until('the recording is in the log', ROWS_MS_MAX, async () => {
    const kind = hooks.length === 0 ? 'agent.stop' : 'session.end';
    const page = await house
      .json<{ items: unknown[] }>(`/v1/sessions/${session}/events?kind=${kind}`)
      .catch(() => ({ items: [] }));
    return page.items.length > 0 ? true : undefined;
  });
  return session;
}

const RECORDED_SESSION = '81f7f9c9-24b6-4c92-bf35-b4763590408d';

function linesOf(file: string): string[] {
  const text = readFileSync(new URL(file, RECORDINGS), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}
