/**
 * From contiguous events to the rows of the list: routine records folded into one counted row,
 * stretches of silence as rows of their own. Pure: the same events give the same rows.
 */
import type { EventItem } from '@vitrine/schema/api';
import { FOLD_ROWS_MIN, SILENCE_MS_MIN } from '@vitrine/schema/record';
import { type Facts, factsOf } from './facts.ts';
import type { Routine } from './routine.ts';

export interface EventRow {
  type: 'event';
  key: string;
  item: EventItem;
  /** Shown because the fold it belongs to is open. */
  inFold: boolean;
}

export interface FoldRow {
  type: 'fold';
  key: string;
  items: readonly EventItem[];
  counts: ReadonlyMap<Routine, number>;
  open: boolean;
}

export interface SilenceRow {
  type: 'silence';
  key: string;
  ms: number;
  /** The last record before it. */
  after: EventItem;
  /** Heartbeats inside it: the sources were alive and had nothing to tell. */
  beats: readonly EventItem[];
  /** Nothing has ended it so far. */
  ongoing: boolean;
  /** Its heartbeats stand below it. */
  open: boolean;
}

export type Row = EventRow | FoldRow | SilenceRow;

export interface DisplayOptions {
  /** Indices of records that sit in a fold the reader opened; any member keeps it open. */
  opened: ReadonlySet<number>;
  /** Indices that never fold: linked to, evidence of an alert, broken. */
  pinned: ReadonlySet<number>;
  /** Off while a filter hides events: what looks like silence then is none. */
  silences: boolean;
  /** Off for a search: what was found must be seen. */
  folds: boolean;
}

export function displayRows(items: readonly EventItem[], options: DisplayOptions): Row[] {
  const builder = new Builder(options);
  for (const item of items) builder.add(item);
  return builder.end();
}

/**
 * Where a row lies among leaf indices: a closed fold covers those of its members. A header and a
 * silence lie between the records around them.
 */
export function spanOf(row: Row): [from: number, to: number] {
  if (row.type === 'event') return [row.item.index, row.item.index];
  if (row.type === 'silence') return [row.after.index + 0.5, row.after.index + 0.5];
  const first = row.items[0]!.index;
  return row.open ? [first - 0.25, first - 0.25] : [first, row.items.at(-1)!.index];
}

/** The row at a place among leaf indices, else the next one below it, else the last; -1: none. */
export function rowAt(rows: readonly Row[], place: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spanOf(rows[middle]!)[1] < place) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, rows.length - 1);
}

/** `38 routine reads: loader, locale` in words. */
export function foldWords({ counts, items }: FoldRow): string {
  const beats = counts.get('heartbeat') ?? 0;
  const reads = items.length - beats;
  const names = [...counts.keys()].filter((name) => name !== 'heartbeat').join(', ');
  const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;
  if (reads === 0) return count(beats, 'heartbeat');
  const words = `${count(reads, 'routine read')}: ${names}`;
  return beats === 0 ? words : `${words}; ${count(beats, 'heartbeat')}`;
}

class Builder {
  readonly #options: DisplayOptions;
  readonly #rows: Row[] = [];
  /** Foldable records in a row. */
  #run: [EventItem, Routine][] = [];
  /** Heartbeats since the last record that is none. */
  #beats: EventItem[] = [];
  #last: EventItem | undefined;
  #latest: Facts | undefined;

  constructor(options: DisplayOptions) {
    this.#options = options;
  }

  add(item: EventItem): void {
    const { folds, pinned } = this.#options;
    const facts = factsOf(item);
    const routine = !folds || pinned.has(item.index) ? undefined : facts.routine;
    if (routine === 'heartbeat') {
      this.#beats.push(item);
      return;
    }
    if (!this.#breakSilence(item)) this.#takeBeats();
    if (routine === undefined) {
      this.#fold();
      this.#rows.push(eventRow(item, false));
    } else this.#run.push([item, routine]);
    this.#last = item;
    if (this.#latest === undefined || facts.ms > this.#latest.ms) this.#latest = facts;
  }

  end(): Row[] {
    const beat = this.#beats.at(-1);
    if (beat === undefined || !this.#breakSilence(beat, true)) this.#takeBeats();
    this.#fold();
    return this.#rows;
  }

  /** Adds a row when nothing was heard for long before `next`; the heartbeats meanwhile go in. */
  #breakSilence(next: EventItem, ongoing = false): boolean {
    const after = this.#last;
    if (after === undefined || this.#latest === undefined || !this.#options.silences) return false;
    const ms = silenceMs(this.#latest, factsOf(next));
    if (ms < SILENCE_MS_MIN) return false;
    this.#fold();
    const beats = this.#beats;
    this.#beats = [];
    const open = this.#isOpen(beats);
    this.#rows.push({ type: 'silence', key: `s${after.index}`, ms, after, beats, ongoing, open });
    if (open) for (const beat of beats) this.#rows.push(eventRow(beat, true));
    return true;
  }

  #takeBeats(): void {
    for (const beat of this.#beats) this.#run.push([beat, 'heartbeat']);
    this.#beats = [];
  }

  #fold(): void {
    const run = this.#run;
    this.#run = [];
    if (run.length < FOLD_ROWS_MIN) {
      for (const [item] of run) this.#rows.push(eventRow(item, false));
      return;
    }
    const counts = new Map<Routine, number>();
    for (const [, routine] of run) counts.set(routine, (counts.get(routine) ?? 0) + 1);
    const items = run.map(([item]) => item);
    const open = this.#isOpen(items);
    this.#rows.push({ type: 'fold', key: `f${items[0]!.index}`, items, counts, open });
    if (open) for (const item of items) this.#rows.push(eventRow(item, true));
  }

  #isOpen(items: readonly EventItem[]): boolean {
    return items.some(({ index }) => this.#options.opened.has(index));
  }
}

/**
 * Two makers' clocks may differ, which would look like silence. Records of one chain share a clock;
 * between chains the host's clock must have seen the silence as well.
 */
function silenceMs(before: Facts, next: Facts): number {
  const byMaker = next.ms - before.ms;
  return before.chain === next.chain ? byMaker : Math.min(byMaker, next.hostMs - before.hostMs);
}

/** Rows are made anew with each page and each batch of the tail; nearly all are as before. */
const plain = new WeakMap<EventItem, EventRow>();
const folded = new WeakMap<EventItem, EventRow>();

function eventRow(item: EventItem, inFold: boolean): EventRow {
  const made = inFold ? folded : plain;
  let row = made.get(item);
  if (row === undefined) {
    row = { type: 'event', key: `e${item.index}`, item, inFold };
    made.set(item, row);
  }
  return row;
}
