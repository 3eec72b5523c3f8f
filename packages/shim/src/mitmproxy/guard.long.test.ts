/** What `vitrine_guard.py` says of the names a request gives, in mitmproxy's own requests. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { installedMitmdump, skipWithoutMitmdump } from '../stage/mitmproxy.ts';

const mitmdump = installedMitmdump();
const skip = skipWithoutMitmdump();

/** Told on its argument what requests say; prints those that it killed. */
const JUDGE = `
import json, sys, vitrine_guard
from mitmproxy.test import tflow
killed = []
for version, authority, hosts in json.loads(sys.argv[1]):
    flow = tflow.tflow()
    flow.request.http_version = version
    flow.request.authority = authority
    flow.request.headers.set_all("host", hosts)
    guard = vitrine_guard.Guard()
    guard._asked[flow.client_conn.id] = "good.example"
    flow.client_conn.sni = "good.example"
    flow.kill = lambda: killed.append([version, authority, hosts])
    guard.requestheaders(flow)
print(json.dumps(killed))
`;

type Named = [version: string, authority: string, hosts: string[]];

function killed(requests: Named[]): Named[] {
  const python = `${dirname(mitmdump!)}/python`;
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const args = ['-Bc', JUDGE, JSON.stringify(requests)];
  return JSON.parse(execFileSync(python, args, { cwd, encoding: 'utf8' }));
}

describe('a request inside a tunnel', { skip }, () => {
  it('goes on when every name it gives is the one of the tunnel', () => {
    const good: Named[] = [
      ['HTTP/1.1', '', ['good.example']],
      ['HTTP/1.1', '', ['Good.Example.:443']],
      ['HTTP/1.1', 'good.example', ['good.example']],
      ['HTTP/2.0', 'good.example', []],
      ['HTTP/2.0', 'good.example', ['good.example']],
    ];
    assert.deepEqual(killed(good), []);
  });

  it('ends when one of them is another, or there is none', () => {
    const bad: Named[] = [
      ['HTTP/1.1', '', ['evil.example']],
      ['HTTP/1.1', '', ['good.example', 'evil.example']],
      ['HTTP/1.1', 'evil.example', ['good.example']],
      ['HTTP/2.0', 'evil.example', []],
      ['HTTP/2.0', 'good.example', ['evil.example']],
      ['HTTP/1.0', '', []],
    ];
    assert.deepEqual(killed(bad), bad);
  });
});
