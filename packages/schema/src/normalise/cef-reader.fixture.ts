/**
 * Reads a CEF line back, character by character, the way a receiver does: shares nothing with the
 * code that writes it. Throws where the line is not one.
 */
export interface CefEvent {
  /** Version, vendor, product, version, class, name, severity. */
  header: string[];
  extension: Record<string, string>;
}

const HEADER_FIELDS = 7;

export function readCef(line: string): CefEvent {
  if (/[\r\n\u0085\u2028\u2029]/.test(line)) throw new Error('more than one line');
  const header: string[] = [];
  let field = '';
  let at = 0;
  for (; at < line.length && header.length < HEADER_FIELDS; at += 1) {
    const character = line[at]!;
    if (character === '\\') {
      const next = line[++at];
      if (next !== '\\' && next !== '|') throw new Error(`header: \\${next}`);
      field += next;
    } else if (character === '|') {
      header.push(field);
      field = '';
    } else field += character;
  }
  if (header.length < HEADER_FIELDS) throw new Error('a header that does not end');
  return { header, extension: readExtension(line.slice(at)) };
}

/** A key is the last word before a `=` that nothing escapes. */
function readExtension(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  let key: string | undefined;
  let value = '';
  const end = (): void => {
    if (key === undefined) return;
    if (Object.hasOwn(found, key)) throw new Error(`${key} stands twice`);
    found[key] = value;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '\\') {
      const next = text[++at];
      const meant = { '\\': '\\', '=': '=', n: '\n', r: '\r' }[next ?? ''];
      if (meant === undefined) throw new Error(`extension: \\${next}`);
      value += meant;
    } else if (character === '=') {
      const [, before, word] = /^(.*?)(?:^| )([A-Za-z0-9_]+)$/s.exec(value) ?? [];
      if (word === undefined) throw new Error(`no key before = at ${at}`);
      value = before!;
      if (key === undefined && value !== '') throw new Error('text before the first key');
      end();
      key = word;
      value = '';
    } else value += character;
  }
  end();
  return found;
}
