/** The sections that the pages of connectors show are ones that a collector would start with. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { configureConnector, connectorTypes } from '../../connectors/registry.ts';

/** Each block of YAML that is a configuration of connectors. */
function sectionsOf(page: string): Record<string, unknown>[] {
  const blocks = [...page.matchAll(/```yaml\n(connectors:\n.*?)```/gs)];
  return blocks.map(([, text]) => (parse(text!) as { connectors: object }).connectors) as never;
}

describe('the page of each connector', () => {
  for (const type of Object.keys(connectorTypes)) {
    it(`${type} shows settings that are accepted`, () => {
      const url = new URL(`../../connectors/${type}/README.md`, import.meta.url);
      const sections = sectionsOf(readFileSync(url, 'utf8'));
      assert.ok(sections.length > 0);
      for (const section of sections) {
        for (const [name, raw] of Object.entries(section)) {
          assert.equal(configureConnector(name, raw).type, type);
        }
      }
    });
  }
});
