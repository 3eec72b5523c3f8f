import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryIo } from './memory-io.ts';
import { type Column, printPairs, printTable } from './table.ts';

interface Row {
  n: number;
  what: string;
}

const columns: Column<Row>[] = [
  { name: 'n', cell: (row) => String(row.n), right: true },
  { name: 'what', cell: (row) => row.what },
];
const rows: Row[] = [
  { n: 7, what: 'short' },
  { n: 1234, what: `long ${'x'.repeat(60)}` },
];

describe('printTable', () => {
  it('aligns columns under a heading on a terminal and cuts the last one at the edge', () => {
    const io = memoryIo({ tty: true, columns: 40 });
    printTable(io, columns, rows, 'none');
    assert.equal(io.lines[0], '   N  WHAT');
    assert.equal(io.lines[1], '   7  short');
    assert.equal(io.lines[2]?.length, 40);
    assert.ok(io.lines[2]?.endsWith('x…'));
  });

  it('prints whole cells with tabs and no heading into a pipe', () => {
    const io = memoryIo();
    printTable(io, columns, rows, 'none');
    assert.deepEqual(io.lines, ['7\tshort', `1234\tlong ${'x'.repeat(60)}`]);
  });

  it('says on the side that there is nothing, so that a pipe stays empty', () => {
    const io = memoryIo();
    printTable(io, columns, [], 'no rows');
    assert.deepEqual([io.lines, io.errors], [[], ['no rows']]);
  });

  it('lets no cell break its row', () => {
    const io = memoryIo();
    printTable(io, columns, [{ n: 1, what: 'a\tb\nc' }], '');
    assert.deepEqual(io.lines, ['1\ta\\u0009b\\u000ac']);
  });

  it('cuts a column at its own maximum', () => {
    const io = memoryIo({ tty: true });
    printTable(io, [{ ...columns[1]!, max: 6 }, columns[0]!], [rows[1]!], '');
    assert.equal(io.lines[1], 'long …  1234');
  });
});

describe('printPairs', () => {
  it('aligns labels on a terminal', () => {
    const io = memoryIo({ tty: true });
    printPairs(io, [
      ['a', '1'],
      ['long', '2'],
    ]);
    assert.deepEqual(io.lines, ['a     1', 'long  2']);
  });
});
