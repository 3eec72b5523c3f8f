/**
 * A server that lies about one row: each lie fails at its link, in words, and nothing is proven.
 * The verifier is the one of the page, on Node's WebCrypto.
 */
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import type { EventItem } from '@vitrine/schema/api';
import { type BundleJson, NOW_NS, ProofLog, proofLog } from './fixture.ts';
import { type ProofReport, proveRow, type StepId } from './prove.ts';
import type { TrustPin } from './trust-pin.ts';

const { subtle } = webcrypto;
const LOG = proofLog();
const INDEX = 3;
const ROW = LOG.item(INDEX);

function pinOf(text: string): TrustPin {
  return { text, source: 'first use', name: '', at: '2026-11-28T10:00:00.000Z' };
}

interface Lie {
  row?: Partial<EventItem>;
  bundle?: (bundle: BundleJson) => void;
  bytes?: Uint8Array;
  trust?: string;
  keyChange?: string;
  nowNs?: bigint;
}

function prove({ row, bundle, bytes, trust, keyChange, nowNs = NOW_NS }: Lie) {
  const inputs = { pin: pinOf(trust ?? LOG.trust), keyChange, subtle, nowNs };
  return proveRow({ ...ROW, ...row }, bytes ?? LOG.bundle(INDEX, bundle), inputs);
}

function statesOf({ steps }: ProofReport): Record<StepId, string> {
  return Object.fromEntries(steps.map(({ id, state }) => [id, state])) as Record<StepId, string>;
}

function assertFails(report: ProofReport, step: StepId, words: RegExp): void {
  assert.equal(report.proven, false);
  const found = report.steps.find(({ id }) => id === step)!;
  assert.equal(found.state, 'fails', JSON.stringify(report.steps, null, 1));
  assert.match(found.sentence, words);
  assert.match(report.failure ?? '', /^[A-Z].*\.$/s, 'a sentence');
}

test('every row of an honest log is proven, all links with their values', async () => {
  for (let index = 0; index < LOG.size; index++) {
    const inputs = { pin: pinOf(LOG.trust), keyChange: undefined, subtle, nowNs: NOW_NS };
    const report = await proveRow(LOG.item(index), LOG.bundle(index), inputs);
    assert.equal(report.proven, true, `${index}: ${report.failure}`);
    assert.deepEqual(
      report.steps.map(({ id }) => id),
      ['leaf', 'path', 'root', 'signature', 'key', 'arrival'],
    );
    assert.ok(report.steps.every(({ state }) => state === 'holds'));
    assert.ok(report.notProven.length > 0);
    const values = report.steps.flatMap(({ facts }) => facts.map(({ value }) => value)).join('\n');
    for (const value of [LOG.item(index).leaf, String(LOG.size), LOG.keyId]) {
      assert.ok(values.includes(value), value);
    }
  }
});

/** Another hash of the same form. */
function other(hash: string): string {
  return `${hash[0] === 'A' ? 'B' : 'A'}${hash.slice(1)}`;
}

function edited(text: string): string {
  return text.replace('/w/2', '/w/9');
}

test('a wrong path', async () => {
  const report = await prove({
    bundle: ({ attached }) => {
      attached[1]!.proof[0] = other(attached[1]!.proof[0]!);
    },
  });
  assertFails(report, 'root', /path leads to another root/);
  assert.equal(statesOf(report).leaf, 'holds');
  assert.equal(statesOf(report).signature, 'holds', 'the checkpoint itself is sound');
});

test('a path of another length', async () => {
  const cut = await prove({ bundle: ({ attached }) => void attached[1]!.proof.pop() });
  assertFails(cut, 'path', /has no path of 2 hashes/);
  const long = await prove({
    bundle: ({ attached }) => void attached[1]!.proof.push(ROW.leaf),
  });
  assertFails(long, 'path', /has no path of 4 hashes/);
});

test('a wrong root, or a wrong size', async () => {
  const root = await prove({
    bundle: (bundle) => {
      const lines = bundle.checkpoint.split('\n');
      lines[2] = other(lines[2]!);
      bundle.checkpoint = lines.join('\n');
    },
  });
  assertFails(root, 'root', /path leads to another root/);
  assertFails(root, 'signature', /does not verify/);
  const size = await prove({
    bundle: (bundle) => {
      bundle.checkpoint = bundle.checkpoint.replace(`\n${LOG.size}\n`, `\n${LOG.size + 1}\n`);
    },
  });
  assertFails(size, 'signature', /does not verify/);
});

test('a wrong record: in the bundle, in the row, and in both', async () => {
  const changeBundle = ({ attached }: BundleJson): void => {
    attached[1]!.record = edited(attached[1]!.record);
  };
  const record = JSON.parse(edited(JSON.stringify(ROW.record))) as EventItem['record'];
  const title = edited(ROW.title);
  assertFails(await prove({ bundle: changeBundle }), 'leaf', /does not hash to the leaf/);
  assertFails(await prove({ row: { record, title } }), 'leaf', /does not hash to its leaf/);
  const both = await prove({ bundle: changeBundle, row: { record, title } });
  assertFails(both, 'leaf', /does not hash to its leaf/);
});

test('a record and its leaf that fit each other are not in the signed tree', async () => {
  const forged = new ProofLog(9);
  forged.admit('s1/b1', 0, 4);
  for (let i = 0; i < 5; i++) forged.add('s1/b1', 'file.read', { file: { path: '/w/harmless' } });
  forged.add('s1/sup', 'open');
  forged.seal();
  const row = forged.item(INDEX);
  const forgedBundle = JSON.parse(new TextDecoder().decode(forged.bundle(INDEX))) as BundleJson;
  const own = await prove({ row, bytes: forged.bundle(INDEX) });
  assertFails(own, 'key', /is signed by [0-9a-f]{8}; trusted is [0-9a-f]{8}/);
  assert.equal(statesOf(own).signature, 'not checked');
  const grafted = await prove({
    row,
    bundle: (bundle) => {
      bundle.attached = forgedBundle.attached;
    },
  });
  assertFails(grafted, 'root', /path leads to another root/);
});

