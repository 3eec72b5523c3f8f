/** The one-file relay, copied to where nothing else of ours is, on the oldest Node of the PATH. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildRelayFile } from '../scripts/relay-file.mjs';
import { Discard, postTo, startRelayFile } from './bench/load/relay-process.ts';
import { batch } from './bench/measure/collector.ts';

const MAJOR_MIN = 20;
/** A relay is copied into images and read by people: it must not become a bundle of packages. */
const FILE_BYTES_MAX = 300_000;
const EVENTS = 200;
const WAIT_MS_MAX = 10_000;

const dir = mkdtempSync(join(tmpdir(), 'vitrine-relay-file-'));
const file = join(dir, 'vitrine-relay.mjs');
let built: Awaited<ReturnType<typeof buildRelayFile>>;
before(async () => {
  built = await buildRelayFile(file);
});
after(() => rmSync(dir, { recursive: true }));

function majorOf(node: string): number {
  return Number.parseInt(String(execFileSync(node, ['--version'])).slice(1), 10);
}

/** Of those that it is made for; the one that runs this is the last resort. */
function oldestNode(): string {
  const nodes = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path) && majorOf(path) >= MAJOR_MIN);
  return [...nodes, process.execPath].toSorted((a, b) => majorOf(a) - majorOf(b))[0]!;
}

describe('the one-file relay', () => {
  it('needs nothing but Node, and stays small', () => {
    const [output] = Object.values(built.outputs);
    const foreign = output!.imports.filter(({ path }) => {
      return !builtinModules.includes(path.replace(/^node:/, ''));
    });
    assert.deepEqual(foreign, []);
    const packages = Object.keys(output!.inputs).filter((path) => path.includes('node_modules'));
    assert.deepEqual(packages, []);
    assert.ok(output!.bytes < FILE_BYTES_MAX, `${output!.bytes} bytes`);
  });

  it('takes events, has them on disk, is pulled and ends, on an old Node', async () => {
    const relay = await startRelayFile({ node: oldestNode(), file, dir });
    const agent = new Agent({ keepAlive: true });
    const pulled = new Discard(relay.opp);
    try {
      for (let sent = 0; sent < EVENTS; sent += 50) {
        await postTo(relay.intake, batch('s1', sent, 50), agent);
      }
      const until = performance.now() + WAIT_MS_MAX;
      while (pulled.acknowledged < EVENTS && performance.now() < until) await sleep(10);
      // Its own greeting has seq 0.
      assert.equal(pulled.acknowledged, EVENTS);
    } finally {
      pulled.stop();
      agent.destroy();
      await relay.stop();
    }
  });
});
