/** An Io that keeps what was written, for tests. */
import type { Io } from './io.ts';

export interface MemoryIo extends Io {
  lines: string[];
  errors: string[];
}

export function memoryIo(options: { tty?: boolean; columns?: number } = {}): MemoryIo {
  const lines: string[] = [];
  const errors: string[] = [];
  const same = (text: string): string => text;
  return {
    lines,
    errors,
    out: (line) => lines.push(...line.split('\n')),
    write: async (bytes) => {
      const text = Buffer.from(bytes).toString();
      if (text !== '') lines.push(...text.replace(/\n$/, '').split('\n'));
    },
    err: (line) => errors.push(...line.split('\n')),
    progress: () => {},
    tty: options.tty ?? false,
    columns: options.columns ?? 80,
    strong: same,
    faint: same,
    alarm: same,
  };
}
