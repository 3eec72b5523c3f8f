/** The addon's own link to a shim that does not read for a while. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { installedMitmdump, skipWithoutMitmdump } from '../stage/mitmproxy.ts';

const mitmdump = installedMitmdump();
const skip = skipWithoutMitmdump();

/** What the shim is told behind a stretch in which it did not read. */
const SLOW_SHIM = `
import json, types, vitrine_egress as addon
lines, size = [], addon.BUFFER_BYTES_MAX
transport = types.SimpleNamespace(get_write_buffer_size=lambda: size)
link = addon.Link()
link._writer = types.SimpleNamespace(transport=transport, write=lines.append)
for _ in range(3): link.post({"kind": "error"})
size = 0
for _ in range(2): link.post({"kind": "error"})
print(json.dumps([[json.loads(line).get(k) for k in ("kind", "count")] for line in lines]))
`;

describe('the addon', { skip }, () => {
  it('tells what it lost to a slow shim as soon as that reads again', () => {
    const python = join(dirname(mitmdump!), 'python');
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    const said = execFileSync(python, ['-Bc', SLOW_SHIM], { cwd, encoding: 'utf8' });
    assert.deepEqual(JSON.parse(said), [
      ['trouble', 3],
      ['error', null],
      ['error', null],
    ]);
  });
});
