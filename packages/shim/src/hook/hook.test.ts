/** The hook command as Claude Code runs it: what it hands over, and that it is never in the way. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { ASKED_HOOKS, HOOK_BYTES_MAX, HOOK_MS_MAX, HOOK_PATH } from '@vitrine/schema';
import { claudeCodeSettings, HOOK_SCRIPT } from './settings.ts';

interface Ran {
  code: number | null;
  out: string;
}

const HANG_MS_MAX = 15_000;
/** A machine under load is no reason to fail: what is not about the limit gets more time. */
const PATIENCE = ['20000'];

async function ran(
  input: string,
  env: Record<string, string>,
  args: string[] = PATIENCE,
): Promise<Ran> {
  const child = spawn(process.execPath, [HOOK_SCRIPT, ...args], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    out += chunk;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out };
}

interface Taken {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

async function receiver(t: TestContext, answer?: RequestListener) {
  const taken: Taken[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    taken.push({ path: request.url ?? '', headers: request.headers, body });
    if (answer === undefined) response.end('{}');
    else answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { taken, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const SILENT = { code: 0, out: '' };
const HOOK = '{"hook_event_name":"Stop","x":"ünïcode"}';

describe('the hook script', () => {
  it('hands over what it reads, byte for byte, and says nothing', async (t) => {
    const { taken, url } = await receiver(t);
    assert.deepEqual(await ran(HOOK, { VITRINE_OTLP: `${url}/` }), SILENT);
    const [{ path, headers, body }] = taken as [Taken];
    assert.deepEqual([path, body], [HOOK_PATH, HOOK]);
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers.authorization, undefined);
  });

  it('goes where it is told, the nearest first, with the token it is given', async (t) => {
    const { taken, url } = await receiver(t);
    const nowhere = 'http://127.0.0.1:1';
    await ran('1', { VITRINE_HOOKS: `${url}/own`, VITRINE_OTLP: nowhere });
    await ran('2', { VITRINE_OTLP: url, OTEL_EXPORTER_OTLP_ENDPOINT: nowhere });
    await ran('3', { OTEL_EXPORTER_OTLP_ENDPOINT: url, VITRINE_TOKEN: 'vt_x' });
    const paths = taken.map(({ path, body }) => `${body} ${path}`);
    assert.deepEqual(paths, ['1 /own', `2 ${HOOK_PATH}`, `3 ${HOOK_PATH}`]);
    assert.equal(taken[2]?.headers.authorization, 'Bearer vt_x');
  });

  it('ends with 0 and in silence whatever is wrong', async (t) => {
    const refusing = await receiver(t, (_, response) => {
      response.statusCode = 500;
      response.end('no');
    });
    const places = [
      { VITRINE_OTLP: 'http://127.0.0.1:1' },
      { VITRINE_OTLP: 'no address' },
      { VITRINE_HOOKS: 'file:///etc/passwd' },
      { VITRINE_OTLP: refusing.url, VITRINE_TOKEN: 'line\nbreak' },
      { VITRINE_OTLP: refusing.url },
    ];
    for (const env of places) assert.deepEqual(await ran(HOOK, env), SILENT, JSON.stringify(env));
    assert.equal(refusing.taken.length, 1);
  });

  it('does not wait for a receiver that never answers', { timeout: 30_000 }, async (t) => {
    const { taken, url } = await receiver(t, () => {});
    const began = performance.now();
    assert.deepEqual(await ran(HOOK, { VITRINE_OTLP: url }, []), SILENT);
    // Its own bound is a quarter of a second; the rest is for a machine that is busy elsewhere.
    assert.ok(performance.now() - began < HANG_MS_MAX);
    // Given the time to send it, it has sent it before it gives up.
    await ran(HOOK, { VITRINE_OTLP: url }, ['5000']);
    assert.equal(taken.at(-1)?.body, HOOK);
  });

  it('does not wait for an answer when its time is over, only until all is sent', async (t) => {
    const { taken, url } = await receiver(t, () => {});
    // A Node that starts so slowly that nothing of the time is left.
    const slow = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)),0,0,2990)';
    const env = {
      VITRINE_OTLP: url,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(slow)}`,
    };
    const began = performance.now();
    assert.deepEqual(await ran(HOOK, env, ['3000']), SILENT);
    assert.equal(taken.at(-1)?.body, HOOK);
    assert.ok(performance.now() - began < 3_000 + 1_400, 'half of the time is 1.5 seconds');
  });

  it('has its time as a command of ours too, whose first argument is its name', async (t) => {
    const { taken, url } = await receiver(t);
    for (let tries = 0; tries < 20 && taken.length === 0; tries++) {
      assert.deepEqual(await ran(HOOK, { VITRINE_OTLP: url }, ['hook']), SILENT);
    }
    assert.equal(taken[0]?.body, HOOK);
  });

  it('does not read more than would be taken', async (t) => {
    const { taken, url } = await receiver(t);
    assert.deepEqual(await ran('x'.repeat(HOOK_BYTES_MAX + 1), { VITRINE_OTLP: url }), SILENT);
    assert.deepEqual(taken, []);
  });

  it('has the limits that are written down', () => {
    const script = readFileSync(HOOK_SCRIPT, 'utf8').replaceAll('_', '');
    assert.ok(script.includes(`const MSMAX = Number(process.argv[2]) || ${HOOK_MS_MAX};`));
    assert.ok(script.includes(`const BYTESMAX = ${HOOK_BYTES_MAX};`));
    assert.ok(script.includes(`const PATH = '${HOOK_PATH}';`));
  });
});

describe('the settings of Claude Code', () => {
  const otlp = 'http://127.0.0.1:4318';
  const command = ['/opt/my node/node', "/it's/hook.mjs"];
  const settings = claudeCodeSettings({ otlp, command, token: false });

  it('ask for each hook once, without starting a program where that is possible', () => {
    assert.deepEqual(Object.keys(settings.hooks), ASKED_HOOKS);
    assert.ok(!ASKED_HOOKS.includes('WorktreeCreate'), 'its hook must make the worktree');
    const hooks = Object.entries(settings.hooks).map(([name, [group]]) => [name, group!.hooks]);
    for (const [name, [hook, ...more]] of hooks as [string, { type: string }[]][]) {
      assert.deepEqual(more, []);
      const isCommand = name === 'SessionStart' || name === 'Setup';
      if (!isCommand) assert.equal((hook as { timeout?: number }).timeout, HOOK_MS_MAX / 1_000);
      assert.equal(hook?.type, isCommand ? 'command' : 'http', name);
    }
    const [start] = settings.hooks.SessionStart![0]!.hooks;
    assert.equal(start?.command, `'/opt/my node/node' '/it'\\''s/hook.mjs' 8000`);
    assert.equal(start?.async, true, 'the agent does not wait for a Node to start');
    assert.equal(settings.hooks.Stop![0]!.hooks[0]?.url, otlp + HOOK_PATH);
  });

  it('hold no token, only where it is to be found', () => {
    const outside = claudeCodeSettings({ otlp, command, token: true });
    const [hook] = outside.hooks.Stop![0]!.hooks;
    assert.deepEqual(hook?.headers, { Authorization: 'Bearer $VITRINE_TOKEN' });
    assert.deepEqual(hook?.allowedEnvVars, ['VITRINE_TOKEN']);
    assert.equal(settings.hooks.Stop![0]!.hooks[0]?.headers, undefined);
  });

  it('turn the telemetry on and lead it to the same port', () => {
    const { env } = settings;
    assert.equal(env.CLAUDE_CODE_ENABLE_TELEMETRY, '1');
    assert.equal(env.OTEL_EXPORTER_OTLP_ENDPOINT, otlp);
    for (const name of ['LOGS', 'METRICS', 'TRACES'])
      assert.equal(env[`OTEL_${name}_EXPORTER`], 'otlp');
  });
});
