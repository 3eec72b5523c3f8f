/**
 * Claude Code as it is: the real CLI in a sandbox, whose calls are told by hooks, log records and
 * spans alike; and `vitrine hook` as its hook command, which never stands in the agent's way.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { hasClaudeCode } from '../faces/claude-code-live.ts';
import { makeToken } from '../path/api.ts';
import { Stage } from '../path/collector-process.ts';
import { eventsOf } from '../path/events.ts';
import { Program, userEnvironment } from '../path/program.ts';
import { isGiven, works } from '../path/requirement.ts';
import { System, VITRINE } from '../path/system.ts';
import { until } from '../path/until.ts';

const HOOKED_MS_MAX = 20_000;
/** The hook gives up after 250 ms; Node's start on a busy machine comes to it. */
const HANGING_MS_MAX = 5_000;

export async function observesClaudeCode(t: TestContext): Promise<void> {
  const system = await System.up(new Stage(t));
  await t.test('the real CLI in the sandbox', (one) => tellsInEveryWay(system, one));
  await t.test('a hook command, with and without an intake', () => hooks(system));
  await system.stop();
}

async function tellsInEveryWay(system: System, t: TestContext): Promise<void> {
  const tools = works('bwrap', '--version') && works('strace', '-V');
  const without = 'Claude Code is not here: npm run demo -- --agent claude-code installs it';
  if (!isGiven(t, tools && hasClaudeCode(), without)) return;
  const { code, stdout, stderr } = await system.cli(
    ...['demo', '--agent', 'claude-code', '--exit'],
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /\nALERT {2}critical {2}Foreign credential on an allowed provider host\n/);
  const counts = (kind: string): number[] => {
    const [, ...found] = new RegExp(`\\n +${kind} +(\\d+|-) +(\\d+|-)\\n`).exec(stdout) ?? [];
    return found.map((count) => Number(count === '-' ? 0 : count));
  };
  assert.deepEqual(counts('tool.call'), [7, 0]);
  assert.deepEqual(counts('tool.result'), [12, 0]);
  assert.deepEqual(counts('approval.decision'), [7, 0]);
  assert.deepEqual(counts('approval.request'), [1, 0]);
  assert.deepEqual(counts('agent.spawn'), [1, 0]);
  assert.deepEqual(counts('session.start'), [1, 1], 'its own word, and that of the run');
  assert.ok(counts('model.request')[0]! >= 9);
  assert.ok(counts('process.exec')[1]! >= 5);
  assert.match(stdout, /6 of the 6 allowed ones told by hooks and telemetry alike/);
  assert.match(stdout, /6 of these by a span too, of \d{2,}; [1-9]\d* metrics/);
}

/** Heard where there is an intake; where nobody answers, the agent goes on all the same. */
async function hooks(system: System): Promise<void> {
  const { run, data } = system;
  const token = await makeToken(run, data, 'ingest');
  const heard = await hook('hooked', { VITRINE_OTLP: run.otlp_http, VITRINE_TOKEN: token });
  assert.deepEqual([heard.code, heard.stdout], [0, '']);
  const events = await until('the hook is in the log', HOOKED_MS_MAX, async () => {
    const found = await eventsOf(system, 'hooked');
    return found.some(({ kind }) => kind === 'tool.call') ? found : undefined;
  });
  assert.ok(events.every(({ vantage }) => vantage === 'agent' || vantage === ''));
  // Takes the connection and never answers.
  const deaf = createServer(() => {}).listen(0, '127.0.0.1');
  system.atEnd(() => deaf.close());
  await once(deaf, 'listening');
  const { port } = deaf.address() as AddressInfo;
  for (const at of [`http://127.0.0.1:${port}`, 'http://127.0.0.1:1', 'no address']) {
    const before = performance.now();
    const { code, stdout } = await hook('unheard', { VITRINE_OTLP: at, VITRINE_TOKEN: token });
    assert.deepEqual([code, stdout], [0, ''], at);
    assert.ok(performance.now() - before < HANGING_MS_MAX, at);
  }
  assert.deepEqual(await eventsOf(system, 'unheard'), []);
}

async function hook(session: string, env: Record<string, string>) {
  const program = new Program([...VITRINE, 'hook'], { env: userEnvironment(env) });
  const input = {
    hook_event_name: 'PreToolUse',
    session_id: session,
    tool_name: 'Bash',
    tool_use_id: 'toolu_1',
    tool_input: { command: 'ls' },
  };
  program.type(JSON.stringify(input));
  program.endInput();
  return await program.ended;
}
