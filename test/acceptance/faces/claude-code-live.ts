/**
 * The real Claude Code in a sandbox, its model a stand-in: `demo --agent claude-code`. Its own word
 * is a tree in the browser, and beside each call stands what the kernel saw.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { isGiven, works } from '../path/requirement.ts';
import type { House } from './house.ts';

export async function runsInTheSandbox(house: House, t: TestContext): Promise<void> {
  const tools = works('bwrap', '--version') && works('strace', '-V');
  const given = tools && hasClaudeCode();
  const without = 'Claude Code is not here: npm run demo -- --agent claude-code installs it';
  if (!isGiven(t, given, without)) return;
  const { code, stdout, stderr } = await house.system.cli(
    'demo',
    ...['--agent', 'claude-code', '--exit'],
  );
  assert.equal(code, 0, stderr);
  const session = /--session (\S+)/.exec(stdout)?.[1];
  assert.ok(session !== undefined, stdout);
  const tab = await house.tab(`/s/${session}/agents`);
  const { page } = tab;
  await page
    .getByRole('row', { name: /^subagent / })
    .first()
    .waitFor();
  const calls = page.getByRole('row', { name: /^tool Bash .*hook \+ telemetry .*\d exec/ });
  await calls.first().click();
  const panel = page.getByRole('complementary', { name: 'The selected node' });
  const kernel = panel.getByRole('region', { name: 'What the kernel saw meanwhile' });
  await kernel.getByText('Put here by time').waitFor();
  const done = kernel.getByRole('list', { name: 'What was done' });
  await done
    .getByRole('link', { name: /process\.exec/ })
    .first()
    .waitFor();
  assert.match(
    (await done.getByRole('listitem').first().textContent())!,
    /boundary.*by time.*sealed/,
  );
  // The cause broken: of the recorded sessions, which no kernel watched, nothing is said.
  await tab.go('/s/claude-recorded/agents');
  await page
    .getByRole('row', { name: /^tool Bash / })
    .first()
    .click();
  await panel.getByText('No observer outside the agent tells of this session').waitFor();
  tab.assertSound();
  await tab.close();
}

/** In the cache; where nothing may be left out, it is installed. */
export function hasClaudeCode(): boolean {
  if (process.env.VITRINE_REQUIRE === 'all') return true;
  const base = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const cache = join(base, 'vitrine');
  return existsSync(cache) && readdirSync(cache).some((name) => /^claude-code-[\d.]+$/.test(name));
}
