/** Text and times as a terminal may show them. */

const NS_PER_MS = 1_000_000n;

/** Controls, line separators and the characters that turn the direction of text around. */
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** What an event says is not ours: it must never move the cursor or forge a line. */
export function plain(text: string): string {
  return text.replace(UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Unix nanoseconds as UTC text with milliseconds, the form for files and pipes. */
export function utcTime(ns: string): string {
  const ms = millisecondsOf(ns);
  return ms === undefined ? ns : new Date(ms).toISOString();
}

/** Unix nanoseconds as local time, the form for a person. */
export function localTime(ns: string): string {
  const ms = millisecondsOf(ns);
  if (ms === undefined) return ns;
  const date = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

const DATE_MS_MAX = 8.64e15;

function millisecondsOf(ns: string): number | undefined {
  if (!/^\d{1,24}$/.test(ns)) return undefined;
  const ms = Number(BigInt(ns) / NS_PER_MS);
  return ms <= DATE_MS_MAX ? ms : undefined;
}

/** Bytes in the largest unit that leaves a number of at least one. */
export function byteCount(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `12,345` */
export function grouped(n: number): string {
  return n.toLocaleString('en-US');
}

/** Breaks text at spaces into lines of at most `width` characters. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}
