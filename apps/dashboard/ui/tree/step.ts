/** Rows of an ARIA treegrid, and where each key leads (WAI-ARIA APG, treegrid pattern). */

/** What any row of a tree says of its place, whatever it shows. */
export interface PlacedRow<Id> {
  id: Id;
  /** Absent at the top. */
  parent: Id | undefined;
  /** 1 at the top. */
  level: number;
  /** Among its siblings, from 1. */
  position: number;
  siblings: number;
  /** Absent where nothing is below. */
  isOpen: boolean | undefined;
}

export interface Step<Id> {
  /** The row to go to. */
  to?: Id;
  open?: Id;
  close?: Id;
}

/** What a key does at row `at`; `undefined` when it is not ours. `page` in rows. */
export function stepOf<Id>(
  rows: readonly PlacedRow<Id>[],
  at: number,
  key: string,
  page: number,
): Step<Id> | undefined {
  const row = rows[at];
  if (row === undefined) return undefined;
  const { id, parent, isOpen } = row;
  const go = (index: number): Step<Id> => ({
    to: rows[Math.max(0, Math.min(rows.length - 1, index))]!.id,
  });
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return go(at + 1);
    case 'ArrowUp':
    case 'k':
      return go(at - 1);
    case 'PageDown':
      return go(at + page);
    case 'PageUp':
      return go(at - page);
    case 'Home':
      return go(0);
    case 'End':
      return go(rows.length - 1);
    case 'ArrowRight':
      if (isOpen === false) return { open: id };
      return isOpen === true ? go(at + 1) : {};
    case 'ArrowLeft':
      if (isOpen === true) return { close: id };
      return parent === undefined ? {} : { to: parent };
    default:
      return undefined;
  }
}
