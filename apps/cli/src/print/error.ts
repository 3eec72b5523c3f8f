/** Every failure ends here: one line with the code, one with what to do. */
import { CodedError } from '@vitrine/schema';
import { sentenceOf } from '../error.ts';
import type { Io } from './io.ts';
import { plain } from './text.ts';

export function printError(io: Io, error: unknown): void {
  const coded = error instanceof CodedError ? error : undefined;
  io.err(`error ${coded?.code ?? 'INTERNAL'}: ${plain(coded?.message ?? sentenceOf(error))}`);
  const hint = coded === undefined ? INTERNAL_HINT : coded.hint;
  if (hint !== '') io.err(`  hint: ${plain(hint)}`);
}

const INTERNAL_HINT = 'this is a defect; report it with the command you ran';
