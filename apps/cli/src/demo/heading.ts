/** How the demonstration is laid out on a terminal. */
import { relative } from 'node:path';
import type { Io } from '../print/io.ts';

export const INDENT = '   ';

export function heading(io: Io, number: number, title: string): void {
  if (number > 1) io.out('');
  io.out(io.strong(`${number}  ${title}`));
}

/** A directory as it would be typed here. */
export function shown(dir: string): string {
  return relative('.', dir) || '.';
}
