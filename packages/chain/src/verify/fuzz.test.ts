/** Hostile bundles: whatever is changed, the answer is a coded verdict, and never "proven". */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { verifyBundle } from './node.ts';
import type { Verdict, VerifyOptions } from './types.ts';

const GOLDEN = new URL('../../../../test/vectors/golden/', import.meta.url);
const NOW = 1_764_090_000n * 1_000_000_000n;
const TRUST = readFileSync(new URL('trust.txt', GOLDEN), 'utf8');
const PIN = readFileSync(new URL('pin.json', GOLDEN), 'utf8');

/** Chosen once: the same changes every time. */
const SEED = 20_261_125;
const RUNS = 1_000;

const FILES = readdirSync(GOLDEN).filter((name) => name.endsWith('.vitrine.json'));
const BUNDLES = FILES.map((name) => ({ name, bytes: readFileSync(new URL(name, GOLDEN)) }));
const PROVEN = BUNDLES.filter(({ bytes }) => verify(bytes).code === 0);

function verify(bytes: Uint8Array, options: VerifyOptions = {}): Verdict {
  const verdict = verifyBundle(bytes, TRUST, { now: NOW, pin: undefined, ...options });
  const { code, failure, proven } = verdict;
  assert.ok(code >= 0 && code <= 5);
  assert.equal(failure?.code ?? 0, code);
  assert.equal(proven.length > 0, code === 0);
  JSON.stringify(verdict);
  return verdict;
}

/** The signature lines of `consistency.from`, and all of it without a pin, are not asked for. */
function bound(name: string, text: string): { from: number; to: number }[] {
  if (!name.startsWith('pinned')) return [];
  const from = text.indexOf('"consistency"');
  return [{ from, to: text.indexOf('"format"') }];
}

test('no flipped bit of a proven bundle is accepted', () => {
  let flips = 0;
  for (const { name, bytes } of PROVEN) {
    const free = bound(name, bytes.toString('latin1'));
    const flipped = Buffer.from(bytes);
    // Every byte of small bundles, every few of large ones, another bit each time.
    const step = Math.max(1, Math.floor(bytes.length / 80));
    for (let at = 0; at < bytes.length; at += step) {
      if (free.some(({ from, to }) => at >= from && at < to)) continue;
      const bit = 1 << ((at * 5 + 3) % 8);
      flipped[at]! ^= bit;
      const { code, claim } = verify(flipped);
      // Another session may be absent as well: then it is said of that one.
      const other = code === 0 && isAbsence(claim) && !sameClaim(claim, bytes);
      assert.ok(code !== 0 || other, `${name}, byte ${at}, bit ${bit}`);
      flipped[at]! ^= bit;
      flips++;
    }
  }
  assert.ok(flips > 1_000);
});

function isAbsence(claim: Verdict['claim']): boolean {
  return claim?.type === 'absent' || claim?.type === 'inactive';
}

function sameClaim(claim: Verdict['claim'], bytes: Buffer): boolean {
  return JSON.stringify(claim) === JSON.stringify((parse(bytes) as { claim: unknown }).claim);
}

test('with a pin, the consistency proof is bound as well', () => {
  const { bytes } = BUNDLES.find(({ name }) => name === 'pinned.vitrine.json')!;
  assert.equal(verify(bytes, { pin: PIN }).code, 0);
  const text = bytes.toString('latin1');
  const start = text.indexOf('"proof"', text.indexOf('"consistency"'));
  for (let at = start; at < text.indexOf('"format"') - 2; at += 3) {
    const flipped = Buffer.from(bytes);
    flipped[at]! ^= 1 << (at % 8);
    assert.notEqual(verify(flipped, { pin: PIN }).code, 0, `byte ${at}`);
  }
});

type Node = { parent: Record<string, unknown> | unknown[]; key: string | number; path: string };

function nodesOf(value: unknown, path = ''): Node[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const here = { parent: value as Node['parent'], key, path: `${path}/${key}` };
    return [here, ...nodesOf(member, here.path)];
  });
}

