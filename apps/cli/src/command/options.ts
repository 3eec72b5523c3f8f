/** Parsers of option values: what does not fit is a USAGE error that names the option. */
import { EDR_DEVICE_ID_CHARS_MAX } from '@vitrine/schema';
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

/** A time as RFC 3339 or unix nanoseconds; as unix nanoseconds. */
export function moment(option: string): (text: string) => string {
  return (text) => {
    if (/^\d{1,19}$/.test(text)) return text;
    const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
    if (ms >= 0) return String(BigInt(ms) * NS_PER_MS);
    const example = '2026-11-28T14:03:00Z';
    throw new CliError('USAGE', `${option} must be a time such as ${example}, or unix nanoseconds`);
  };
}

const NS_PER_MS = 1_000_000n;

const NS_PER_UNIT: Record<string, bigint> = {
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};

/** A length of time as a person says it, in nanoseconds. */
export function lengthOfTime(option: string): (text: string) => bigint {
  return (text) => {
    const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
    if (count !== undefined && unit !== undefined) return BigInt(count) * NS_PER_UNIT[unit]!;
    throw new CliError('USAGE', `${option} must be a length of time such as 30m, 24h or 7d`);
  };
}

/** `VENDOR:ID`: what an EDR calls a host. */
export function edrDevice(text: string): { vendor: string; device_id: string } {
  const [, vendor, id] = /^([a-z0-9_-]{1,63}):([!-~]+)$/.exec(text) ?? [];
  if (vendor !== undefined && id !== undefined && id.length <= EDR_DEVICE_ID_CHARS_MAX) {
    return { vendor, device_id: id };
  }
  const message = '--edr must be VENDOR:ID, such as crowdstrike:0f3c9a, without blanks';
  throw new CliError('USAGE', message);
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

/** An http or https URL; without a slash at its end. */
export function baseUrl(option: string): (text: string) => string {
  return (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol === 'http:' || url?.protocol === 'https:') return text.replace(/\/+$/, '');
    throw new CliError('USAGE', `${option} must be a URL such as http://127.0.0.1:4318`);
  };
}
