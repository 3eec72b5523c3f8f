/** The golden files of test/vectors/normalise: every sample in one dialect, a file each. */
import { DIALECTS, type Dialect, normalise } from './index.ts';
import { sampleEntries } from './samples.fixture.ts';

export { DIALECTS };

export function goldenFile(dialect: Dialect): URL {
  return new URL(`../../../../test/vectors/normalise/${dialect}.json`, import.meta.url);
}

export function goldenText(dialect: Dialect): string {
  const made = Object.entries(sampleEntries()).map(([name, entry]) => [
    name,
    normalise(entry, dialect),
  ]);
  return `${JSON.stringify(Object.fromEntries(made), null, 1)}\n`;
}
