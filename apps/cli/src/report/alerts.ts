/** The alerts among the attached leaves, and what people made of them: records of `log/alert`. */
import type { Verdict } from '@vitrine/chain';
import { isObject, type Json, type JsonObject } from '@vitrine/schema';
import type { Content } from './content.ts';
import { type Piece, quoted } from './html.ts';
import { type Column, table, time } from './parts.ts';

type Leaf = Verdict['attached'][number];

export function alertTable({ attached }: Verdict, content: Content): Piece {
  const leaves = attached.filter(({ chain, kind }) => chain === 'log/alert' && kind !== null);
  if (leaves.length === 0) return undefined;
  const recordOf = ({ index }: Leaf): JsonObject => content.attached.get(index) ?? {};
  const columns: Column<Leaf>[] = [
    { name: 'Leaf', cell: ({ index }) => index },
    { name: 'Alert', cell: (leaf) => quoted(alertOf(recordOf(leaf))) },
    { name: 'What', cell: (leaf) => quoted(wordsOf(recordOf(leaf))) },
    { name: 'By', cell: (leaf) => quoted(whoOf(recordOf(leaf).by)) },
    { name: 'Time (UTC)', cell: (leaf) => timeOf(recordOf(leaf).t) },
  ];
  return table('Alerts, and what people made of them', columns, leaves);
}

/** An act names the alert that it is about. */
function alertOf({ id, alert }: JsonObject): string {
  return textOf(id) || textOf(alert) || '—';
}

function wordsOf(record: JsonObject): string {
  if (record.kind === 'alert') {
    const { severity, rule, title } = record;
    const named = [severity, rule].map(textOf).filter((text) => text !== '');
    const raised = `raised: ${named.join(', ')}`;
    return textOf(title) === '' ? raised : `${raised}: ${textOf(title)}`;
  }
  const { state, verdict, assignee } = record;
  const said = [textOf(state), textOf(verdict)].filter((text) => text !== '');
  if (textOf(assignee) !== '') said.push(`with ${textOf(assignee)}`);
  return said.length === 0 ? '—' : said.join(', ');
}

function whoOf(by: Json | undefined): string {
  if (!isObject(by)) return '—';
  const { name, role, token } = by;
  const said = [name, role, token].map(textOf).filter((text) => text !== '');
  return said.length === 0 ? '—' : said.join(', ');
}

function timeOf(value: Json | undefined): Piece {
  return typeof value === 'string' ? time(value) : '—';
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
