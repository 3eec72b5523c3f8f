/**
 * Another source, in a clone: one adapter file, one recording, one entry in the registry, and
 * `vitrine shim` has it. Without the entry there is no such command.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freshClone, lendPackages } from '../path/clone.ts';
import { Program, type Ran, run, userEnvironment } from '../path/program.ts';

const ADAPTER = `/** Lines of a tail as files that were read. */
import { type Adapter, type AdapterSettings, newCounts, Unreadable } from '../adapter/adapter.ts';
import type { StreamShim } from '../adapter/main.ts';
import type { ShimEvent } from '../send/event.ts';

export const tailShim: StreamShim = {
  name: 'tail',
  framing: 'lines',
  adapter: (settings) => new TailAdapter(settings),
};

class TailAdapter implements Adapter {
  readonly counts = newCounts();
  readonly started = true;
  readonly #settings: AdapterSettings;
  readonly #unreadable: Unreadable;

  constructor(settings: AdapterSettings) {
    this.#settings = settings;
    this.#unreadable = new Unreadable(settings, this.counts);
  }

  read(frame: Buffer): ShimEvent[] {
    this.counts.frames++;
    const events = this.#events(frame);
    this.counts.events += events.length;
    return events;
  }

  #events(frame: Buffer): ShimEvent[] {
    const path = /^read (\\/.+)$/.exec(frame.toString('utf8'))?.[1];
    if (path === undefined) return this.#unreadable.take('no line of tail', String(frame));
    return [{ kind: 'file.read', t: this.#settings.now(), attributes: { 'file.path': path } }];
  }
}
`;
const ENTRY = `  {
    name: 'tail',
    vantage: 'guest',
    sees: 'files that were read',
    reads: 'lines on standard input',
    kinds: ['file.read'],
    guide: 'strace',
    needs: [],
    fixtures: ['tail.txt'],
    options: STREAM_OPTIONS,
    examples: ['shim tail < lines'],
    start: async () => streamOf((await import('./tail/adapter.ts')).tailShim),
  },
`;
const LINES = 'read /made/up\nnonsense\n';
const FIRST_ENTRY = /(?<=export const SOURCES: readonly Source\[\] = \[\n)/;

export async function takesAnotherSource(t: TestContext): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-adding-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const clone = join(dir, 'clone');
  freshClone(clone);
  lendPackages(clone);
  const shim = join(clone, 'packages/shim');
  mkdirSync(join(shim, 'src/tail'));
  writeFileSync(join(shim, 'src/tail/adapter.ts'), ADAPTER);
  writeFileSync(join(shim, 'fixtures/tail.txt'), `documented: tail(1)\n${LINES}`);

  const { bodies, socket } = await intake(t, dir);
  const before = await shimTail(clone, socket);
  assert.notEqual(before.code, 0, 'without an entry there is such a command');
  assert.equal(bodies.length, 0);

  const registry = join(shim, 'src/registry.ts');
  const text = readFileSync(registry, 'utf8');
  assert.match(text, FIRST_ENTRY);
  writeFileSync(registry, text.replace(FIRST_ENTRY, ENTRY));
  const after = await shimTail(clone, socket);
  assert.equal(after.code, 0, after.stderr);
  const told = Buffer.concat(bodies).toString('latin1');
  for (const part of ['telemetry.hello', 'file.read', '/made/up', 'telemetry.drop', 'nonsense']) {
    assert.ok(told.includes(part), part);
  }
  const tests = ['registry.test.ts', 'adapter/conformance.test.ts'];
  const conforms = await run(
    [process.execPath, '--test', ...tests.map((name) => join(shim, 'src', name))],
    { cwd: clone, env: userEnvironment() },
  );
  assert.equal(conforms.code, 0, conforms.stdout.slice(-2_000));
  assert.match(conforms.stdout, /the adapter of tail/);
}

function shimTail(clone: string, socket: string): Promise<Ran> {
  const cli = join(clone, 'apps/cli/bin/vitrine.mjs');
  const command = [process.execPath, cli, 'shim', 'tail', '--intake', socket];
  const piped = ['/bin/sh', '-c', 'printf %s "$0" | "$@"', LINES, ...command];
  return new Program(piped, { cwd: clone, env: userEnvironment() }).ended;
}

/** Takes what a shim sends to its relay. */
async function intake(t: TestContext, dir: string): Promise<{ bodies: Buffer[]; socket: string }> {
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk));
    request.on('end', () => response.end());
  });
  const socket = join(dir, 'intake.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  t.after(() => server.close());
  return { bodies, socket };
}
