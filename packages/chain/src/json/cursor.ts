/**
 * Reads JSON tokens from hostile text. Refuses what LOG.md §1 does not call JSON (fractions,
 * exponents, `-0`) and remembers the first thing that is JSON but not canonical (RFC 8785), so that
 * one pass answers both questions.
 */
import { ChainError, type ChainErrorCode } from '../error.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SLASH = 0x2f;
const SPACE = 0x20;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
/** `b`, `f`, `n`, `r` and `t`: with quote and backslash all that RFC 8785 §3.2.2.2 shortens. */
const SHORT_ESCAPES = new Set([0x62, 0x66, 0x6e, 0x72, 0x74]);
const UNICODE_ESCAPE = /u[0-9A-Fa-f]{4}/y;
/** What RFC 8785 writes as `\u00xx`: control characters that have no short escape. */
const CANONICAL_UNICODE_ESCAPE = /u00(?:0[0-7bef]|1[0-9a-f])/y;
const SURROGATE_ESCAPE = /^u[Dd][89A-Fa-f]$/;
const FOUND_CHARS = 20;

export interface Deviation {
  code: 'RECORD_NOT_CANONICAL' | 'RECORD_INVALID';
  message: string;
}

export class JsonCursor {
  readonly text: string;
  at = 0;
  /** The first thing that keeps this text from being a canonical record. */
  deviation: Deviation | undefined;
  readonly #code: ChainErrorCode;
  #surrogateEscapes = 0;

  /** `code` is the code of every error thrown for text that is not JSON. */
  constructor(text: string, code: ChainErrorCode) {
    this.text = text;
    this.#code = code;
  }

  malformed(message: string): ChainError {
    return new ChainError(this.#code, `${message} at character ${this.at}`);
  }

  deviate(code: Deviation['code'], message: string): void {
    this.deviation ??= { code, message: `${message} at character ${this.at}` };
  }

  /** Code of the next character that is no white space; NaN at the end. */
  peek(): number {
    let c = this.text.charCodeAt(this.at);
    if (c > SPACE) return c;
    while (c === SPACE || c === 0x0a || c === 0x0d || c === 0x09) {
      this.deviate('RECORD_NOT_CANONICAL', 'white space');
      c = this.text.charCodeAt(++this.at);
    }
    return c;
  }

  /** Takes `character` if it is next. */
  take(character: string): boolean {
    if (this.peek() !== character.charCodeAt(0)) return false;
    this.at++;
    return true;
  }

  expect(character: string): void {
    if (this.take(character)) return;
    throw this.malformed(`expected ${character}, found ${this.#found()}`);
  }

  word(word: 'true' | 'false' | 'null'): void {
    if (!this.text.startsWith(word, this.at)) throw this.malformed('not a JSON value');
    this.at += word.length;
  }

  end(): void {
    if (!Number.isNaN(this.peek())) throw this.malformed(`text after the end: ${this.#found()}`);
  }

  string(): string {
    this.peek();
    const start = this.at;
    const escaped = this.#scan();
    // The literal has been checked; the engine only unescapes it.
    const { text, at } = this;
    return escaped ? (JSON.parse(text.slice(start, at)) as string) : text.slice(start + 1, at - 1);
  }

  /** A string that is not empty and can be written as UTF-8 again. */
  wellFormedString(): string {
    const text = this.string();
    if (text === '' || !text.isWellFormed()) throw this.malformed('no text of UTF-8');
    return text;
  }

  /** Passes over what `wellFormedString` would read, without taking memory for it. */
  skipWellFormedString(): void {
    this.peek();
    const start = this.at;
    const escapes = this.#surrogateEscapes;
    this.#scan();
    const { at } = this;
    if (this.#surrogateEscapes > escapes) {
      this.at = start;
      this.wellFormedString();
    } else if (at === start + 2) {
      throw this.malformed('no text of UTF-8');
    }
  }

  /** Any size; the caller decides what is too large. */
  integer(): number {
    const { text } = this;
    let i = this.at;
    if (text.charCodeAt(i) === MINUS) i++;
    const digits = i;
    while (isDigit(text.charCodeAt(i))) i++;
    const next = text[i];
    const leadingZero = text.charCodeAt(digits) === DIGIT_0 && i > digits + 1;
    if (i === digits || leadingZero) throw this.malformed(`not a number: ${this.#found()}`);
    if (next === '.' || next === 'e' || next === 'E') throw this.malformed('not an integer');
    const value = Number(text.slice(this.at, i));
    if (Object.is(value, -0)) throw this.malformed('minus zero');
    this.at = i;
    return value;
  }

  /** Passes over a string; `true` if it has escapes. */
  #scan(): boolean {
    const { text } = this;
    if (text.charCodeAt(this.at) !== QUOTE) {
      throw this.malformed(`expected a string, found ${this.#found()}`);
    }
    let i = this.at + 1;
    let escaped = false;
    for (;;) {
      const c = text.charCodeAt(i);
      if (c === QUOTE) break;
      if (c === BACKSLASH) {
        escaped = true;
        i = this.#escape(i + 1);
      } else if (c >= SPACE) {
        i++;
      } else {
        this.at = i;
        throw this.malformed('a string that does not end');
      }
    }
    this.at = i + 1;
    return escaped;
  }

  /** `i` is behind the backslash; returns where the string goes on. */
  #escape(i: number): number {
    const { text } = this;
    const c = text.charCodeAt(i);
    if (c === QUOTE || c === BACKSLASH || SHORT_ESCAPES.has(c)) return i + 1;
    if (c === SLASH) {
      this.deviate('RECORD_NOT_CANONICAL', 'an escape without need');
      return i + 1;
    }
    UNICODE_ESCAPE.lastIndex = i;
    if (!UNICODE_ESCAPE.test(text)) throw this.malformed('an unknown escape');
    CANONICAL_UNICODE_ESCAPE.lastIndex = i;
    if (!CANONICAL_UNICODE_ESCAPE.test(text)) {
      this.deviate('RECORD_NOT_CANONICAL', 'an escape without need');
    }
    if (SURROGATE_ESCAPE.test(text.slice(i, i + 3))) this.#surrogateEscapes++;
    return i + 5;
  }

  #found(): string {
    return this.text.slice(this.at, this.at + FOUND_CHARS) || 'the end';
  }
}

function isDigit(c: number): boolean {
  return c >= DIGIT_0 && c <= DIGIT_9;
}
