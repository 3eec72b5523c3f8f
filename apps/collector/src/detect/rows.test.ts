/** What reaches the thread of detection is what was sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, readPath } from '@vitrine/schema';
import { packRows, unpackRows } from './rows.ts';

function row(idx: number, record: JsonObject) {
  const place = { log: 'l', idx, session: `s${idx}`, shim: 'in', vantage: 'agent' };
  return {
    ...place,
    kind: 'file.read',
    leaf: Buffer.alloc(32, idx),
    record: JSON.stringify(record),
  };
}

test('rows come out of their buffer as they went in, from text and from bytes', () => {
  const records = [{ path: 'a' }, { path: 'grün 😀' }, {}];
  const loose = records.map((record, i) => row(i + 7, record));
  const bytes = loose.map((one) => ({ ...one, recordBytes: Buffer.from(one.record) }));
  for (const rows of [loose, bytes, []]) {
    const packed = packRows(rows);
    const transfer = [packed.bytes.buffer, packed.places.buffer];
    const come = unpackRows(structuredClone(packed, { transfer }));
    const seen = come.map(({ log, index, session, shim, vantage, kind, leaf, record }) => {
      return { log, index, session, shim, vantage, kind, leaf, record };
    });
    const expected = rows.map(({ idx: index, leaf, record, log, session, shim, vantage, kind }) => {
      const said = { log, index, session, shim, vantage, kind };
      return { ...said, leaf: leaf.toString('base64'), record: JSON.parse(record) };
    });
    assert.deepEqual(seen, expected);
  }
});

test('a member is the one that the record has, whichever row was asked before', () => {
  const records = [
    { file: { fd: 7, path: '/a"b' }, t: '1' },
    { file: { path: '/grün' }, process: { argv: ['a', 'b'] }, t: '2' },
    { file: 'none', nested: { file: { path: '/no' }, t: '3' } },
  ];
  const rows = unpackRows(packRows(records.map((record, i) => row(i, record))));
  const paths = ['t', 'file.path', 'file.fd', 'file', 'process.argv', 'path'];
  const steps = paths.map((path) => path.split('.'));
  for (const i of [0, 1, 2, 1, 0, 0]) {
    const found = steps.map((path) => rows[i]!.read!(path));
    const expected = paths.map((path) => readPath(records[i], path));
    assert.deepEqual(found, expected);
    assert.deepEqual(rows[i]!.record, records[i]);
  }
});
