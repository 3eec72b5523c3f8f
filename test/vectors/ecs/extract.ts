/**
 * Writes `fields.json`: of the Elastic Common Schema the facts that tests need, without its prose.
 * `node test/vectors/ecs/extract.ts ecs_flat.yml VERSION`
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Field {
  type: string;
  normalize?: string[];
  allowed_values?: { name: string; expected_event_types?: string[] }[];
}

const [file, version] = process.argv.slice(2);
const flat = parse(readFileSync(file!, 'utf8')) as Record<string, Field>;
const lines = Object.entries(flat).map(([name, { type, normalize, allowed_values }]) => {
  const array = normalize?.includes('array') ? true : undefined;
  const allowed = allowed_values?.map((value) => value.name);
  const types = allowed_values?.some((value) => value.expected_event_types)
    ? Object.fromEntries(allowed_values.map((value) => [value.name, value.expected_event_types]))
    : undefined;
  return `${JSON.stringify(name)}: ${JSON.stringify({ type, array, allowed, types })}`;
});
const text = `{\n"version": ${JSON.stringify(version)},\n"fields": {\n${lines.join(',\n')}\n}\n}\n`;
writeFileSync(new URL('fields.json', import.meta.url), text);
