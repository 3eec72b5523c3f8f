import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { demoSettings } from './settings.ts';

function scratch(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'vitrine-settings-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

describe('demoSettings', () => {
  it('changes nothing where the usual ports are free', async (t) => {
    const dir = scratch(t);
    const settings = await demoSettings(join(dir, 'data'), async () => true);
    assert.deepEqual(settings, { configFile: undefined, taken: [] });
  });

  it('picks a free port for each that is taken, and for no other', async (t) => {
    const dir = scratch(t);
    const settings = await demoSettings(join(dir, 'data'), async (port) => port !== 4318);
    assert.deepEqual(settings.taken, [4318]);
    const written = JSON.parse(readFileSync(settings.configFile!, 'utf8'));
    const listen = { api: 4319, otlp_http: 0, otlp_grpc: 4317, dashboard: 3000 };
    assert.deepEqual(written, { listen });
  });

  it('leaves settings that someone wrote alone', async (t) => {
    const dir = scratch(t);
    writeFileSync(join(dir, 'vitrine.yaml'), '{}');
    const settings = await demoSettings(dir, async () => false);
    assert.deepEqual(settings, { configFile: undefined, taken: [] });
  });
});
