import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { EDR_COMMAND_MS_MAX } from '@vitrine/schema';
import { openEntry } from '../fixture/log.ts';
import { EdrIdentity } from './edr.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-edr-'));
after(() => rmSync(dir, { recursive: true }));
const { description } = openEntry('s1');
assert.ok(description);

async function edrOf(source: ConstructorParameters<typeof EdrIdentity>[0], msMax?: number) {
  const { host, absent } = await new EdrIdentity(source, msMax).addTo(description!);
  return host.edr ?? absent[0]?.reason;
}

describe('the EDR id of the host', () => {
  it('is left out where nobody said how to find it', async () => {
    assert.equal(await edrOf(undefined), undefined);
  });

  it('comes from a file or from what a program prints, quoted or not', async () => {
    const file = join(dir, 'id');
    writeFileSync(file, '0f3c9a\n');
    const known = { vendor: 'v', device_id: '0f3c9a' };
    assert.deepEqual(await edrOf({ vendor: 'v', device_id: { file } }), known);
    const command = [process.execPath, '-e', 'console.log(\'"0f3c9a"\')'];
    assert.deepEqual(await edrOf({ vendor: 'v', device_id: { command } }), known);
  });

  it('never replaces what the runtime said', async () => {
    const edr = { vendor: 'runtime', device_id: 'x' };
    const given = { ...description!, host: { name: 'h', edr } };
    const identity = new EdrIdentity({ vendor: 'v', device_id: 'y' });
    assert.deepEqual((await identity.addTo(given)).host.edr, edr);
  });

  it('is said to be absent when it cannot be read, and found again later', async () => {
    const file = join(dir, 'late');
    const identity = new EdrIdentity({ vendor: 'v', device_id: { file } });
    const before = await identity.addTo(description!);
    assert.equal(before.host.edr, undefined);
    assert.match(before.absent[0]!.reason, /^the device id of v cannot be read: ENOENT/);
    writeFileSync(file, 'x1');
    assert.equal((await identity.addTo(description!)).host.edr?.device_id, 'x1');
  });

  it('is no text of several words, and no program is waited for without an end', async () => {
    const says = (code: string) => ({
      vendor: 'v',
      device_id: { command: [process.execPath, '-e', code] },
    });
    assert.match(String(await edrOf(says("console.log('not found')"))), /no id of one word/);
    assert.match(String(await edrOf(says('process.exit(3)'))), /cannot be read/);
    const started = Date.now();
    assert.match(String(await edrOf(says('setInterval(() => {}, 1e3)'), 300)), /cannot be read/);
    assert.ok(Date.now() - started < EDR_COMMAND_MS_MAX);
  });
});
