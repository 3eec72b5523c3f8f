/** The sections about what the file holds: period, chains, leaves, losses, redactions. */
import type { Loss, Redaction, VerdictChain } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import type { ChainContent } from './content.ts';
import { html, type Markup, type Piece, quoted } from './html.ts';
import { type Column, facts, section, table, time } from './parts.ts';
import type { Subject } from './subject.ts';
import { counted } from './words.ts';

export function contents(subject: Subject): Markup {
  const { verdict, content } = subject;
  if (content === undefined) return html``;
  const { period, kinds } = content;
  const records = verdict.chains.reduce((sum, chain) => sum + chain.records, 0);
  const counts = [
    counted(records, 'record'),
    counted(verdict.chains.length, 'chain'),
    counted(content.attached.size, 'leaf', 'leaves'),
  ];
  const clocks = html` <span class="note">by the clocks of their makers</span>`;
  return section(
    verdict.code === 0 ? 'What the file holds' : 'What the file holds (none of it is proven)',
    facts([
      ['First record', period && html`${time(period.from)}${clocks}`],
      ['Last record', period && html`${time(period.to)}${clocks}`],
      ['Counts', `${counts[0]} in ${counts[1]}, ${counts[2]} beside them`],
    ]),
    chainTable(verdict.chains, content.chains),
    kindTable(kinds),
    attachedTable(subject),
  );
}

export function losses({ verdict }: Subject): Markup {
  const { losses: lost } = verdict;
  if (lost.length === 0) {
    const none =
      verdict.code === 0
        ? 'No record in the file speaks of a loss. What no record speaks of is not known.'
        : 'None was found as far as the verification went.';
    return section('Losses', html`<p>${none}</p>\n`);
  }
  const columns: Column<Loss>[] = [
    { name: 'Chain', cell: ({ chain }) => quoted(chain) },
    { name: 'Record', cell: ({ seq }) => seq, number: true },
    { name: 'Kind', cell: ({ kind }) => quoted(kind) },
    { name: 'What', cell: ({ what }) => quoted(what) },
  ];
  return section(
    'Losses',
    table('Records that say that something was not recorded', columns, lost),
  );
}

export function redactions({ verdict, content }: Subject): Markup {
  const { redacted, code } = verdict;
  if (redacted.length === 0) {
    const none =
      code === 0
        ? 'No content is gone by a redaction or an expiry.'
        : 'None was found as far as the verification went.';
    return section('Redactions', html`<p>${none}</p>\n`);
  }
  const said = ({ index }: Redaction): JsonObject => content?.attached.get(index) ?? {};
  const columns: Column<Redaction>[] = [
    { name: 'Chain', cell: ({ chain }) => quoted(chain) },
    { name: 'Record', cell: ({ seq }) => seq, number: true },
    { name: 'Part', cell: ({ part }) => quoted(part) },
    { name: 'By leaf', cell: ({ by, index }) => html`${index}, ${by}` },
    { name: 'Who and why', cell: (row) => whoAndWhy(said(row)) },
    { name: 'Last copy gone', cell: (row) => timeAt(said(row), 'until') },
  ];
  return section(
    'Redactions',
    table('Contents that are gone, as the log announced', columns, redacted),
  );
}

function chainTable(chains: VerdictChain[], read: Map<string, ChainContent>): Piece {
  if (chains.length === 0) return undefined;
  const of = ({ chain }: VerdictChain): ChainContent | undefined => read.get(chain);
  const columns: Column<VerdictChain>[] = [
    { name: 'Chain', cell: ({ chain }) => quoted(chain) },
    { name: 'Records', cell: ({ records, first, last }) => `${records}: ${first}–${last}` },
    { name: 'First', cell: (row) => time(of(row)?.from) },
    { name: 'Last', cell: (row) => time(of(row)?.to) },
    { name: 'Contents', cell: (row) => partWords(of(row)) },
    { name: 'State', cell: ({ state }) => state },
  ];
  return table('Chains', columns, chains);
}

function partWords(read: ChainContent | undefined): string {
  if (read === undefined) return '—';
  const { parts, committed } = read;
  return parts === undefined ? 'not checked' : `${parts} of ${committed}`;
}

function kindTable(kinds: Map<string, number>): Piece {
  if (kinds.size === 0) return undefined;
  const rows = [...kinds].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const columns: Column<[string, number]>[] = [
    { name: 'Kind', cell: ([kind]) => quoted(kind) },
    { name: 'Records', cell: ([, count]) => count, number: true },
  ];
  return table('Records of each kind', columns, rows);
}

type Attached = Subject['verdict']['attached'][number];

function attachedTable({ verdict, content }: Subject): Piece {
  if (verdict.attached.length === 0) return undefined;
  const columns: Column<Attached>[] = [
    { name: 'Leaf', cell: ({ index }) => index },
    { name: 'Chain', cell: ({ chain }) => (chain === null ? '—' : quoted(chain)) },
    { name: 'Kind', cell: ({ kind }) => (kind === null ? '—' : quoted(kind)) },
    { name: 'Time', cell: ({ index }) => timeAt(content?.attached.get(index) ?? {}, 't') },
  ];
  return table('Leaves beside the chains', columns, verdict.attached);
}

function whoAndWhy({ by, reason }: JsonObject): Piece {
  const said = [by, reason].filter((value) => typeof value === 'string');
  return said.length === 0 ? '—' : quoted(said.join(': '));
}

function timeAt(record: JsonObject, member: string): Piece {
  const value = record[member];
  return typeof value === 'string' ? time(value) : '—';
}
