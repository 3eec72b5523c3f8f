/**
 * JSON of hostile text (LOG.md §1 and §4): the engine's own parser, behind a scan for what that
 * lets pass and we do not, and the canonical text of a record (RFC 8785).
 */
import { JSON_DEPTH_MAX, type Json, type JsonObject } from '@vitrine/schema/record';
import { ChainError, type ChainErrorCode } from '../error.ts';
import { isObject, recordBytes } from './bytes.ts';

/** The rest of a string, some at a time: an engine remembers each turn of a group. */
const REST_OF_STRING = /[^"\\]*(?:\\.[^"\\]*){0,1000}/sy;
const INTEGER = /(?!-0)-?(?:0|[1-9][0-9]*)(?![0-9.eE])/y;
const COLON = /[ \t\r\n]*:/y;
const NOT_ASCII = /[^\x00-\x7f]/;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function decodeUtf8(bytes: Uint8Array, code: ChainErrorCode): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new ChainError(code, 'not UTF-8');
  }
}

/** A name of an object as it stands in the text, from its quote to behind the other. */
interface Name {
  at: number;
  end: number;
  name: string;
}

/** Throws `code`; RECORD_INVALID for a level beyond `depthMax` in what was JSON up to there. */
export function parseJson(
  text: string,
  code: ChainErrorCode,
  { depthMax = Infinity, valuesMax = Infinity } = {},
): Json {
  const names = scan(text, code, depthMax, valuesMax);
  if (!names.some(({ at, end, name }) => end - at !== name.length + 2)) return parse(text, code);
  // V8 may take an escaped name for another that it saw before (13.6, in Node 24): numbers instead.
  let rest = 0;
  const numbered = names.map(({ at, end }, i) => {
    const before = text.slice(rest, at);
    rest = end;
    return `${before}"${i}"`;
  });
  return parse(numbered.join('') + text.slice(rest), code, names);
}

/** The value with each number replaced by the name that has it. */
function named(value: Json, names: Name[]): Json {
  if (Array.isArray(value)) return value.map((item) => named(item, names));
  if (!isObject(value)) return value;
  const members = Object.entries(value);
  return Object.fromEntries(members.map(([i, item]) => [names[+i]!.name, named(item, names)]));
}

/** With `names`, the text has their numbers instead. */
function parse(text: string, code: ChainErrorCode, names?: Name[]): Json {
  try {
    const value = JSON.parse(text) as Json;
    return names ? named(value, names) : value;
  } catch {
    throw new ChainError(code, 'not JSON');
  }
}

/**
 * Finds all names. Refuses those that repeat, numbers that are no integers, and more values than
 * memory should hold. That brackets and commas are in their places is left to the parser.
 */
function scan(text: string, code: ChainErrorCode, depthMax: number, valuesMax: number): Name[] {
  const found: Name[] = [];
  /** Names in each object that is open; an array has none. */
  const open: (Set<string> | undefined)[] = [];
  const refuse = (what: string) => new ChainError(code, what);
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!;
    if (c === '"') {
      const end = endOfString(text, at);
      const names = open.at(-1);
      if (names && matchAt(COLON, text, end)) {
        const name = parse(text.slice(at, end), code) as string;
        if (names.has(name)) throw refuse(`the member ${name} is there twice`);
        names.add(name);
        found.push({ at, end, name });
      }
      at = end - 1;
    } else if (c === '-' || (c >= '0' && c <= '9')) {
      const digits = matchAt(INTEGER, text, at);
      if (!digits) throw refuse(`not an integer at character ${at}`);
      at += digits.length - 1;
    } else if (c === '{' || c === '[') {
      if (open.length === depthMax) {
        const closed = open.map((names) => (names ? '}' : ']')).reverse();
        parse(`${text.slice(0, at)}0${closed.join('')}`, code);
        throw new ChainError('RECORD_INVALID', `nested deeper than ${depthMax}`);
      }
      open.push(c === '{' ? new Set() : undefined);
    } else if (c === '}' || c === ']') open.pop();
    const isNext = c === ',' || c === '{' || c === '[';
    if (isNext && ++values > valuesMax) throw refuse('too many values for its length');
  }
  return found;
}

/** Behind the quote that ends the string which begins at `at`. */
function endOfString(text: string, at: number): number {
  let end = at + 1;
  do end += matchAt(REST_OF_STRING, text, end)!.length;
  while (text[end] === '\\' && end + 1 < text.length);
  return end + 1;
}

function matchAt(form: RegExp, text: string, at: number): string | undefined {
  form.lastIndex = at;
  return form.exec(text)?.[0];
}

/**
 * An object from its canonical text. RECORD_MALFORMED: not JSON. RECORD_INVALID: a value that no
 * record may hold, or nested too deep. RECORD_NOT_CANONICAL: not the canonical text of its value.
 */
export function parseCanonicalText(text: string): JsonObject {
  const known = canonicalAtOnce(text);
  if (known) return known;
  const value = parseJson(text, 'RECORD_MALFORMED', { depthMax: JSON_DEPTH_MAX });
  if (!isObject(value)) throw new ChainError('RECORD_INVALID', 'not a JSON object');
  const found = 'a key that is not allowed, or an integer beyond 2^53 - 1';
  if (!isPlain(value, false, true)) throw new ChainError('RECORD_INVALID', found);
  if (written(value) === text) return value;
  const odd = 'white space, keys out of order, or an escape without need';
  throw new ChainError('RECORD_NOT_CANONICAL', odd);
}

/** Almost every record: the engine writes the same text again, and its keys are in order. */
function canonicalAtOnce(text: string): JsonObject | undefined {
  // Without these, keys are ASCII and no string has a lone surrogate.
  const isUnusual = recordBytes(text) !== text.length || text.includes('\\ud');
  try {
    const value = JSON.parse(text) as Json;
    const known = isObject(value) && isPlain(value, true, isUnusual);
    if (known && JSON.stringify(value) === text) return value;
  } catch {}
  return undefined;
}

/** What a record may hold, nested no deeper than allowed; perhaps with the keys in order. */
function isPlain(value: Json, sorted: boolean, unusual: boolean, depth = 1): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value === 'string') return !unusual || value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth > JSON_DEPTH_MAX) return false;
  if (Array.isArray(value)) return value.every((x) => isPlain(x, sorted, unusual, depth + 1));
  let before = '';
  for (const key in value) {
    const fits = (!sorted || key > before) && key !== '__proto__';
    if (!fits || (unusual && NOT_ASCII.test(key))) return false;
    if (!isPlain(value[key]!, sorted, unusual, depth + 1)) return false;
    before = key;
  }
  return true;
}

/** The engine puts keys that are integers before all others: it does not keep the order of text. */
function written(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(written).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${written(value[key]!)}`).join()}}`;
}
