/** What the sections of a report are built from: facts, tables, lists, times. */
import { REPORT_ROWS_MAX } from '@vitrine/schema';
import { grouped, utcTime } from '../print/text.ts';
import { bare, html, type Markup, type Piece, quoted } from './html.ts';

/** A section of bounded length, not split between two printed pages. */
export function shortSection(title: string, ...body: Piece[]): Markup {
  return html`<section class="keep">
<h2>${title}</h2>
${body}</section>
`;
}

export function section(title: string, ...body: Piece[]): Markup {
  return html`<section>
<h2>${title}</h2>
${body}</section>
`;
}

export type Fact = [name: string, value: Piece];

/** Facts without a value are left out. */
export function facts(pairs: Fact[]): Markup {
  const given = pairs.filter(([, value]) => value !== undefined);
  return html`<dl>
${given.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>
`;
}

export interface Column<T> {
  name: string;
  cell: (row: T) => Piece;
  number?: true;
}

/** Its first column names the row. Rows beyond the limit are counted. */
export function table<T>(caption: string, columns: Column<T>[], rows: T[]): Markup {
  const heads = columns.map(({ name, number }) =>
    number ? html`<th scope="col" class="number">${name}</th>` : html`<th scope="col">${name}</th>`,
  );
  const shown = rows.slice(0, REPORT_ROWS_MAX).map((row) => {
    const [first, ...others] = columns;
    const cells = others.map(({ cell, number }) =>
      number ? html`<td class="number">${cell(row)}</td>` : html`<td>${cell(row)}</td>`,
    );
    return html`<tr><th scope="row">${first!.cell(row)}</th>${cells}</tr>\n`;
  });
  // Wider than a telephone: it scrolls by itself there, also by keys.
  return html`<div class="across" role="region" aria-label="${bare(caption)}" tabindex="0">
<table>
<caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${shown}</tbody>
</table>
</div>
${cutNote(rows.length)}`;
}

export function list(sentences: string[]): Markup {
  const shown = sentences.slice(0, REPORT_ROWS_MAX);
  return html`<ul>
${shown.map((sentence) => html`<li>${quoted(sentence)}</li>\n`)}</ul>
${cutNote(sentences.length)}`;
}

function cutNote(count: number): Piece {
  if (count <= REPORT_ROWS_MAX) return undefined;
  const [shown, all] = [grouped(REPORT_ROWS_MAX), grouped(count)];
  const text = `The first ${shown} of ${all}; vitrine verify --json lists more.`;
  return html`<p class="note">${text}</p>\n`;
}

/** To the millisecond, for columns whose name says UTC. */
export function time(ns: string | undefined): Piece {
  if (ns === undefined) return '—';
  const utc = utcTime(ns);
  if (utc === ns) return html`${ns} ns`;
  return html`<span class="time">${utc.replace('T', ' ').replace('Z', '')}</span>`;
}

/** With every digit of it. */
export function exactTime(ns: string): Markup {
  return html`${time(ns)} UTC <span class="ns">(${ns} ns)</span>`;
}

export function hash(text: string): Markup {
  return html`<span class="hash">${text}</span>`;
}
