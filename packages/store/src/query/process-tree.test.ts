import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RawProcess, treeOf } from './process-tree.ts';

let next = 0;

function told(kind: string, pid: number, ppid: number): RawProcess {
  const idx = String(next++);
  return {
    ...{ idx, t: idx, kind, shim: 'b0.host', vantage: 'host', agent: '' },
    ...{ pid: String(pid), ppid: String(ppid), exe: `/bin/${pid}`, argv: [], argc: null },
    ...{ argv_part: 0, uid: null, code: null, signal: '' },
  };
}

const exec = (pid: number, ppid: number): RawProcess => told('process.exec', pid, ppid);
const exit = (pid: number, ppid: number): RawProcess => told('process.exit', pid, ppid);

/** Each process with the number of its parent. */
function shapeOf(rows: RawProcess[]): [pid: number, parent: number | null][] {
  const { items } = treeOf(rows, [], []);
  for (const [n, item] of items.entries()) {
    assert.equal(item.n, n);
    assert.ok(item.parent === null || item.parent < n, 'a parent stands before its children');
  }
  return items.map(({ pid, parent }) => [pid, parent === null ? null : items[parent]!.pid]);
}

describe('a tree of processes', () => {
  it('has a child below the parent that was seen to start', () => {
    assert.deepEqual(shapeOf([exec(1, 0), exec(2, 1), exit(2, 1), exit(1, 0)]), [
      [1, null],
      [2, 1],
    ]);
  });

  it('has it below a parent, too, of which only the end was seen', () => {
    assert.deepEqual(shapeOf([exec(3, 2), exit(3, 2), exit(2, 1), exit(1, 0)]), [
      [1, null],
      [2, 1],
      [3, 2],
    ]);
  });

  it('has none below a process that started after it', () => {
    assert.deepEqual(shapeOf([exec(3, 2), exec(2, 1)]), [
      [3, null],
      [2, null],
    ]);
  });

  it('is a tree, whatever numbers are claimed', () => {
    assert.deepEqual(shapeOf([exec(2, 3), exit(3, 2)]), [
      [2, null],
      [3, 2],
    ]);
    assert.deepEqual(shapeOf([exit(4, 4)]), [[4, null]]);
  });

  it('counts all below a parent that became known late', () => {
    const { items } = treeOf([exec(3, 2), exec(4, 3), exit(2, 1)], [], []);
    assert.deepEqual(
      items.map(({ pid, children, descendants }) => [pid, children, descendants]),
      [
        [2, 1, 2],
        [3, 1, 1],
        [4, 0, 0],
      ],
    );
  });
});
