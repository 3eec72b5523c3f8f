/** Rules that count reads, for the tests of correlations. */
import type { JsonObject } from '@vitrine/schema';
import { base, documents, heard, Rows, rulesOf } from '../stream.fixture.ts';

export const READ = base('read', 'file.read');

export function correlation(type: string, more: string, rules = '[read]'): string {
  return `title: c
correlation: {type: ${type}, rules: ${rules}, timespan: 10s, ${more}}
fields: [match.count, match.value]
x-vitrine: {what: "{match.count} {match.value}", suppress: {for: 1s}}
`;
}

export function counting(type: string, more: string): string {
  return documents(READ, correlation(type, more));
}

export type Read = [seconds: number, fields?: JsonObject, session?: string];

/** What each alert says of reads at these seconds with these members. */
export function said(yaml: string, reads: Read[]): string[] {
  const rows = new Rows();
  const middle = reads.map(([s, fields, session]) => rows.row('file.read', s, fields, session));
  return heard(rulesOf(yaml), rows, middle).map(({ what }) => what);
}
