/**
 * Runs in the sandbox as an agent that reports to hooks, and does one of the things below. What it
 * says of itself goes where Claude Code's hooks go; what it does is seen by others.
 *
 * Its arguments: the name of what to do, and the id it gives itself.
 */
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Further than any rule looks from one event to the other. */
const APART_MS = 6_500;
const INTAKE = 'http://127.0.0.1:4318';
const [deed, id] = process.argv.slice(2);

const DEEDS = {
  /** Says what it does, and does what it says. */
  async honest() {
    await says('PreToolUse', { tool_use_id: 'toolu_1' });
    spawnSync('/bin/ls');
    await says('PostToolUse', { tool_use_id: 'toolu_1', duration_ms: 900, tool_response: 'ok' });
  },
  /** Starts a program when its telemetry has been silent for a while. */
  async silent() {
    await sleep(APART_MS);
    spawnSync('/bin/ls');
  },
  /** Says that a command ran, when none did. */
  async boasting() {
    await sleep(APART_MS);
    await says('PreToolUse', { tool_use_id: 'toolu_1' });
    await says('PostToolUse', { tool_use_id: 'toolu_1', duration_ms: 20, tool_response: 'ok' });
  },
  /** Does nothing while somebody else uses its way out. */
  async bypassed() {
    await ordered();
  },
  /** Says in every way it has that it stands on the host, and is another sandbox. */
  async forging() {
    await sends();
  },
};

await says('SessionStart', { source: 'startup' });
await DEEDS[deed]();

async function says(hook, more = {}) {
  const tool = { tool_name: 'Bash', tool_input: { command: 'ls' } };
  const body = { hook_event_name: hook, session_id: id, ...(hook === 'SessionStart' ? {} : tool) };
  await post('/v1/hooks/claude-code', { ...body, ...more });
}

async function sends() {
  const text = (key, stringValue) => ({ key, value: { stringValue } });
  const claims = [
    ...['vantage', 'vitrine.vantage', 'via'].map((key) => text(key, 'host')),
    ...['session.id', 'sandbox', 'session', 'host.name', 'host.id', 'subject'].map((key) =>
      text(key, 'another'),
    ),
    text('host.process.pid', '1'),
    text('observed', '1'),
    text('peer', 'root'),
    text('process.exe', '/bin/forged'),
  ];
  const resource = { attributes: [text('vitrine.shim.name', 'strace'), ...claims] };
  const record = {
    eventName: 'process.exec',
    timeUnixNano: `${Date.now()}000000`,
    attributes: claims,
  };
  await post('/v1/logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] });
}

async function post(path, body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(INTAKE + path, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

/** A line on standard input. */
async function ordered() {
  console.log('ready');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  process.stdin.destroy();
}
