/** What the commands of the analyst's views share: how far they go back, and what they left out. */
import { VANTAGES } from '@vitrine/schema';
import type { Looked, Names } from '@vitrine/schema/api';
import type { Io } from '../print/io.ts';
import { grouped } from '../print/text.ts';

const NS_PER_MS = 1_000_000n;

/** Of `--vantage`. */
export const SEEN_FROM = `only what was seen from: ${VANTAGES.join(', ')}`;

/** `--since 7d` as the API takes it. */
export function sinceOf(back: bigint | undefined): { since?: string } {
  if (back === undefined) return {};
  const now = BigInt(Date.now()) * NS_PER_MS;
  return { since: String(now > back ? now - back : 0n) };
}

/** The same for lists that take a query: as one more term of it. */
export function queriedSince(query: string | undefined, back: bigint | undefined): { q?: string } {
  const { since } = sinceOf(back);
  if (since === undefined) return query === undefined ? {} : { q: query };
  const isAsked = query !== undefined && query.trim() !== '';
  return { q: isAsked ? `(${query}) time>=${since}` : `time>=${since}` };
}

/** Says what is not in the answer; nothing where it is whole. */
export function sayCut(io: Io, shown: number, of: number, looked: Looked, what: string): void {
  if (shown < of) io.err(`the first ${grouped(shown)} of ${grouped(of)} ${what}`);
  sayLooked(io, looked);
}

export function sayLooked(io: Io, { events, of }: Looked): void {
  if (events < of) io.err(`made of ${grouped(events)} of ${grouped(of)} events; there are more`);
}

/** `a, b and 3 more`; `-` where there is none. */
export function namesText({ names, of }: Names): string {
  if (names.length === 0) return '-';
  const more = of - names.length;
  return names.join(', ') + (more > 0 ? ` and ${grouped(more)} more` : '');
}

/** A path or a name in the middle of a line: its end tells more than its beginning. */
export function shortened(text: string, max: number): string {
  return text.length <= max ? text : `…${text.slice(1 - max)}`;
}

/** `0.93` as `93.0 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

const MS_PER_S = 1_000;

export function waitText(ms: number): string {
  return ms < MS_PER_S ? `${Math.round(ms)} ms` : `${(ms / MS_PER_S).toFixed(1)} s`;
}
