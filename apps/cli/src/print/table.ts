/**
 * Lists. On a terminal: aligned columns under a heading, the last one cut at the edge. In a pipe:
 * the same cells with tabs between them, no heading, nothing cut.
 */
import type { Io } from './io.ts';
import { plain } from './text.ts';

export interface Column<T> {
  name: string;
  cell: (row: T) => string;
  /** Numbers are aligned to the right. */
  right?: true;
  /** Widest this column may be on a terminal. */
  max?: number;
}

const GAP = '  ';
const LAST_COLUMN_CHARS_MIN = 20;

export function printTable<T>(io: Io, columns: Column<T>[], rows: T[], empty: string): void {
  if (rows.length === 0) {
    io.err(empty);
    return;
  }
  const cells = rows.map((row) => columns.map((column) => plain(column.cell(row))));
  if (!io.tty) {
    for (const line of cells) io.out(line.join('\t'));
    return;
  }
  const widths = columns.map((column, i) => {
    const widest = Math.max(column.name.length, ...cells.map((line) => line[i]!.length));
    return Math.min(widest, column.max ?? widest);
  });
  io.out(
    io.faint(
      alignRow(
        columns,
        columns.map((c) => c.name.toUpperCase()),
        widths,
        io.columns,
      ),
    ),
  );
  for (const line of cells) io.out(alignRow(columns, line, widths, io.columns));
}

/** One row at the given widths: for lists that grow while they are shown. */
export function alignRow<T>(
  columns: Column<T>[],
  cells: string[],
  widths: number[],
  screen: number,
): string {
  let used = 0;
  const parts = cells.map((cell, i) => {
    const last = i === cells.length - 1;
    const room = last ? Math.max(screen - used, LAST_COLUMN_CHARS_MIN) : widths[i]!;
    const text = cut(cell, room);
    used += widths[i]! + GAP.length;
    if (columns[i]!.right) return text.padStart(widths[i]!);
    return last ? text : text.padEnd(widths[i]!);
  });
  return parts.join(GAP).trimEnd();
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, Math.max(max - 1, 0))}…`;
}

/** `label  value` lines under each other. */
export function printPairs(io: Io, pairs: [label: string, value: string][]): void {
  const width = Math.max(...pairs.map(([label]) => label.length));
  for (const [label, value] of pairs) {
    io.out(`${io.tty ? label.padEnd(width) : label}${io.tty ? GAP : '\t'}${plain(value)}`);
  }
}
