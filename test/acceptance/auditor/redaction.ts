/** Redaction: the bytes are in no file once it says so, and what is left proves everything. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Case, SESSION } from './case.ts';

interface Redacted {
  state: string;
  /** Unix nanoseconds. */
  until: string;
}

const NS_PER_MS = 1_000_000n;
const NOTHING = 0;

/** Random bytes: no codec of the engine makes them shorter, so that a search finds them. */
export async function leavesNoByte(
  audit: Case,
  secret: Buffer,
  index: string,
  session = SESSION,
): Promise<void> {
  const { system } = audit;
  assert.ok(filesWith(system.data, secret).length > NOTHING, 'the content was never there');
  const args = ['--event', index, '--part', 'prompt', '--reason', 'a wish of the customer'];
  const said = await system.json<Redacted>('redact', ...args);
  assert.equal(said.state, 'deleted');
  const store = filesWith(join(system.data, 'store'), secret);
  assert.deepEqual(store, [], 'files of the engine have it');
  const restMs = Number(BigInt(said.until) / NS_PER_MS) - Date.now();
  await sleep(Math.max(0, restMs) + 300);
  assert.deepEqual(filesWith(system.data, secret), [], 'after the time that it named');
  await audit.export('wished.vitrine.json', '--session', session);
  assert.match(await audit.assertCode(0, 'wished.vitrine.json'), /redact/i);
  assert.match(await system.text('fsck'), /^ok: /m);
}

/** Files under a folder that have any piece of the content. */
function filesWith(dir: string, content: Buffer): string[] {
  const pieces = [0, 400, 1_200].map((at) => content.subarray(at, at + 32));
  return readdirSync(dir, { recursive: true })
    .map((name) => join(dir, String(name)))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .filter((path) => {
      const bytes = readFileSync(path);
      return pieces.some((piece) => bytes.includes(piece));
    });
}
