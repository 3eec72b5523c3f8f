/**
 * A small log of alerts for tests: true records, true leaves, true proofs, and the same bytes every
 * time. Stands in for the collector's side of delivery.
 */
import { createHash } from 'node:crypto';
import {
  buildTree,
  formatCheckpoint,
  generateLogKey,
  makeRecord,
  parseCanonical,
  signNote,
  tlogProof,
  ZERO_HASH,
} from '@vitrine/chain';
import { alertLink, type JsonObject } from '@vitrine/schema';
import type { DeliverableAlert } from '../contract.ts';
import type { DeliverySource } from '../delivery/contract.ts';

const SAMPLE_ORIGIN = 'vitrine.local/0badcafe/default.0.1';
const SAMPLE_KEY = generateLogKey(SAMPLE_ORIGIN, Buffer.alloc(32, 7));
const FIRST_NS = 1_764_000_000_000_000_000n;

/** What a log of ten thousand million records and two witnesses would add. */
export const LONG_PROOF = tlogProof(
  9_999_999_999,
  Array.from({ length: 34 }, (_, i) => createHash('sha256').update(`${i}`).digest()),
  [
    `${SAMPLE_ORIGIN}\n9999999999\n${'A'.repeat(43)}=\n`,
    ...Array.from({ length: 3 }, () => `— witness.example ${'B'.repeat(100)}`),
    '',
  ].join('\n'),
);

interface SampleAlert {
  /** The session it is about; `session-<i>` when left out. */
  subject?: string;
  /** Members beside or instead of the usual ones. */
  fields?: JsonObject;
  /** Content that the record commits to; the record itself never has it. */
  parts?: Record<string, Uint8Array>;
}

/** One alert for each entry, at every second leaf of the log, under one checkpoint. */
export function sampleAlerts(samples: SampleAlert[]): DeliverableAlert[] {
  let prev = ZERO_HASH;
  const made = samples.map((sample, seq) => {
    const t = String(FIRST_NS + BigInt(seq) * 1_000_000_000n);
    const fields = alertFields(sample, seq);
    const place = { session: 'log', shim: 'alert', seq, prev };
    const { parts } = sample;
    const event = { kind: 'alert', t, fields, ...(parts && { parts }) };
    const { bytes, leaf } = makeRecord(event, place, () => Buffer.alloc(16));
    prev = leaf;
    return { bytes, leaf, t };
  });
  const leaves = made.flatMap(({ leaf }, i) => [Buffer.alloc(32, i + 1), leaf]);
  const tree = buildTree(leaves);
  const size = leaves.length;
  const checkpoint = formatCheckpoint({ origin: SAMPLE_ORIGIN, size, root: tree.root });
  const note = signNote(checkpoint, SAMPLE_KEY);
  return made.map(({ bytes, leaf, t }, i) => {
    const index = 2 * i + 1;
    const record = parseCanonical(bytes);
    return {
      id: String(record.id),
      log: 'default.0.1',
      index,
      leaf: leaf.toString('base64'),
      t,
      record,
      proof: tlogProof(index, tree.path(index), note),
      link: alertLink('http://127.0.0.1:3000', index),
    };
  });
}

function alertFields({ subject, fields }: SampleAlert, seq: number): JsonObject {
  return {
    id: `alr_${seq.toString(16).padStart(32, '0')}`,
    rule: 'EGR-001',
    title: 'Upload with a key that this session was not given',
    severity: 'high',
    subject: subject ?? `session-${seq}`,
    vantage: 'boundary',
    what: 'A file went to api.anthropic.com with a credential that is not the session’s own.',
    todo: 'Stop the session and read the request that carried the key.',
    evidence: [1, 2].map((n) => {
      return { log: 'default.0.1', index: n, leaf: Buffer.alloc(32, n).toString('base64') };
    }),
    host: {
      name: 'build-7',
      ip: '192.0.2.17',
      process: { pid: 4_711, exe: '/usr/bin/bwrap' },
      edr: { vendor: 'crowdstrike', device_id: '0f3c' },
    },
    tags: ['attack.exfiltration', 'attack.t1567'],
    event: { kind: 'egress.request', http: { method: 'POST', path: '/v1/files' } },
    ...fields,
  };
}

/** A source over a list that may grow. */
export function listSource(alerts: DeliverableAlert[]): DeliverySource {
  return {
    read: async (after, limit) => alerts.filter(({ index }) => index > after).slice(0, limit),
    tip: async () => alerts.at(-1)?.index ?? -1,
  };
}