test('a wrong key: signed by somebody in the place of the log', async () => {
  const thief = proofLog(8);
  const report = await prove({ bytes: thief.bundle(INDEX), row: thief.item(INDEX) });
  assertFails(report, 'key', /not signed as the trusted keys ask/);
  assert.match(report.failure!, /pinned on first use, 2026-11-28/);
  assert.ok(report.failure!.includes(thief.keyId) && report.failure!.includes(LOG.keyId));
});

test('a signature that was tampered with', async () => {
  const report = await prove({
    bundle: (bundle) => {
      const at = bundle.checkpoint.length - 10;
      const character = bundle.checkpoint[at] === 'A' ? 'B' : 'A';
      bundle.checkpoint =
        bundle.checkpoint.slice(0, at) + character + bundle.checkpoint.slice(at + 1);
    },
  });
  assertFails(report, 'signature', /does not verify/);
});

test('keys of the server that are not those of the pin', async () => {
  const keyChange = 'The server names another key now: x.';
  assertFails(await prove({ keyChange }), 'key', /names another key now.*npx --no vitrine trust/);
});

test("a different event's bundle, whole and sound", async () => {
  const report = await prove({ bytes: LOG.bundle(INDEX + 1) });
  assertFails(report, 'leaf', /proof about leaf 4, and this row is leaf 3/);
  const renamed = await prove({
    bytes: LOG.bundle(INDEX + 1, ({ attached, claim }) => {
      claim.index = INDEX;
      attached[1]!.index = INDEX;
    }),
  });
  assertFails(renamed, 'leaf', /does not hash to the leaf of this row/);
  const claimed = await prove({
    bundle: ({ claim }) => {
      claim.index = INDEX + 1;
    },
  });
  assertFails(claimed, 'leaf', /proof about leaf 4/);
  const left = await prove({ bundle: ({ attached }) => void attached.pop() });
  assertFails(left, 'leaf', /holds no leaf 3/);
});

test('a sound proof from another log than the row says it is of', async () => {
  assertFails(await prove({ row: { log: 'other.0.1' } }), 'leaf', /this row is of other\.0\.1/);
});

const COLUMN_EDITS: Partial<EventItem>[] = [
  { title: 'file.read /w/9' },
  { severity: 0 },
  { kind: 'file.write' },
  { t: '1' },
  { agent: 'helper' },
  { session: 's2' },
  { shim: 'b2' },
  { seq: 7 },
];

for (const row of COLUMN_EDITS) {
  const [column] = Object.keys(row);
  test(`the column ${column} edited in the store`, async () => {
    assertFails(await prove({ row }), 'leaf', new RegExp(`column ${column} was changed`));
  });
}

const ARRIVAL_EDITS: Partial<EventItem>[] = [
  { vantage: 'host' },
  { via: 'otlp' },
  { sandbox: 'sb-2' },
  { peer: 'tcp' },
  { observed: '1764000000000000009' },
];

for (const row of ARRIVAL_EDITS) {
  const [column] = Object.keys(row);
  test(`the column ${column}, which only an admit record can vouch for, edited`, async () => {
    const report = await prove({ row });
    assertFails(report, 'arrival', new RegExp(`column ${column} was changed.*leaf 0 says`));
    assert.equal(statesOf(report).key, 'holds');
  });
}

test('an admit record that is left out, or forged', async () => {
  const without = await prove({ bundle: ({ attached }) => void attached.shift() });
  assertFails(without, 'arrival', /No admit record/);
  const forged = await prove({
    row: { vantage: 'host' },
    bundle: ({ attached }) => {
      attached[0]!.record = attached[0]!.record.replace('"boundary"', '"host"');
    },
  });
  assertFails(forged, 'arrival', /is not in the log/);
});

test('the log itself has no vantage to be given', async () => {
  const inputs = { pin: pinOf(LOG.trust), keyChange: undefined, subtle, nowNs: NOW_NS };
  const own = { ...LOG.item(6), vantage: 'host' as const };
  assertFails(await proveRow(own, LOG.bundle(6), inputs), 'arrival', /wrote this record itself/);
});

test('a seal that does not hold, and one from the future', async () => {
  const broken = await prove({
    bundle: ({ seal }) => {
      seal.proof[0] = other(seal.proof[0]!);
    },
  });
  assertFails(broken, 'root', /The seal, the last leaf of the tree, does not hold/);
  assertFails(await prove({ nowNs: 1n }), 'root', /one of the clocks is wrong/);
});

test('no bundle at all: noise, HTML, nothing, a bundle with an unknown member', async () => {
  const texts = ['', '<html>', '{}', '[]', 'null', LOG.bundle(INDEX).subarray(0, 400)];
  for (const text of texts) {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    const report = await prove({ bytes });
    assertFails(report, 'leaf', /no proof that can be read/);
    assert.equal(report.steps.filter(({ state }) => state === 'not checked').length, 5);
  }
});

test('no flipped bit of the bundle leaves the row proven', async () => {
  const bytes = LOG.bundle(INDEX);
  for (let at = 0; at < bytes.length; at += 11) {
    const flipped = bytes.slice();
    flipped[at]! ^= 1 << (at % 7);
    const { proven, failure } = await prove({ bytes: flipped });
    assert.ok(!proven && failure !== undefined, `byte ${at}`);
  }
});
