/**
 * The body of an HTTP Event Collector request: JSON objects one after another, with white space
 * between them or none, and never an array. Splunk, "Format events for HTTP Event Collector";
 * LogScale, "Ingesting with HTTP Event Collector (HEC)".
 */
import { isRecord, parsed } from './receiver.ts';

export interface HecBody {
  events: Record<string, unknown>[];
  /** Set when the body breaks off: how many events stand before the first that is none. */
  brokenAt?: number;
}

export function readHecBody(text: string): HecBody {
  const events: Record<string, unknown>[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const end = endOfObject(text, at);
    const value = end === undefined ? undefined : parsed(text.slice(at, end));
    if (end === undefined || !isRecord(value)) return { events, brokenAt: events.length };
    events.push(value);
    at = skipSpace(text, end);
  }
  return { events };
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (' \t\r\n'.includes(text[at] ?? '-')) at += 1;
  return at;
}

/** Where the object that opens at `from` has closed; `undefined` when it does neither. */
function endOfObject(text: string, from: number): number | undefined {
  if (text[from] !== '{') return undefined;
  let depth = 0;
  let quoted = false;
  for (let at = from; at < text.length; at += 1) {
    const sign = text[at];
    if (quoted) {
      if (sign === '\\') at += 1;
      else if (sign === '"') quoted = false;
    } else if (sign === '"') quoted = true;
    else if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}
