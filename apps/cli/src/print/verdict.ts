/** A verdict for a person: what is proven, what is not, what was lost. */
import type { Verdict } from '@vitrine/chain';
import type { Io } from './io.ts';
import { grouped, localTime, plain, wrap } from './text.ts';

const LINE_CHARS_MAX = 100;
const INDENT = '  ';

export function printVerdict(io: Io, verdict: Verdict): void {
  const line = `${verdict.verdict.toUpperCase()} (${verdict.code})`;
  io.out(verdict.code === 0 ? io.strong(line) : io.alarm(line));
  printFailures(io, verdict);
  if (verdict.origin !== null && verdict.size !== null) {
    const sealed = verdict.sealed_at === null ? '' : `, sealed ${localTime(verdict.sealed_at)}`;
    io.out(`${INDENT}log ${plain(verdict.origin)}, ${grouped(verdict.size)} leaves${sealed}`);
  }
  printSection(io, 'proven', verdict.proven);
  printSection(io, 'not proven', verdict.not_proven);
  printSection(
    io,
    'lost',
    verdict.losses.map((l) => `${l.chain} seq ${l.seq}: ${l.kind}, ${l.what}`),
  );
  printSection(
    io,
    'redacted',
    verdict.redacted.map((r) => `${r.chain} seq ${r.seq}: part ${r.part}, by leaf ${r.index}`),
  );
  printSection(io, 'warnings', verdict.warnings);
}

/** The failure that decided the code, and with `--all` the others. */
function printFailures(io: Io, { failure, failures }: Verdict): void {
  for (const one of failures ?? (failure === undefined ? [] : [failure])) {
    io.out(`${INDENT}failed at step ${one.step}, ${plain(one.at)}`);
    io.out(`${INDENT}  expected  ${plain(one.expected)}`);
    io.out(`${INDENT}  found     ${plain(one.found)}`);
  }
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
