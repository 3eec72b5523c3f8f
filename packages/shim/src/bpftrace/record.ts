/** Lines of `bpftrace -f json` as records of our program. Nothing is thrown. */

export type Line =
  | { type: 'record'; letter: string; fields: string[] }
  | { type: 'lost'; events: number }
  /** Of bpftrace itself, and of no interest. */
  | { type: 'other' };

/** How many fields stand before the last one, which may hold the separator. */
const FIELDS: Readonly<Record<string, number>> = {
  T: 1,
  X: 2,
  A: 2,
  B: 1,
  M: 1,
  F: 1,
  D: 2,
  R: 1,
  E: 1,
  G: 2,
  N: 2,
  U: 2,
  V: 2,
  P: 6,
  Q: 3,
  C: 7,
  K: 11,
  L: 4,
  S: 5,
  Z: 5,
};

/** `undefined` for a line that is none of bpftrace's. */
export function readLine(text: string): Line | undefined {
  let said: { type?: unknown; data?: unknown };
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof said !== 'object' || said === null) return undefined;
  const { type, data } = said;
  if (type === 'lost_events') {
    const events = Number((data as { events?: unknown } | null)?.events);
    return Number.isSafeInteger(events) && events >= 0 ? { type: 'lost', events } : undefined;
  }
  if (type !== 'printf') return typeof type === 'string' ? { type: 'other' } : undefined;
  return typeof data === 'string' ? recordOf(data) : undefined;
}

function recordOf(data: string): Line | undefined {
  const letter = data.charAt(0);
  const wanted = FIELDS[letter];
  if (wanted === undefined || data.charAt(1) !== '|') return undefined;
  const fields: string[] = [];
  let from = 2;
  while (fields.length < wanted - 1) {
    const at = data.indexOf('|', from);
    if (at < 0) break;
    fields.push(data.slice(from, at));
    from = at + 1;
  }
  fields.push(data.slice(from));
  return { type: 'record', letter, fields };
}

/** Bytes beyond ASCII, as this version writes them into JSON: `\uffff` and `ffXX` behind it. */
const BYTE = /\uffffff([0-9a-f]{2})/g;

export function nameOf(text: string): { text: string; lossy: boolean } {
  if (!text.includes('\uffff')) return { text, lossy: false };
  const bytes: Buffer[] = [];
  let from = 0;
  for (const found of text.matchAll(BYTE)) {
    bytes.push(Buffer.from(text.slice(from, found.index)), Buffer.from(found[1]!, 'hex'));
    from = found.index + found[0].length;
  }
  const raw = Buffer.concat([...bytes, Buffer.from(text.slice(from))]);
  const decoded = raw.toString('utf8');
  return { text: decoded, lossy: !Buffer.from(decoded).equals(raw) };
}
