/**
 * How a line of LEEF 2.0 is written. The format has no escapes: what would end a field is replaced,
 * and the delimiter is one that no value has.
 */
import { LINE_BREAKS, UNSEEN } from './cef-text.ts';
import { cutTo } from './line-fit.ts';

/**
 * Printable, for relays such as rsyslog rewrite a tab, which is the default; the first is the one
 * of IBM's own examples.
 */
const DELIMITERS = ['^', '~', '`'] as const;

/** A header field: a `|` would end it. */
export function leefHeader(text: string, charsMax: number): string {
  return cutTo(shown(text).trim(), charsMax).replaceAll('|', '/');
}

/** A value before its delimiter is known. */
export function leefValue(text: string): string {
  return shown(text).trim();
}

/** The delimiter of these values; the first, where every one stands in some value. */
export function delimiterOf(values: readonly string[]): string {
  const free = DELIMITERS.find((mark) => values.every((value) => !value.includes(mark)));
  return free ?? DELIMITERS[0];
}

/** `key=value` that ends where it should. */
export function leefPair(key: string, value: string, delimiter: string): string {
  return `${key}=${value.replaceAll(delimiter, '\ufffd')}`;
}

function shown(text: string): string {
  const whole = text.toWellFormed().replace(LINE_BREAKS, ' ').replaceAll('\t', ' ');
  return whole.replace(UNSEEN, '\ufffd');
}
