import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCommand } from './stand-in.ts';

const PRINT = ['shim', 'claude-code', '--print-settings'];

async function settings(...more: string[]) {
  const { code, lines } = await runCommand([...PRINT, ...more]);
  assert.equal(code, 0);
  return JSON.parse(lines.join('\n'));
}

describe('shim claude-code --print-settings', () => {
  it('leads to the intake of a sandbox, by the script that is there', async () => {
    const { env, hooks } = await settings();
    assert.equal(env.OTEL_EXPORTER_OTLP_ENDPOINT, 'http://127.0.0.1:4318');
    assert.match(hooks.SessionStart[0].hooks[0].command, /^\/run\/vitrine\/node \/run\/vitrine\//);
    assert.equal(hooks.Stop[0].hooks[0].headers, undefined);
  });

  it('leads to another port, with a token from the environment', async () => {
    const { env, hooks } = await settings('--otlp', 'http://127.0.0.1:9/');
    assert.equal(env.OTEL_EXPORTER_OTLP_ENDPOINT, 'http://127.0.0.1:9');
    const [stop] = hooks.Stop[0].hooks;
    assert.equal(stop.url, 'http://127.0.0.1:9/v1/hooks/claude-code');
    assert.equal(stop.headers.Authorization, 'Bearer $VITRINE_TOKEN');
    assert.match(hooks.SessionStart[0].hooks[0].command, /hook\.mjs/);
  });

  it('refuses what is no address, and to do nothing', async () => {
    for (const url of ['127.0.0.1:4318', 'file:///etc/passwd', '']) {
      const { code, errors } = await runCommand([...PRINT, '--otlp', url]);
      assert.equal(code, 2, url);
      assert.match(errors.join('\n'), /--otlp must be a URL/);
    }
    assert.equal((await runCommand(['shim', 'claude-code'])).code, 2);
  });
});
