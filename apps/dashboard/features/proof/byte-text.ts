/** Sizes of files as people read them. */
const UNIT = 1_000;

/** `842 B`, `12.4 kB`, `3.0 MB`. */
export function byteText(bytes: number): string {
  if (bytes < UNIT) return `${bytes} B`;
  const kilo = bytes < UNIT * UNIT;
  return `${(bytes / (kilo ? UNIT : UNIT * UNIT)).toFixed(1)} ${kilo ? 'kB' : 'MB'}`;
}
