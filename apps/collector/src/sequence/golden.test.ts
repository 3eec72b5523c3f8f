/**
 * The sequencer's own code, fed with the golden records batch by batch, gives the leaves, seals and
 * checkpoints that an independent implementation of LOG.md gave: byte for byte. Only what a seal
 * leaves to its writer is taken from the golden ones: its time, `src`, and whether it has heads.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { admitRecord, formatCheckpoint, generateLogKey, signNote } from '@vitrine/chain';
import { type JsonObject, RESERVED_FIELDS } from '@vitrine/schema';
import { applyAlert } from './alert.ts';
import { applyEntry } from './apply.ts';
import { BatchDraft, type Provenance } from './draft.ts';
import { closeBatch, layOutBatch } from './plan.ts';
import { emptyState, type LogState } from './state.ts';

const GOLDEN = new URL('../../../../test/vectors/golden/', import.meta.url);
const LOG = 'default.0.1';
const KEY = generateLogKey(
  `vitrine.local/0a1b2c3d/${LOG}`,
  Buffer.from(Array.from({ length: 32 }, (_, i) => i)),
);

interface Leaf {
  text: string;
  record: JsonObject;
}

const read = (name: string): string => readFileSync(new URL(name, GOLDEN), 'utf8');

/** Each batch with its seal behind it. */
function batches(): { leaves: Leaf[]; seal: JsonObject }[] {
  const found: { leaves: Leaf[]; seal: JsonObject }[] = [];
  let leaves: Leaf[] = [];
  for (const line of read('log.jsonl').trim().split('\n')) {
    const { record: text } = JSON.parse(line) as { record: string };
    const record = JSON.parse(text) as JsonObject;
    leaves.push({ text, record });
    if (record.kind !== 'seal') continue;
    found.push({ leaves, seal: record });
    leaves = [];
  }
  return found;
}

function fieldsOf(record: JsonObject): JsonObject {
  const reserved: readonly string[] = RESERVED_FIELDS;
  return Object.fromEntries(Object.entries(record).filter(([name]) => !reserved.includes(name)));
}

/** What the connection said, as the batch's admit record repeats it. */
function provenanceOf(leaves: Leaf[], chain: string): Provenance {
  const runs = leaves.flatMap(({ record }) => (record.runs ?? []) as JsonObject[]);
  const { first, last, chain: _, ...said } = runs.find((run) => run.chain === chain)!;
  return said as unknown as Provenance;
}

function takeRelayed(draft: BatchDraft, leaves: Leaf[], { text, record }: Leaf): void {
  const { session, shim, seq } = record as { session: string; shim: string; seq: number };
  const chain = `${session}/${shim}`;
  const bytes = Buffer.from(text);
  const { head: prev } = draft.tip(session, shim);
  const { leaf } = admitRecord({ chain, seq, prev }, bytes);
  const open = draft.state.sessions.get(session)!;
  const joining = leaves.find(({ record: r }) => {
    return r.kind === 'join' && (r.target as JsonObject).chain === chain;
  });
  if (joining !== undefined) draft.join(open, chain, leaf, String(joining.record.t));
  const provenance = provenanceOf(leaves, chain);
  draft.put({ session, shim, seq, bytes, leaf, parts: [], provenance });
}

/** What the sequencer writes on its own account, by the entry that makes it do so. */
function takeOwn(draft: BatchDraft, { record }: Leaf): void {
  const { kind, t, session, target } = record as Record<string, string> & { target: JsonObject };
  const observed = t!;
  const fields = fieldsOf(record);
  if (kind === 'end') {
    const { state, reason } = record as { state: 'closed'; reason: string };
    const chain = String(target.chain);
    applyEntry(draft, { kind, session: session!, chain, state, reason, observed });
  } else if (kind === 'close') {
    applyEntry(draft, { kind, session: session!, reason: 'runtime', observed });
  } else if (kind === 'alert') {
    applyAlert(draft, fields as Parameters<typeof applyAlert>[1], observed);
  } else if (kind === 'redact' || kind === 'expire') {
    draft.own('audit', kind, observed, fields);
  }
}

function fill(draft: BatchDraft, leaves: Leaf[]): void {
  for (const { record } of leaves) {
    if (record.kind !== 'open') continue;
    const { session, t: observed } = record as Record<string, string>;
    const description = fieldsOf(record) as never;
    applyEntry(draft, { kind: 'open', session: session!, observed: observed!, description });
  }
  const own = new Set(['log', 'sup']);
  for (const leaf of leaves) {
    const { session, shim } = leaf.record as Record<string, string>;
    if (session === undefined || own.has(session) || own.has(shim!)) continue;
    takeRelayed(draft, leaves, leaf);
  }
  for (const leaf of leaves) takeOwn(draft, leaf);
}

function sealGolden(state: LogState, leaves: Leaf[], seal: JsonObject) {
  const draft = new BatchDraft(state, () => Buffer.alloc(16));
  fill(draft, leaves);
  const tNs = BigInt(String(seal.t));
  const terms = { tNs, src: seal.src as JsonObject, withHeads: seal.heads !== null };
  return closeBatch(state, layOutBatch(draft, tNs), terms).batch;
}

test('the golden records give the golden leaves, seals and checkpoints', () => {
  const state = emptyState({ log: LOG, tenant: 'default', origin: KEY.origin });
  const notes = JSON.parse(read('checkpoints.json')) as { size: number; note: string }[];
  let daySeals = 0;
  for (const [i, { leaves, seal }] of batches().entries()) {
    const batch = sealGolden(state, leaves, seal);
    assert.deepEqual(
      batch.rows.map(({ bytes }) => bytes.toString()),
      leaves.map(({ text }) => text),
      `batch ${i}`,
    );
    const { size, root } = batch;
    const note = signNote(formatCheckpoint({ origin: KEY.origin, size, root }), KEY);
    const golden = notes.find((published) => published.size === size)!;
    assert.ok(golden.note.startsWith(note), `the note of ${size} but for its cosignature`);
    daySeals += 'day' in seal ? 1 : 0;
  }
  assert.equal(state.lastSeal?.n, notes.length - 1);
  assert.equal(daySeals, 1);
});
