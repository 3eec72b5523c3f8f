/**
 * How a line of keys and values gets into the bytes there are: the longest texts shrink first, then
 * what is missed least goes, and what leads to the proof stays whole.
 */
import type { LineKey } from './line-facts.ts';

/** Whole or not at all: half of an identifier, a hash or an address leads nowhere. */
const WHOLE: ReadonlySet<LineKey> = new Set([
  ...(['rt', 'cn1', 'cs6', 'flexString1'] as const),
  ...(['externalId', 'flexString2'] as const),
]);
/** Never left out: without them nobody knows what the line is about, or where its proof is. */
const KEPT: ReadonlySet<LineKey> = new Set([
  ...(['rt', 'cn1', 'cs6', 'flexString1'] as const),
  ...(['externalId', 'cat', 'cs1'] as const),
]);
/** Goes after everything else had to, the last one last. */
const MISSED: readonly LineKey[] = ['outcome', 'act', 'cs2', 'dvchost', 'msg', 'flexString2'];

const SHRUNK_CHARS_MIN = 32;

export interface Line {
  texts: Map<LineKey, string>;
  /** Keys whose text was cut or left out. */
  cut: Set<LineKey>;
}

/**
 * Shrinks `line` in place until `write` gives at most `bytesMax` bytes, and answers what it gave.
 * More only where what is never left out is longer.
 */
export function fitLine(line: Line, bytesMax: number, write: (line: Line) => string): string {
  const { texts, cut } = line;
  for (;;) {
    const written = write(line);
    if (Buffer.byteLength(written) <= bytesMax) return written;
    const longest = longestOf(texts);
    if (longest !== undefined) {
      cut.add(longest);
      texts.set(longest, cutTo(texts.get(longest)!, Math.ceil(texts.get(longest)!.length / 2)));
      continue;
    }
    const least = leastOf(texts);
    if (least === undefined) return written;
    cut.add(least);
    texts.delete(least);
  }
}

/** At most so many UTF-16 units, the last one an ellipsis where something is missing. */
export function cutTo(text: string, charsMax: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= charsMax) return whole;
  const kept = whole.slice(0, charsMax - 1);
  // Half of a pair would be a character of its own.
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

function longestOf(texts: Map<LineKey, string>): LineKey | undefined {
  let longest: LineKey | undefined;
  let length = SHRUNK_CHARS_MIN;
  for (const [key, text] of texts) {
    if (text.length <= length || WHOLE.has(key)) continue;
    longest = key;
    length = text.length;
  }
  return longest;
}

function leastOf(texts: Map<LineKey, string>): LineKey | undefined {
  const droppable = [...texts.keys()].filter((key) => !KEPT.has(key));
  const first = droppable.findLast((key) => !MISSED.includes(key));
  return first ?? MISSED.find((key) => texts.has(key));
}
