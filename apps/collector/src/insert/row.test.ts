/** Columns of what was made here and of what is read back from its bytes are the same. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeRecord, ZERO_HASH } from '@vitrine/chain';
import { alertSubject, type JsonObject, recordColumns } from '@vitrine/schema';
import fc from 'fast-check';
import type { Batch } from '../sequence/plan.ts';
import { toRows } from './row.ts';

const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((some) => some.isWellFormed());
const members = fc.record(
  {
    agent: fc.record({ id: text }),
    file: fc.record({ path: text, real_path: text, errno: text }, { requiredKeys: [] }),
    http: fc.record({ host: text, method: text, path: text }, { requiredKeys: [] }),
    tool: fc.record({ name: text, success: fc.boolean() }, { requiredKeys: [] }),
    decision: fc.record({ value: fc.constantFrom('reject', 'accept') }),
    severity: fc.constantFrom('high', 'low'),
    subject: text,
  },
  { requiredKeys: [] },
);
const kind = fc.constantFrom(
  'file.open',
  'egress.request',
  'tool.call',
  'alert',
  'approval.decision',
);
const t = fc.bigInt({ min: 0n, max: 2n ** 66n }).map(String);

function batchOf(fields: JsonObject, event: { kind: string; t: string }, given: boolean): Batch {
  const [session, shim, seq] = ['s', 'in', 0];
  const place = { session, shim, seq, prev: ZERO_HASH };
  const { bytes, leaf } = makeRecord({ ...event, fields }, place, () => Buffer.alloc(16));
  const row = { session, shim, seq, bytes, leaf, parts: [], provenance: null };
  const read = { ...fields, ...event, session, shim, seq };
  const rows = [
    given ? { ...row, columns: recordColumns(read), subject: alertSubject(read) } : row,
  ];
  return { log: 'l', first: 0, size: 2, root: ZERO_HASH, rows, tiles: [] };
}

describe('rows of a batch', () => {
  it('have the same columns whether their record was read back or not', () => {
    fc.assert(
      fc.property(members, kind, t, (fields, name, time) => {
        const event = { kind: name, t: time };
        const made = toRows('tenant', batchOf(fields as JsonObject, event, true));
        const read = toRows('tenant', batchOf(fields as JsonObject, event, false));
        assert.deepEqual(made, read);
      }),
      { numRuns: 500 },
    );
  });
});
