/**
 * Sigma's string values: wildcards `*` and `?`, escaped with a backslash (Sigma rules specification
 * 2.1.0, "Escaping"), matched without regard to case unless said otherwise. Time is at most the
 * product of both lengths, whatever the pattern.
 */
export type TextTest = (text: string) => boolean;

const ANY = Symbol('*');
const ONE = Symbol('?');
type Token = string | typeof ANY | typeof ONE;

export interface PatternOptions {
  cased: boolean;
  /** `contains`, `startswith` and `endswith` put a wildcard on one side or on both. */
  anyBefore: boolean;
  anyAfter: boolean;
}

/** Literal texts and wildcards of a Sigma string. */
export function parsePattern(text: string): Token[] {
  const tokens: Token[] = [];
  let literal = '';
  const close = (token: Token): void => {
    if (literal !== '') tokens.push(literal);
    literal = '';
    tokens.push(token);
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    const next = text[i + 1];
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next;
      i++;
    } else if (char === '*') close(ANY);
    else if (char === '?') close(ONE);
    else literal += char;
  }
  if (literal !== '') tokens.push(literal);
  return tokens;
}

/** The text of a pattern that has no wildcard; `undefined` for one that has. */
export function literalOf(text: string): string | undefined {
  const tokens = parsePattern(text);
  return tokens.every((token) => typeof token === 'string') ? tokens.join('') : undefined;
}

export function compilePattern(text: string, options: PatternOptions): TextTest {
  return compileTokens(parsePattern(text), options);
}

/** As `compilePattern`, for a text in which no character is a wildcard. */
export function compileLiteral(text: string, options: PatternOptions): TextTest {
  return compileTokens(text === '' ? [] : [text], options);
}

/** True for each of these texts, whole; `undefined` when one of them has a wildcard. */
export function compileAnyOf(texts: string[], cased: boolean): TextTest | undefined {
  const fold = cased ? (text: string): string => text : folded;
  const known = new Set<string>();
  for (const text of texts) {
    const literal = literalOf(text);
    if (literal === undefined) return undefined;
    known.add(fold(literal));
  }
  return (text) => known.has(fold(text));
}

function compileTokens(parsed: Token[], options: PatternOptions): TextTest {
  const { cased, anyBefore, anyAfter } = options;
  const fold = cased ? (text: string): string => text : folded;
  const tokens = parsed.map((token) => (typeof token === 'string' ? fold(token) : token));
  if (anyBefore) tokens.unshift(ANY);
  if (anyAfter) tokens.push(ANY);
  const test = shortTest(tokens) ?? piecesTest(tokens) ?? globTest(tokens);
  return (text) => test(fold(text));
}

/** A list of values is compared with one text after the other: the last one is kept. */
let asked = '';
let answer = '';

function folded(text: string): string {
  if (text !== asked) {
    asked = text;
    answer = text.toLowerCase();
  }
  return answer;
}

/** The common shapes, by the engine's own string search. */
function shortTest(tokens: Token[]): TextTest | undefined {
  const [first, second, third] = tokens;
  if (tokens.length === 0) return (text) => text === '';
  if (tokens.length === 1) {
    if (typeof first === 'string') return (text) => text === first;
    return first === ANY ? () => true : undefined;
  }
  if (tokens.length === 2 && typeof first === 'string' && second === ANY) {
    return (text) => text.startsWith(first);
  }
  if (tokens.length === 2 && first === ANY && typeof second === 'string') {
    return (text) => text.endsWith(second);
  }
  if (tokens.length === 3 && first === ANY && typeof second === 'string' && third === ANY) {
    return (text) => text.includes(second);
  }
  return undefined;
}

/** Without `?`: the texts between the `*`, each at its first place behind the one before. */
function piecesTest(tokens: Token[]): TextTest | undefined {
  if (tokens.includes(ONE)) return undefined;
  const head = typeof tokens[0] === 'string' ? tokens[0] : '';
  const last = tokens.at(-1);
  const tail = typeof last === 'string' ? last : '';
  const from = head === '' ? 0 : 1;
  const to = tail === '' ? tokens.length : -1;
  const middle = tokens.slice(from, to).filter((token) => typeof token === 'string');
  return (text) => {
    const end = text.length - tail.length;
    if (end < head.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
    let at = head.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}

/** Greedy matching with one way back: to the last `*`, which takes one character more. */
function globTest(tokens: Token[]): TextTest {
  const pattern = tokens.flatMap((token): Token[] =>
    typeof token === 'string' ? [...token] : [token],
  );
  return (text) => {
    const chars = [...text];
    let p = 0;
    let star = -1;
    let resume = 0;
    for (let i = 0; i < chars.length; ) {
      const token = pattern[p];
      if (token === ANY) {
        star = p++;
        resume = i;
      } else if (token === ONE || (token !== undefined && token === chars[i])) {
        p++;
        i++;
      } else if (star >= 0) {
        p = star + 1;
        i = ++resume;
      } else return false;
    }
    while (pattern[p] === ANY) p++;
    return p === pattern.length;
  };
}
