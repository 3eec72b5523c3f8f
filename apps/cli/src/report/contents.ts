/** The sections about what the file holds: period, chains, leaves, losses, redactions. */
import type { Loss, Redaction, Verdict, VerdictChain } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import { grouped } from '../print/text.ts';
import { alertTable } from './alerts.ts';
import type { ChainContent } from './content.ts';
import { html, type Markup, type Piece, quoted } from './html.ts';
import { type Column, facts, section, table, time } from './parts.ts';
import type { Subject } from './subject.ts';
import { counted } from './words.ts';

/** Kinds named; there are some forty of ours. */
const KINDS_NAMED_MAX = 50;

const UNPROVEN = 'What the file holds (none of it is proven)';

export function contents(subject: Subject): Markup {
  const { verdict, content } = subject;
  const title = verdict.code === 0 ? 'What the file holds' : UNPROVEN;
  if (content === undefined) {
    return section(
      title,
      html`<p>Not read: it is no bundle, or too large for a refused one.</p>\n`,
    );
  }
  const { period, kinds } = content;
  const records = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  const counts = [
    counted(records, 'record'),
    counted(content.chains.size, 'chain'),
    counted(content.attached.size, 'leaf', 'leaves'),
  ];
  const clocks = html` UTC <span class="note">by the clocks of their makers</span>`;
  return section(
    title,
    facts([
      ['First record', period && html`${time(period.from)}${clocks}`],
      ['Last record', period && html`${time(period.to)}${clocks}`],
      ['Counts', `${counts[0]} in ${counts[1]}, ${counts[2]} beside them`],
      ['Kinds', kinds.size === 0 ? undefined : quoted(kindWords(kinds))],
    ]),
    chainTable(verdict, content.chains),
    attachedTable(subject),
    alertTable(verdict, content),
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
    { name: 'Last copy gone (UTC)', cell: (row) => timeAt(said(row), 'until') },
  ];
  return section(
    'Redactions',
    table('Contents that are gone, as the log announced', columns, redacted),
  );
}

function chainTable({ chains, code }: Verdict, read: Map<string, ChainContent>): Piece {
  if (chains.length === 0) return undefined;
  const of = ({ chain }: VerdictChain): ChainContent | undefined => read.get(chain);
  const columns: Column<VerdictChain>[] = [
    { name: 'Chain', cell: ({ chain }) => quoted(chain) },
    { name: 'Records', cell: ({ records, first, last }) => `${records}: ${first}–${last}` },
    { name: 'First (UTC)', cell: (row) => time(of(row)?.from) },
    { name: 'Last (UTC)', cell: (row) => time(of(row)?.to) },
    { name: 'Contents', cell: (row) => partWords(of(row)) },
    { name: 'State', cell: ({ state }) => state },
  ];
  return table(code === 0 ? 'Chains' : 'Chains, as far as the verification went', columns, chains);
}

function partWords(read: ChainContent | undefined): string {
  if (read === undefined) return '—';
  const { parts, committed } = read;
  if (parts === undefined) return 'not checked';
  return committed === 0 ? 'none' : `${parts} of ${committed}`;
}

function kindWords(kinds: Map<string, number>): string {
  const sorted = [...kinds].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const named = sorted.slice(0, KINDS_NAMED_MAX).map(([kind, n]) => `${kind} (${grouped(n)})`);
  const more = sorted.length - named.length;
  return named.join(', ') + (more === 0 ? '' : `, and ${counted(more, 'other kind')}`);
}

type Attached = Subject['verdict']['attached'][number];

function attachedTable({ verdict, content }: Subject): Piece {
  if (verdict.attached.length === 0) return undefined;
  const columns: Column<Attached>[] = [
    { name: 'Leaf', cell: ({ index }) => index },
    { name: 'Chain', cell: ({ chain }) => (chain === null ? '—' : quoted(chain)) },
    { name: 'Kind', cell: ({ kind }) => (kind === null ? '—' : quoted(kind)) },
    { name: 'Time (UTC)', cell: ({ index }) => timeAt(content?.attached.get(index) ?? {}, 't') },
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
