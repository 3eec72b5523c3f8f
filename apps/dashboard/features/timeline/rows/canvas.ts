/**
 * Where the loaded rows lie on the canvas that scrolls. Rows keep their place while others come and
 * go around them: what is not loaded is empty canvas, above and below. Its height is exact where an
 * end is known and an estimate elsewhere. All figures are rows, of one height each.
 */
export interface Canvas {
  /** Empty rows above the first loaded one. */
  top: number;
  /** Loaded rows. */
  rows: number;
  /** Empty rows below the last loaded one. */
  below: number;
}

export interface Loaded {
  rows: number;
  events: number;
  startReached: boolean;
  endReached: boolean;
  /** Events of the whole list; unknown while a filter hides some. */
  total: number | undefined;
}

/** Empty canvas beside an end that is not known: room to scroll on into. */
export const MARGIN_ROWS = 40;

/**
 * `anchor`: the loaded row `at` has to stay at canvas row `row`. `shift`: rows by which everything
 * moved down all the same, for the scroll position to follow.
 */
export function layCanvas(
  loaded: Loaded,
  anchor: { at: number; row: number } | undefined,
  /** Part of the way from the first to the last event where the loaded rows begin. */
  part: number,
): { canvas: Canvas; shift: number } {
  const { rows, startReached, endReached } = loaded;
  const empty = emptyRows(loaded);
  const wanted = anchor === undefined ? undefined : anchor.row - anchor.at;
  const top = startReached ? 0 : topOf(wanted, endReached ? empty : Math.round(empty * part));
  const below = endReached ? 0 : Math.max(MARGIN_ROWS, empty - top);
  return { canvas: { top, rows, below }, shift: wanted === undefined ? 0 : top - wanted };
}

/** Rows of the canvas as a whole. */
export function canvasRows({ top, rows, below }: Canvas): number {
  return top + rows + below;
}

/** Loaded rows `[from, to)` that lie between two canvas rows, with some to spare on both sides. */
export function rowsWithin(canvas: Canvas, first: number, last: number, spare: number): Range {
  const from = Math.min(canvas.rows, Math.max(0, first - canvas.top - spare));
  const to = Math.min(canvas.rows, Math.max(from, last - canvas.top + 1 + spare));
  return { from, to };
}

export interface Range {
  from: number;
  to: number;
}

type Want = { do: 'nothing' } | { do: 'more'; side: 'start' | 'end' } | { do: 'jump' };

/** Empty canvas in sight that is farther than this from a loaded row is jumped to, not paged to. */
const JUMP_ROWS = 600;

/** What to read for the canvas rows `first` to `last` to be filled, `ahead` rows early. */
export function wanted(
  canvas: Canvas,
  { startReached, endReached }: Pick<Loaded, 'startReached' | 'endReached'>,
  first: number,
  last: number,
  ahead: number,
): Want {
  const end = canvas.top + canvas.rows;
  if (!endReached && first > end + JUMP_ROWS) return { do: 'jump' };
  if (!startReached && last < canvas.top - JUMP_ROWS) return { do: 'jump' };
  if (!endReached && last >= end - ahead) return { do: 'more', side: 'end' };
  if (!startReached && first < canvas.top + ahead) return { do: 'more', side: 'start' };
  return { do: 'nothing' };
}

/** Rows that the events which are not loaded would take, going by those that are. */
function emptyRows({ rows, events, total }: Loaded): number {
  if (total === undefined || events === 0) return MARGIN_ROWS;
  return Math.max(MARGIN_ROWS, Math.round(((total - events) * rows) / events));
}

/** Older rows exist: there has to be canvas to find them on. */
function topOf(wantedTop: number | undefined, estimate: number): number {
  if (wantedTop === undefined || wantedTop < 1) return Math.max(MARGIN_ROWS, estimate);
  return wantedTop;
}
