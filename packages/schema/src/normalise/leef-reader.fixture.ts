/**
 * Reads a LEEF 2.0 line back the way a receiver does: shares nothing with the code that writes it.
 * Throws where the line is not one.
 */
export interface LeefEvent {
  /** Version, vendor, product, version, event id. */
  header: string[];
  delimiter: string;
  attributes: Record<string, string>;
}

const HEADER_FIELDS = 5;
/** A tab where the header names none (IBM, LEEF event components). */
const DEFAULT_DELIMITER = '\t';

export function readLeef(line: string): LeefEvent {
  if (/[\r\n\u0085\u2028\u2029]/.test(line)) throw new Error('more than one line');
  const header: string[] = [];
  let at = 0;
  while (header.length < HEADER_FIELDS) {
    const end = line.indexOf('|', at);
    if (end < 0) throw new Error('a header that does not end');
    header.push(line.slice(at, end));
    at = end + 1;
  }
  if (header[0] !== 'LEEF:2.0') throw new Error(`version ${header[0]}`);
  const end = line.indexOf('|', at);
  if (end < 0) throw new Error('no delimiter');
  const delimiter = delimiterNamed(line.slice(at, end));
  return { header, delimiter, attributes: readPairs(line.slice(end + 1), delimiter) };
}

function delimiterNamed(name: string): string {
  if (name === '') return DEFAULT_DELIMITER;
  const hex = /^(?:0x|x)([0-9A-Fa-f]{1,4})$/.exec(name)?.[1];
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  if (name.length !== 1) throw new Error(`delimiter ${name}`);
  return name;
}

function readPairs(text: string, delimiter: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of text.split(delimiter)) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, equals);
    if (equals < 0 || !/^[A-Za-z0-9]+$/.test(key)) throw new Error(`no pair: ${pair}`);
    if (Object.hasOwn(found, key)) throw new Error(`${key} stands twice`);
    found[key] = pair.slice(equals + 1);
  }
  return found;
}
