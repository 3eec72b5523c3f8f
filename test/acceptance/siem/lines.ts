/**
 * Lines of CEF 0 ("Implementing ArcSight Common Event Format", §"CEF Specification") and LEEF 2.0
 * ("LEEF event components"), read as a receiver reads them. Throws where a line is not one.
 */

export interface Line {
  /** Vendor, product, version, event id, and for CEF name and severity. */
  header: string[];
  fields: Map<string, string>;
}

const CEF_HEADER_FIELDS = 7;
const LEEF_HEADER_FIELDS = 5;
const EXTENSION_ESCAPES: Record<string, string> = { '\\': '\\', '=': '=', n: '\n', r: '\r' };

export function readCef(line: string): Line {
  assertOneLine(line);
  const fields: string[] = [];
  let field = '';
  let at = 0;
  for (; fields.length < CEF_HEADER_FIELDS; at++) {
    const sign = line[at];
    if (sign === undefined) throw new Error(`a header that does not end: ${line}`);
    if (sign === '|') fields.push(field);
    else field += sign === '\\' ? line[++at] : sign;
    if (sign === '|') field = '';
  }
  const [version, ...header] = fields;
  if (version !== 'CEF:0') throw new Error(`no CEF: ${version}`);
  return { header, fields: cefFields(line.slice(at)) };
}

/** A value ends where a blank and a word stand before a `=` that nothing escapes. */
function cefFields(text: string): Map<string, string> {
  const keys = [...text.matchAll(/(?:^| )(\w+)=/g)].filter(({ index }) => {
    return index === 0 || text[index - 1] !== '\\';
  });
  if (keys[0]?.index !== 0) throw new Error(`no key at the beginning: ${text}`);
  const pairs = keys.map(({ index, 0: found, 1: key }, i): [string, string] => {
    const raw = text.slice(index + found.length, keys[i + 1]?.index ?? text.length);
    if (/(?:^|[^\\])(?:\\\\)*=/.test(raw)) throw new Error(`a bare = in ${key}: ${raw}`);
    return [key!, raw.replace(/\\(.)/g, (_, escaped: string) => EXTENSION_ESCAPES[escaped]!)];
  });
  return unique(pairs);
}

export function readLeef(line: string): Line {
  assertOneLine(line);
  const [version, ...rest] = line.split('|');
  if (version !== 'LEEF:2.0') throw new Error(`no LEEF: ${version}`);
  const header = rest.slice(0, LEEF_HEADER_FIELDS - 1);
  const delimiter = rest[LEEF_HEADER_FIELDS - 1] ?? '';
  const hex = /^0?x([0-9a-f]{2,4})$/i.exec(delimiter)?.[1];
  const between = hex === undefined ? delimiter : String.fromCharCode(Number.parseInt(hex, 16));
  if (between.length !== 1) throw new Error(`no delimiter: ${delimiter}`);
  const text = rest.slice(LEEF_HEADER_FIELDS).join('|');
  const pairs = text.split(between).map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new Error(`no pair: ${pair}`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return { header, fields: unique(pairs) };
}

function assertOneLine(line: string): void {
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(line)) throw new Error('a control character');
}

function unique(pairs: [string, string][]): Map<string, string> {
  const fields = new Map(pairs);
  if (fields.size !== pairs.length) throw new Error(`a key stands twice: ${pairs.join(' ')}`);
  return fields;
}
