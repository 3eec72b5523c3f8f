/** Hooks of Claude Code at the collector's own port: who may send them, and what they hear. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { HOOK_BYTES_MAX, HOOK_PATH, OTLP_BODIES_BYTES_MAX } from '@vitrine/schema';
import { Budget } from '@vitrine/schema/receive';
import { Tokens } from '../access/tokens.ts';
import { Repeats } from '../admit/repeats.ts';
import { Figures } from '../metrics/figures.ts';
import { Journal } from '../queue/journal.ts';
import { hostClock } from '../sequence/sequencer.ts';
import { otlpServer } from './otlp-http.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-hook-'));
const journal = new Journal({ dir: join(dir, 'journal'), fsync: true, log: () => {} });
const tokens = new Tokens(dir);
const ingest = tokens.create('ingest', 'default', '', new Date(), null);
const reader = tokens.create('reader', 'default', '', new Date(), null);
const clock = hostClock(() => 1_764_000_000_000);
const budget = new Budget(OTLP_BODIES_BYTES_MAX);
const own = { repeats: new Repeats(), figures: new Figures(), budget };
const target = { journal, tokens, tenant: 'default', clock, ...own };
const server = otlpServer({ ...target, log: () => {} });
let url = '';

before(async () => {
  journal.open(0, () => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${HOOK_PATH}`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await journal.close();
  rmSync(dir, { recursive: true });
});

function post(body: string, headers: Record<string, string> = {}): Promise<Response> {
  const type = { 'content-type': 'application/json' };
  const given = { authorization: `Bearer ${ingest}`, ...type, ...headers };
  return fetch(url, { method: 'POST', headers: given, body });
}

const stop = JSON.stringify({ session_id: 's', hook_event_name: 'Stop' });
const sized = (bytes: number): string => {
  const frame = JSON.stringify({ hook_event_name: 'Stop', x: '' }).length;
  return JSON.stringify({ hook_event_name: 'Stop', x: 'x'.repeat(bytes - frame) });
};

describe('POST /v1/hooks/claude-code', () => {
  it('answers 200 and {} once it is in the queue, and takes no hook for a repeat', async () => {
    const first = await post(stop);
    assert.equal(first.status, 200);
    assert.equal(await first.text(), '{}');
    assert.equal(journal.waitingEntries, 1);
    await post(stop);
    assert.equal(journal.waitingEntries, 2);
  });

  it('refuses with the status, the code and what to do', async () => {
    const before = journal.waitingEntries;
    const cases: [Promise<Response>, number, RegExp][] = [
      [post(stop, { authorization: '' }), 401, /UNAUTHENTICATED/],
      [post(stop, { authorization: `Bearer ${reader}` }), 403, /FORBIDDEN/],
      [post(stop, { 'content-type': 'text/plain' }), 415, /UNSUPPORTED_TYPE.*application\/json/],
      [post('no json'), 400, /HOOK_MALFORMED/],
      [post('"text"'), 400, /HOOK_MALFORMED/],
      [post('{"hook_event_name":7}'), 400, /HOOK_MALFORMED/],
      [post(`{"hook_event_name":"Stop","x":${'['.repeat(1_000_000)}`), 400, /HOOK_MALFORMED/],
      [post(sized(HOOK_BYTES_MAX + 1)), 413, /HOOK_TOO_LARGE/],
    ];
    for (const [asked, status, text] of cases) {
      const answer = await asked;
      assert.equal(answer.status, status);
      assert.match(await answer.text(), text);
    }
    assert.equal((await fetch(url)).status, 405);
    assert.equal(journal.waitingEntries, before, 'nothing of it was kept');
    assert.equal((await post(sized(HOOK_BYTES_MAX))).status, 200);
  });
});
