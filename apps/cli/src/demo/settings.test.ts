import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { demoSettings } from './settings.ts';

function scratch(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'vitrine-settings-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

describe('demoSettings', () => {
  it('changes nothing where the usual ports are free', async () => {
    using dir = scratch();
    const settings = await demoSettings(join(dir.path, 'data'), async () => true);
    assert.deepEqual(settings, { configFile: undefined, taken: [] });
  });

  it('picks a free port for each that is taken, and for no other', async () => {
    using dir = scratch();
    const settings = await demoSettings(join(dir.path, 'data'), async (port) => port !== 4318);
    assert.deepEqual(settings.taken, [4318]);
    const written = JSON.parse(readFileSync(settings.configFile!, 'utf8'));
    assert.deepEqual(written, { listen: { api: 4319, otlp_http: 0 } });
  });

  it('leaves settings that someone wrote alone', async () => {
    using dir = scratch();
    writeFileSync(join(dir.path, 'vitrine.yaml'), '{}');
    const settings = await demoSettings(dir.path, async () => false);
    assert.deepEqual(settings, { configFile: undefined, taken: [] });
  });
});