/** What a claim does not need may go: other attached leaves, a whole chain's parts, a head. */
function mayGo(path: string): boolean {
  return /^\/(attached(\/\d+)?|consistency(\/.*)?|chains\/\d+\/(parts|head))$/.test(path);
}

const VALUES: unknown[] = [
  null,
  true,
  0,
  1,
  -1,
  2 ** 53,
  '',
  'x',
  [],
  {},
  [[]],
  'AAAA',
  '__proto__',
];

interface Change {
  at: number;
  from: number;
  how: 'delete' | 'replace' | 'copy' | 'rename' | 'repeat';
  value: unknown;
}

/** Changes a parsed bundle in place; returns where. */
function applyChange(bundle: object, { at, from, how, value }: Change): string {
  const nodes = nodesOf(bundle);
  if (nodes.length === 0) return '';
  const { parent, key, path } = nodes[at % nodes.length]!;
  const holder = parent as Record<string, unknown>;
  const other = nodes[from % nodes.length]!;
  const copied = structuredClone((other.parent as Record<string, unknown>)[other.key]);
  if (how === 'delete' && Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (how === 'delete') delete holder[key];
  else if (how === 'replace') holder[key] = value;
  else if (how === 'copy') holder[key] = copied;
  else if (how === 'rename' && !Array.isArray(parent)) holder[`${key}x`] = holder[key];
  else if (how === 'repeat' && Array.isArray(parent))
    parent.push(structuredClone(parent[Number(key)]));
  else return '';
  return path;
}

test('structural changes end in a verdict, and prove nothing that was not there', () => {
  const change = fc.record<Change>({
    at: fc.nat(),
    from: fc.nat(),
    how: fc.constantFrom('delete', 'replace', 'copy', 'rename', 'repeat'),
    value: fc.constantFrom(...VALUES),
  });
  const changes = fc.array(change, { minLength: 1, maxLength: 3 });
  const names = fc.constantFrom(...BUNDLES.map(({ name }) => name));
  let proven = 0;
  const mutate = fc.property(names, changes, fc.boolean(), (name, wanted, all) => {
    const { bytes } = BUNDLES.find((bundle) => bundle.name === name)!;
    const bundle = parse(bytes);
    if (bundle === undefined) return;
    const before = JSON.stringify(bundle);
    const paths = wanted.map((one) => applyChange(bundle, one)).filter((path) => path !== '');
    const after = JSON.stringify(bundle);
    const { code, claim } = verify(Buffer.from(after), { all });
    // A bundle that was tampered with may become right again.
    if (code !== 0 || !PROVEN.some((whole) => whole.name === name)) return;
    proven++;
    const other = isAbsence(claim) && !sameClaim(claim, bytes);
    const gone = paths.filter(mayGo);
    const harmless = paths.every(
      (path) => mayGo(path) || gone.some((g) => path.startsWith(`${g}/`)),
    );
    assert.ok(before === after || other || harmless, `${paths.join(' ')} still proven`);
  });
  fc.assert(mutate, { numRuns: RUNS, seed: SEED });
  assert.ok(proven < RUNS / 4, `${proven} of ${RUNS}`);
});

function parse(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    return JSON.parse(bytes.toString()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

test('noise of any kind ends in code 2', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((t) => Buffer.from(t)),
      ),
      (bytes) => {
        assert.equal(verify(bytes).code, 2);
      },
    ),
    { numRuns: 200, seed: SEED },
  );
});

test('hostile trust files, pins and options end in code 2 or 4', () => {
  const { bytes } = PROVEN[0]!;
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(), (noise, at) => {
      const cut = at % TRUST.length;
      const trust = TRUST.slice(0, cut) + noise + TRUST.slice(cut + 1);
      const { code } = verifyBundle(bytes, trust, { now: NOW });
      assert.ok([0, 2, 4].includes(code));
      const pin = PIN.slice(0, at % PIN.length) + noise + PIN.slice((at % PIN.length) + 1);
      assert.ok([0, 1, 2, 3, 4].includes(verify(bytes, { pin }).code));
    }),
    { numRuns: 200, seed: SEED },
  );
});
