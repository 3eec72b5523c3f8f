/** Reads the members of a rule's maps; what is of a wrong type is refused by name. */
import { DETECT_LATENESS_MS, DETECT_TIMESPAN_MS_MAX } from '@vitrine/schema';
import { compileDetection, type Detection } from './compile.ts';
import { durationOf } from './duration.ts';
import { invalid, tooLarge } from './error.ts';

export type Members = Record<string, unknown>;

export function mapOf(value: unknown, name: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw invalid(`${name} is not a map`);
}

export function noMore(rest: Members, name: string): void {
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw invalid(`${name}.${unknown} is not known`);
}

export function nameOf(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(`${name} is not a text`);
}

export function namesOf(value: unknown, name: string): string[] {
  const list = value ?? [];
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string' && item !== '')) {
    throw invalid(`${name} is not a list of texts`);
  }
  if (new Set(list).size !== list.length) throw invalid(`${name}: an entry stands twice`);
  return list;
}

/** One text, or a list of them. */
export function oneOrMore(value: unknown, name: string): string[] {
  const names = namesOf(Array.isArray(value) ? value : [value], name);
  if (names.length === 0) throw invalid(`${name}: the list is empty`);
  return names;
}

export function detectionOf(value: unknown, name: string): Detection {
  return compileDetection(mapOf(value, name));
}

export function timespanOf(value: unknown, name: string): number {
  const ms = durationOf(value, name);
  if (ms <= DETECT_TIMESPAN_MS_MAX) return ms;
  throw tooLarge(`${name} is longer than ${DETECT_TIMESPAN_MS_MAX / 86_400_000}d`);
}

/** How long a record may be on its way; `0s` for those that come in their order. */
export function latenessOf(value: unknown, name: string): number {
  if (value === undefined) return DETECT_LATENESS_MS;
  if (value === '0s') return 0;
  return timespanOf(value, name);
}

export function positiveOf(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw invalid(`${name} is not a number above 0`);
}
