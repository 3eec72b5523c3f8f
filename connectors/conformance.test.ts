import { readFileSync } from 'node:fs';
import type { ConnectorSample } from './kit/conformance/bench.ts';
import { conformance } from './kit/conformance/suite.ts';
import { connectorTypes } from './registry.ts';

for (const [name, type] of Object.entries(connectorTypes)) {
  const path = new URL(`${name}/golden/sample.json`, import.meta.url);
  const sample = JSON.parse(readFileSync(path, 'utf8')) as ConnectorSample;
  // Streams speak no HTTP: each has its own receiver, test/kafka and test/interop.
  if ('proxy' in type.schema.shape) conformance(type, sample);
}
