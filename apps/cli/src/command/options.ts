/** Parsers of option values: what does not fit is a USAGE error that names the option. */
import { CliError } from '../error.ts';

/** A whole number from `min` to `max`. */
export function wholeNumber(option: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new CliError('USAGE', `${option} must be a whole number from ${min} to ${max}`);
  };
}

const NS_DIGITS_MAX = 24;

/** Unix nanoseconds as decimal text. */
export function nanoseconds(option: string): (text: string) => bigint {
  return (text) => {
    if (/^\d+$/.test(text) && text.length <= NS_DIGITS_MAX) return BigInt(text);
    throw new CliError('USAGE', `${option} must be unix nanoseconds, such as 1764090000000000000`);
  };
}

/** A page of the dashboard, with its query. */
export function pagePath(text: string): string {
  if (/^\/(?!\/)[!-~]*$/.test(text)) return text;
  throw new CliError('USAGE', '--to must be a path of the dashboard, such as /alerts');
}

/** For options that may be given several times. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** One of a list of words. */
export function oneOf<T extends string>(option: string, words: readonly T[]): (text: string) => T {
  return (text) => {
    if ((words as readonly string[]).includes(text)) return text as T;
    throw new CliError('USAGE', `${option} must be one of ${words.join(', ')}`);
  };
}
