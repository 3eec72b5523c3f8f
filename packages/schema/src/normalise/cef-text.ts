/**
 * How a line of ArcSight's Common Event Format is written. Nothing in a value can end its field,
 * its line or the header.
 */
import { cutTo } from './line-fit.ts';

/** A header field: `\` and `|` are escaped, and there is no way to write a line break. */
export function cefHeader(text: string, charsMax: number): string {
  const shown = text.replace(LINE_BREAKS, ' ').replace(UNSEEN, '\ufffd');
  return cutTo(shown, charsMax).replace(/[\\|]/g, '\\$&');
}

/** The value of an extension: `\` and `=` are escaped, line breaks are written as letters. */
export function cefValue(text: string): string {
  return text
    .replace(/[\\=]/g, '\\$&')
    .replace(/\r\n|[\n\u0085\u2028\u2029]/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(UNSEEN, '\ufffd')
    .trim();
}

export const LINE_BREAKS = /[\r\n\u0085\u2028\u2029]+/g;
/** Controls that receivers end a message at or that a terminal obeys; tab stays. */
export const UNSEEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]/g;
