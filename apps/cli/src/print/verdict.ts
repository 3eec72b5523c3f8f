/** A verdict for a person: what is proven, what is not, what was lost. */
import type { Verdict } from '@vitrine/chain';
import type { Io } from './io.ts';
import { grouped, localTime, plain, wrap } from './text.ts';

const LINE_CHARS_MAX = 100;
const INDENT = '  ';

export function printVerdict(io: Io, verdict: Verdict): void {
  const line = `${verdict.verdict.toUpperCase()} (${verdict.code})`;
  io.out(verdict.code === 0 ? io.strong(line) : io.alarm(line));
  printFailure(io, verdict);
  if (verdict.origin !== undefined) {
    const sealed =
      verdict.sealed_at === undefined ? '' : `, sealed ${localTime(verdict.sealed_at)}`;
    io.out(`${INDENT}log ${plain(verdict.origin)}, ${grouped(verdict.size ?? 0)} leaves${sealed}`);
  }
  printSection(io, 'proven', verdict.proven);
  printSection(io, 'not proven', verdict.not_proven);
  printSection(io, 'lost', verdict.losses.map(sentence));
  printSection(io, 'redacted', verdict.redacted.map(sentence));
  printSection(io, 'warnings', verdict.warnings);
}

function printFailure(io: Io, { failure }: Verdict): void {
  if (failure === undefined) return;
  io.out(
    `${INDENT}failed at step ${plain(sentence(failure.step))}, ${plain(sentence(failure.at))}`,
  );
  io.out(`${INDENT}  expected  ${plain(sentence(failure.expected))}`);
  io.out(`${INDENT}  found     ${plain(sentence(failure.found))}`);
}

function printSection(io: Io, title: string, sentences: string[]): void {
  if (sentences.length === 0) return;
  io.out(io.faint(`${INDENT}${title}`));
  const width = Math.min(io.columns, LINE_CHARS_MAX) - 2 * INDENT.length - 2;
  for (const text of sentences) {
    const lines = io.tty ? wrap(plain(text), width) : [plain(text)];
    io.out(`${INDENT}- ${lines[0]}`);
    for (const line of lines.slice(1)) io.out(`${INDENT}  ${line}`);
  }
}

/** Verdict members that are objects are shown as `member value` pairs. */
function sentence(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, member]) => `${name} ${sentence(member)}`)
    .join(', ');
}
