/** Folds and silences out of plain events. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventItem } from '@vitrine/schema/api';
import { FOLD_ROWS_MIN, SILENCE_MS_MIN } from '@vitrine/schema/record';
import { eventItem } from '../window/log.fixture.ts';
import { type DisplayOptions, displayRows, foldWords, type Row, rowAt, spanOf } from './display.ts';

const T0 = 1_795_875_700_000;
const NONE: ReadonlySet<number> = new Set();
const OPTIONS: DisplayOptions = { opened: NONE, pinned: NONE, silences: true, folds: true };

const at = (ms: number): string => `${T0 + ms}000000`;
const read = (index: number, path = '/etc/ld.so.cache', more: Partial<EventItem> = {}): EventItem =>
  eventItem(index, { kind: 'file.read', record: { file: { path, real_path: path } }, ...more });
const beat = (index: number, ms: number): EventItem =>
  eventItem(index, { kind: 'telemetry.heartbeat', t: at(ms), record: { dropped: 0 } });

const shape = (rows: Row[]): string =>
  rows
    .map((row) => {
      if (row.type === 'event') return row.inFold ? `(${row.item.index})` : `${row.item.index}`;
      if (row.type === 'fold') return `fold${row.open ? '+' : ''}:${row.items.length}`;
      return `silence${row.ongoing ? '…' : ''}:${row.ms}/${row.beats.length}`;
    })
    .join(' ');
const rowsOf = (items: EventItem[], options: Partial<DisplayOptions> = {}): Row[] =>
  displayRows(items, { ...OPTIONS, ...options });

describe('routine reads', () => {
  const items = [
    eventItem(0),
    read(1),
    read(2),
    read(3, '/usr/lib/locale/x'),
    eventItem(4),
    read(5),
    read(6),
  ];

  it(`fold from ${FOLD_ROWS_MIN} in a row on`, () => {
    const rows = rowsOf(items);
    assert.equal(shape(rows), '0 fold:3 4 5 6');
    assert.ok(rows[1]?.type === 'fold');
    assert.equal(foldWords(rows[1]), '3 routine reads: loader, locale');
  });

  it('stand below their row when one of them was opened, also when the fold grows', () => {
    const opened = new Set([2]);
    assert.equal(shape(rowsOf(items, { opened })), '0 fold+:3 (1) (2) (3) 4 5 6');
    const grown = [read(-1), ...items.slice(1)];
    assert.equal(shape(rowsOf(grown, { opened })), 'fold+:4 (-1) (1) (2) (3) 4 5 6');
  });

  it('never fold what is pinned: linked to, evidence, broken', () => {
    const many = [read(0), read(1), read(2), read(3), read(4), read(5), read(6)];
    assert.equal(shape(rowsOf(many, { pinned: new Set([3]) })), 'fold:3 3 fold:3');
    assert.equal(shape(rowsOf(many, { pinned: new Set([1]) })), '0 1 fold:5');
  });

  it('never fold what was denied or is severe', () => {
    const denied = read(2, '/etc/ld.so.cache', {
      record: { file: { path: '/etc/ld.so.cache', errno: 'EACCES' } },
    });
    const severe = read(3, '/etc/ld.so.cache', { severity: 1 });
    assert.equal(shape(rowsOf([read(0), read(1), denied, severe, read(4)])), '0 1 2 3 4');
  });

  it('are all shown to a search', () => {
    assert.equal(shape(rowsOf(items, { folds: false })), '0 1 2 3 4 5 6');
  });
});

describe('silence', () => {
  it('is a row from its limit on', () => {
    const before = eventItem(0, { t: at(0) });
    const long = eventItem(1, { t: at(SILENCE_MS_MIN) });
    const short = eventItem(1, { t: at(SILENCE_MS_MIN - 1) });
    assert.equal(shape(rowsOf([before, long])), `0 silence:${SILENCE_MS_MIN}/0 1`);
    assert.equal(shape(rowsOf([before, short])), '0 1');
  });

  it('holds the heartbeats that went on, and opens', () => {
    const items = [
      eventItem(0, { t: at(0) }),
      beat(1, 30_000),
      beat(2, 60_000),
      eventItem(3, { t: at(250_000) }),
    ];
    assert.equal(shape(rowsOf(items)), '0 silence:250000/2 3');
    assert.equal(shape(rowsOf(items, { opened: new Set([2]) })), '0 silence:250000/2 (1) (2) 3');
  });

  it('may still go on, as far as heartbeats tell', () => {
    const items = [eventItem(0, { t: at(0) }), beat(1, 30_000), beat(2, 90_000)];
    assert.equal(shape(rowsOf(items)), '0 silence…:90000/2');
    assert.equal(shape(rowsOf(items.slice(0, 2))), '0 1');
  });

  it('leaves heartbeats of a shorter stretch where they are, folded', () => {
    const items = [eventItem(0, { t: at(0) }), beat(1, 1), beat(2, 2), beat(3, 3), eventItem(4)];
    assert.equal(shape(rowsOf(items)), '0 fold:3 4');
  });

  it('is not made by clocks that differ', () => {
    const here = { t: at(0), observed: at(0), shim: 'a.boundary' };
    const ahead = { t: at(3_600_000), observed: at(500), shim: 'b.agent' };
    const items = [eventItem(0, here), eventItem(1, ahead), eventItem(2, { ...here, t: at(900) })];
    assert.equal(shape(rowsOf(items)), '0 1 2');
    const late = { ...ahead, observed: at(3_600_000) };
    assert.equal(shape(rowsOf([items[0]!, eventItem(1, late)])), '0 silence:3600000/0 1');
  });

  it('is not told while a filter hides events', () => {
    const items = [eventItem(0, { t: at(0) }), eventItem(1, { t: at(900_000) })];
    assert.equal(shape(rowsOf(items, { silences: false })), '0 1');
  });

  it('ends a fold', () => {
    const quiet = { t: at(400_000) };
    const items = [0, 1, 2].map((i) => read(i, '/etc/ld.so.cache', { t: at(i) }));
    items.push(...[3, 4, 5].map((i) => read(i, '/etc/ld.so.cache', quiet)));
    assert.equal(shape(rowsOf(items)), 'fold:3 silence:399998/0 fold:3');
  });
});

describe('places among indices', () => {
  const rows = rowsOf([
    eventItem(10, { t: at(0) }),
    read(20, '/etc/ld.so.cache', { t: at(1) }),
    read(21, '/etc/ld.so.cache', { t: at(2) }),
    read(25, '/etc/ld.so.cache', { t: at(3) }),
    eventItem(30, { t: at(900_000) }),
  ]);

  it('find the row that shows an event, or what is next', () => {
    assert.equal(shape(rows), '10 fold:3 silence:899997/0 30');
    const found = [5, 10, 11, 20, 22, 25, 25.5, 26, 30, 99].map((place) => rowAt(rows, place));
    assert.deepEqual(found, [0, 0, 1, 1, 1, 1, 2, 3, 3, 3]);
    assert.equal(rowAt([], 3), -1);
  });

  it('ascend from row to row, open or not', () => {
    const open = rowsOf([eventItem(1), read(2), read(3), read(4)], { opened: new Set([3]) });
    for (const list of [rows, open]) {
      const ends = list.map((row) => spanOf(row)[1]);
      assert.deepEqual(
        ends,
        [...ends].sort((a, b) => a - b),
      );
    }
  });
});
