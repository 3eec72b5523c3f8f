/** Rows of events and alerts for lists, complete or growing. */
import { readPath } from '@vitrine/schema';
import type { EventItem } from '@vitrine/schema/api';
import type { Io } from './io.ts';
import { alignRow, type Column } from './table.ts';
import { localTime, plain, utcTime } from './text.ts';

export function timeOf(io: Io): (ns: string) => string {
  return io.tty ? localTime : utcTime;
}

export function eventColumns(io: Io, session: string | undefined): Column<EventItem>[] {
  const time = timeOf(io);
  const columns: Column<EventItem>[] = [
    { name: 'leaf', cell: (e) => String(e.index), right: true },
    { name: 'time', cell: (e) => time(e.t) },
    { name: 'vantage', cell: (e) => e.vantage || '-' },
    { name: 'kind', cell: (e) => e.kind, max: 18 },
    { name: 'what', cell: (e) => e.title },
  ];
  if (session !== undefined) return columns;
  const name: Column<EventItem> = { name: 'session', cell: (e) => e.session || '-', max: 28 };
  return columns.toSpliced(2, 0, name);
}

export function alertColumns(io: Io): Column<EventItem>[] {
  const time = timeOf(io);
  return [
    { name: 'leaf', cell: (e) => String(e.index), right: true },
    { name: 'time', cell: (e) => time(e.t) },
    { name: 'severity', cell: (e) => textAt(e, 'severity') },
    { name: 'rule', cell: (e) => textAt(e, 'rule'), max: 24 },
    { name: 'session', cell: (e) => textAt(e, 'subject'), max: 28 },
    { name: 'vantage', cell: (e) => textAt(e, 'vantage') },
    { name: 'title', cell: (e) => textAt(e, 'title') },
  ];
}

/** A member of the record as text; `-` where it is missing. */
export function textAt(item: EventItem, path: string): string {
  const value = readPath(item.record, path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '-';
}

/** Widths for lists that grow: what usually fits, since later rows are not known yet. */
const FOLLOW_WIDTHS: Record<string, number> = {
  leaf: 7,
  time: 23,
  session: 28,
  vantage: 8,
  kind: 16,
  severity: 13,
  rule: 10,
};

/** One row of a list that grows. */
export function printRow<T>(io: Io, columns: Column<T>[], row: T): void {
  const cells = columns.map((column) => plain(column.cell(row)));
  if (!io.tty) {
    io.out(cells.join('\t'));
    return;
  }
  const widths = columns.map((column) => FOLLOW_WIDTHS[column.name] ?? 0);
  io.out(alignRow(columns, cells, widths, io.columns));
}
