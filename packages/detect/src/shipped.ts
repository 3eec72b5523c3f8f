/** The rules that come with this package: `rules/<ID>.yml`. */
import { readdirSync, readFileSync } from 'node:fs';
import type { RuleFile } from './rule.ts';

export const SHIPPED_RULES = new URL('../rules/', import.meta.url);

/** In order of their ids. */
export function shippedRules(): RuleFile[] {
  const names = readdirSync(SHIPPED_RULES).filter((name) => name.endsWith('.yml'));
  return names.sort().map((name) => {
    return { name, text: readFileSync(new URL(name, SHIPPED_RULES), 'utf8') };
  });
}
