/**
 * JSON whose names matter, out of texts that strangers write: the engine's own parser, but for
 * names that it takes for others.
 */
import type { Json } from './json.ts';

/** Whatever cannot stand for itself in what `unescaped` writes. */
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(.))|\u007f/g;
const WRITTEN = /\u007f([0-9a-f]{4})/g;
const HEX = 16;

/**
 * As `JSON.parse`. V8 13.6 (Node 24) takes a name with an escape for an earlier one that is as long
 * and has, unescaped, the same characters as the text of the other: one sender could so change what
 * is kept of the next. Such a name has a backslash; then all is read again without escapes.
 */
export function exactJson(text: string): Json {
  const value = JSON.parse(text) as Json;
  return hasBackslash(value) ? written(JSON.parse(unescaped(text)) as Json) : value;
}

/** In any name. No recursion: the text may be nested as deep as it likes. */
function hasBackslash(value: Json): boolean {
  const waiting = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (Array.isArray(next)) {
      for (const item of next) waiting.push(item);
      continue;
    }
    for (const name of Object.keys(next)) {
      if (name.includes('\\')) return true;
      waiting.push(next[name]!);
    }
  }
  return false;
}

function unescaped(text: string): string {
  return text.replace(ESCAPE, (found, hex?: string) => {
    const code = hex ?? codeOf(found).toString(HEX).padStart(4, '0');
    return `\u007f${code.toLowerCase()}`;
  });
}

function codeOf(found: string): number {
  return (found.length === 1 ? found : (JSON.parse(`"${found}"`) as string)).charCodeAt(0);
}

function written(value: Json): Json {
  if (typeof value === 'string') return again(value);
  if (Array.isArray(value)) return value.map(written);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value);
  return Object.fromEntries(members.map(([name, item]) => [again(name), written(item)]));
}

function again(text: string): string {
  return text.replace(WRITTEN, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, HEX)));
}
