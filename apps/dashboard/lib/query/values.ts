/** Values to offer for a field: those that are fixed, and those of rows that are at hand. */

import type { EventItem } from '@vitrine/schema/api';
import { fieldOf, pathsOf, SEVERITY_WORDS } from '@vitrine/schema/query';
import { EVENT_KINDS, readPath, VANTAGES } from '@vitrine/schema/record';

const FIXED: Record<string, readonly string[]> = {
  kind: [...EVENT_KINDS],
  vantage: VANTAGES,
  severity: [...SEVERITY_WORDS].reverse(),
  time: ['now-15m', 'now-1h', 'now-24h'],
  observed: ['now-15m', 'now-1h', 'now-24h'],
};

/** Rows that are looked at: a suggestion must come at once. */
const ROWS_MAX = 500;
const VALUE_CHARS_MAX = 120;

/** The most frequent first. */
export function valuesIn(items: readonly EventItem[], name: string): readonly string[] {
  const field = fieldOf(name);
  if (field === undefined) return [];
  const fixed = Object.hasOwn(FIXED, name) ? FIXED[name]! : [];
  const counts = new Map<string, number>();
  for (const item of items.slice(-ROWS_MAX)) {
    for (const value of valuesOf(
      item,
      field.column,
      field.paths === undefined ? [] : pathsOf(field),
    )) {
      if (value === '' || value.length > VALUE_CHARS_MAX) continue;
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  const seen = [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value);
  // Of times and places no single one is worth an offer.
  const isOffered = field.type === 'text' || field.type === 'member';
  return [...new Set([...(isOffered ? seen : []), ...fixed])];
}

function valuesOf(item: EventItem, column: string | undefined, paths: readonly string[]): string[] {
  if (column !== undefined) {
    const value = (item as unknown as Record<string, unknown>)[column];
    return typeof value === 'string' ? [value] : [];
  }
  return paths.flatMap((path) => {
    const value = readPath(item.record, path);
    const list = Array.isArray(value) ? value : [value];
    return list.filter((one) => ['string', 'number', 'boolean'].includes(typeof one)).map(String);
  });
}
