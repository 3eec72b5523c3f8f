/** `dist/vitrine-verify.mjs`: small enough to be read, and the same verdicts as everywhere. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { verifyBundle } from '@vitrine/chain';
import { buildVerifier } from '../scripts/verifier.mjs';

const ROOT = new URL('../', import.meta.url);
const GOLDEN = new URL('vectors/golden/', import.meta.url);
const NOW = '1764090000000000000';
const LINES_MAX = 2_040;
const SOURCE_LINES_MAX = 200;
const FILE_BYTES_MAX = 60_000;
/** A table of all limits of the system: those that the verifier has, with the reason of each. */
const LIMITS = 'packages/schema/src/limits.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-verify-'));
const file = join(dir, 'vitrine-verify.mjs');
after(() => rmSync(dir, { recursive: true }));
const meta = await buildVerifier(file);
const [output] = Object.values(meta.outputs);
const text = readFileSync(file, 'utf8');

/** Files whose code is in it, with their lines, comments included; of the limits, the used ones. */
function sources(): [path: string, lines: number][] {
  const used = Object.entries(output!.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return used.map(([path]) => {
    const lines = readFileSync(new URL(path, ROOT), 'utf8').trimEnd().split('\n').length;
    return [path, path === LIMITS ? 2 * limitsUsed() : lines];
  });
}

/** Each is one line of code below one of reason. */
function limitsUsed(): number {
  const start = text.indexOf(`// ${LIMITS}\n`);
  const end = text.indexOf('\n// ', start + 1);
  return text.slice(start, end).match(/^(?:var |\t)\w+ = /gm)!.length;
}

test(`its sources are ${LINES_MAX} lines at most, none more than ${SOURCE_LINES_MAX}`, (t) => {
  const read = sources();
  for (const [path, lines] of read) assert.ok(lines <= SOURCE_LINES_MAX, `${path}: ${lines} lines`);
  const total = read.reduce((sum, [, lines]) => sum + lines, 0);
  t.diagnostic(`${total} lines in ${read.length} files`);
  assert.ok(read.length > 10 && total <= LINES_MAX, `${total} lines`);
});

test(`it has less than ${FILE_BYTES_MAX} bytes and imports nothing before it is a command`, (t) => {
  const { size } = statSync(file);
  t.diagnostic(`${size} bytes`);
  assert.ok(size < FILE_BYTES_MAX, `${size} bytes`);
  const imports = output!.imports.map(({ path, kind }) => `${kind} ${path}`);
  const modules = ['node:fs', 'node:url', 'node:util'].map((name) => `dynamic-import ${name}`);
  assert.deepEqual([...new Set(imports)].sort(), modules);
  assert.doesNotMatch(text, /^import\b/m);
  assert.doesNotMatch(text, /\bBuffer\b|\brequire\(/);
});

interface Expected {
  code: number;
  options: Record<string, boolean | { session: string }>;
}

function run(args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], (error, out, err) => {
      resolve({ code: Number(error?.code ?? 0), out, err });
    });
  });
}

const path = (name: string): string => new URL(name, GOLDEN).pathname;
const expected = JSON.parse(readFileSync(path('expected.json'), 'utf8')) as Record<
  string,
  Expected
>;
const trust = readFileSync(path('trust.txt'), 'utf8');

test('as a command it ends with the code of every golden bundle, and a verdict', async () => {
  for (const [name, { code, options }] of Object.entries(expected)) {
    const bundle = path(`${name}.vitrine.json`);
    const flags = Object.entries(options).flatMap(([option, value]) => {
      if (typeof value === 'object') return ['--expect-session', value.session];
      return value ? [`--${option.replace('_', '-')}`] : [];
    });
    const ended = await run([bundle, '--trust', path('trust.txt'), '--now', NOW, ...flags]);
    assert.equal(ended.code, code, `${name}: ${ended.out}${ended.err}`);
    const verdict = JSON.parse(ended.out) as Record<string, unknown>;
    const given = verifyBundle(readFileSync(bundle), trust, {
      now: BigInt(NOW),
      requireClosed: options.require_closed === true,
      requireLossless: options.require_lossless === true,
      requireParts: options.require_parts === true,
      ...(typeof options.expect === 'object' ? { expect: options.expect } : {}),
    });
    assert.deepEqual(verdict, JSON.parse(JSON.stringify(given)), name);
  }
});

test('pin, age and all are its options too; wrong usage ends with 2 and says how', async () => {
  const known = ['--trust', path('trust.txt'), '--now', NOW];
  const pinned = await run([path('pinned.vitrine.json'), ...known, '--pin', path('pin.json')]);
  assert.equal(pinned.code, 0, pinned.out);
  const old = await run([path('event.vitrine.json'), ...known, '--max-age', '0', '--all']);
  const { failures } = JSON.parse(old.out) as { failures: unknown[] };
  assert.deepEqual([old.code, failures.length], [4, 1]);
  const help = await run(['--help']);
  assert.deepEqual([help.code, /--require-lossless/.test(help.out)], [0, true]);
  const bundle = path('event.vitrine.json');
  for (const args of [
    [],
    [bundle],
    [bundle, bundle, ...known],
    [bundle, ...known, '--what'],
    [bundle, ...known, '--max-age=-1'],
    [`${bundle}.none`, ...known],
  ]) {
    const { code, out, err } = await run(args);
    assert.deepEqual([code, out], [2, ''], args.join(' '));
    assert.match(
      err,
      /^error USAGE: .+\n\nnode vitrine-verify.mjs FILE --trust FILE/s,
      args.join(' '),
    );
  }
});

test('as a module it verifies, and does not run', async () => {
  const { verifyBundleAsync } = (await import(pathToFileURL(file).href)) as {
    verifyBundleAsync: (...args: unknown[]) => Promise<{ code: number }>;
  };
  const bundle = readFileSync(path('event.vitrine.json'));
  assert.equal((await verifyBundleAsync(bundle, trust)).code, 0, 'options may be left out');
  assert.equal((await verifyBundleAsync(bundle, trust, { maxAgeNs: 1n })).code, 2);
});
