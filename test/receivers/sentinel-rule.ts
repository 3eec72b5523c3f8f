/** What a data collection rule that was made with the ready template declares. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

export const SENTINEL_STREAM = 'Custom-VitrineAlerts_CL';
const TEMPLATE = new URL('../../connectors/sentinel/table.json', import.meta.url);

interface Declared {
  columns: { name: string }[];
}

/** The stream's columns: Azure drops every other one without a word. */
export function declaredColumns(): string[] {
  const { resources } = JSON.parse(readFileSync(TEMPLATE, 'utf8')) as {
    resources: { properties: { streamDeclarations?: Record<string, Declared> } }[];
  };
  const declared = resources.flatMap(({ properties }) => {
    return properties.streamDeclarations?.[SENTINEL_STREAM] ?? [];
  });
  assert.equal(declared.length, 1);
  return declared[0]!.columns.map(({ name }) => name);
}
