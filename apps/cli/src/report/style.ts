/** The look of a report: for A4 and Letter, and for screens in the dark or the light. */

/** `footer` stands on every printed page; it must hold nothing but letters, digits and spaces. */
export function pageStyle(footer: string): string {
  return `${SCREEN}${PRINT}
@page {
  @bottom-left { white-space: nowrap; content: "${footer}"; ${MARGIN_BOX} }
  @bottom-right { content: counter(page) " / " counter(pages); ${MARGIN_BOX} }
}
`;
}

const MARGIN_BOX = 'font: 7.5pt "Liberation Sans", Arial, sans-serif; color: #555;';

const SCREEN = `
:root {
  color-scheme: light dark;
  --ink: #16191d; --soft: #535b64; --line: #c9ced4; --faint: #f3f4f6; --paper: #fff;
  --good: #14663a; --bad: #a4161a;
  --sans: "Helvetica Neue", Arial, "Liberation Sans", sans-serif;
  --mono: "SFMono-Regular", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8eaed; --soft: #a5adb6; --line: #3c434b; --faint: #1f2429; --paper: #14171a;
    --good: #6fcf97; --bad: #ff8a80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 52rem;
  color: var(--ink); background: var(--paper); font: 0.95rem/1.5 var(--sans);
  overflow-wrap: break-word; counter-reset: part;
}
bdi, .hash, code { overflow-wrap: anywhere; }
td bdi { display: inline-block; min-width: 4em; }
tbody th bdi { display: inline-block; min-width: 12.6em; }
h1 { margin: 0.2rem 0 0; font-size: 1.65rem; line-height: 1.2; letter-spacing: -0.01em; }
h2 {
  margin: 2.4rem 0 0.7rem; padding-top: 0.5rem; border-top: 1.5px solid var(--ink);
  font-size: 1.1rem; line-height: 1.3;
}
h2::before { counter-increment: part; content: counter(part) ". "; }
h3 { margin: 1.3rem 0 0.4rem; font-size: 0.95rem; }
p, ul, ol, dl, table { margin: 0 0 0.8rem; }
ul, ol { padding-left: 1.2rem; }
li { margin: 0.2rem 0; }
.kicker, .note { color: var(--soft); }
.kicker { margin: 0; font-size: 0.8rem; letter-spacing: 0.08em; text-transform: uppercase; }
.note { font-size: 0.9em; }
code, .hash { font-family: var(--mono); font-size: 0.86em; }
pre {
  margin: 0 0 0.8rem; padding: 0.7rem 0.9rem; background: var(--faint);
  border: 1px solid var(--line); white-space: pre-wrap;
}
.verdict {
  display: grid; grid-template-columns: auto 1fr; gap: 0 1.2rem; align-items: center;
  margin: 1.4rem 0; padding: 1rem 1.3rem; border: 2px solid; border-left-width: 0.7rem;
}
.verdict p { margin: 0; }
.verdict .code { grid-row: span 2; font-size: 3.6rem; line-height: 1; font-weight: 700; }
.verdict .code .note { display: block; font-size: 0.75rem; font-weight: 400; }
.verdict .word {
  font-size: 1.7rem; line-height: 1.2; font-weight: 700;
  letter-spacing: 0.05em; text-transform: uppercase;
}
.verdict .means { color: var(--ink); }
.proven { color: var(--good); border-color: var(--good); }
.refused { color: var(--bad); border-color: var(--bad); }
.failure { padding: 0.1rem 1.3rem 0.6rem; border: 1px solid var(--bad); }
.failure h2 { margin-top: 0.9rem; border-top: 0; padding-top: 0; }
.failure h2::before { counter-increment: none; content: none; }
dl { display: grid; grid-template-columns: 10.5rem 1fr; gap: 0.25rem 1.2rem; }
dt { color: var(--soft); }
dd { margin: 0; }
.across { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.88rem; line-height: 1.4; }
caption { padding: 0 0 0.35rem; text-align: left; font-weight: 600; }
th, td { padding: 0.35rem 0.8rem 0.35rem 0; text-align: left; vertical-align: top; }
thead th { border-bottom: 1.5px solid var(--line); color: var(--soft); font-weight: 600; }
tbody th { font-weight: 400; }
tbody tr { border-bottom: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.time { font-variant-numeric: tabular-nums; white-space: nowrap; }
.ns { color: var(--soft); font-size: 0.85em; }
.failed, .holds, .reached { white-space: nowrap; }
.failed { color: var(--bad); font-weight: 700; }
.holds { color: var(--good); font-weight: 700; }
.hidden-mark { color: var(--bad); font-family: var(--mono); font-size: 0.85em; }
.hands { display: none; }
footer { margin-top: 2.4rem; color: var(--soft); font-size: 0.85rem; }
@media (max-width: 34rem) {
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.5rem; }
}
`;

const PRINT = `
@page { margin: 18mm 17mm 20mm; }
@media print {
  :root {
    color-scheme: light;
    --ink: #000; --soft: #444; --line: #bbb; --faint: #f5f5f5; --paper: #fff;
    --good: #0c4f2b; --bad: #8c1014;
  }
  body { max-width: none; padding: 0; font-size: 9.5pt; line-height: 1.42; }
  h1 { font-size: 17pt; }
  h2 { margin: 12pt 0 5pt; padding-top: 4pt; font-size: 11pt; }
  .across { overflow: visible; }
  p, ul, ol, dl, table { margin-bottom: 5pt; }
  th, td { padding-block: 2.5pt; }
  .verdict { margin: 10pt 0; padding: 8pt 12pt; }
  h3, table, pre { font-size: 8.8pt; }
  h2, h3, caption, thead { break-after: avoid; }
  thead { display: table-header-group; }
  tr, li, dt, dd, pre, .verdict, .failure, .keep, footer { break-inside: avoid; }
  p { orphans: 3; widows: 3; }
  footer { margin-top: 14pt; font-size: 8pt; }
  .hands { display: grid; grid-template-columns: 2fr 1fr 2fr; gap: 0 8mm; margin-top: 11mm; }
  .hands p { padding-top: 2mm; border-top: 0.5pt solid #000; color: #444; font-size: 8pt; }
}
`;
