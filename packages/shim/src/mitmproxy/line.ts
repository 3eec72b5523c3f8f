/**
 * One line of the mitmproxy addon: JSON whose values are checked one by one. It comes through a
 * socket that others on this machine may find, so nothing in it is taken on trust.
 */
import { isObject, type JsonObject } from '@vitrine/schema';

/** The protocol between addon and shim; the addon refuses another. */
export const LINE_VERSION = 1;
const TEXT_CHARS_MAX = 8_192;
const LIST_MAX = 256;
/** 16 digits of a time are the year 1970, 20 are beyond 64 bits. */
const NANOS = /^\d{16,19}$/;
const FINGERPRINT = /^[0-9a-f]{32}$/;
const PORT_MAX = 65_535;

export class Line {
  readonly #said: JsonObject;

  private constructor(said: JsonObject) {
    this.#said = said;
  }

  /** `undefined` for what is no line of this version. */
  static of(frame: Buffer): Line | undefined {
    try {
      const said: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(frame));
      return isObject(said) && said.v === LINE_VERSION ? new Line(said) : undefined;
    } catch {
      return undefined;
    }
  }

  text(name: string): string {
    return textOf(this.#at(name));
  }

  texts(name: string): string[] {
    const value = this.#at(name);
    return Array.isArray(value) ? value.slice(0, LIST_MAX).map(textOf).filter(Boolean) : [];
  }

  /** A whole number that is not negative. */
  count(name: string): number | undefined {
    const value = this.#at(name);
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
      ? value
      : undefined;
  }

  port(name: string): number | undefined {
    const port = this.count(name);
    return port !== undefined && port <= PORT_MAX ? port : undefined;
  }

  flag(name: string): boolean {
    return this.#at(name) === true;
  }

  /** Unix nanoseconds. */
  time(name: string): string | undefined {
    const value = this.text(name);
    return NANOS.test(value) ? value : undefined;
  }

  objects(name: string): Line[] {
    const value = this.#at(name);
    if (!Array.isArray(value)) return [];
    return value
      .slice(0, LIST_MAX)
      .filter(isObject)
      .map((each) => new Line(each));
  }

  pairs(name: string): [string, string][] {
    const value = this.#at(name);
    if (!isObject(value)) return [];
    return Object.entries(value)
      .slice(0, LIST_MAX)
      .map(([key, each]) => [key, textOf(each)]);
  }

  fingerprint(name: string): string | undefined {
    const value = this.text(name);
    return FINGERPRINT.test(value) ? value : undefined;
  }

  fingerprints(name: string): string[] {
    return this.texts(name).filter((each) => FINGERPRINT.test(each));
  }

  #at(name: string): unknown {
    return Object.hasOwn(this.#said, name) ? this.#said[name] : undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, TEXT_CHARS_MAX).toWellFormed() : '';
}
